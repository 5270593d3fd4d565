extension Costs {
  /// Everything streams: rows in, rows out, weights once.
  @inline(__always)
  func rows(_ shape: RowsCall, _ formats: CallFormats) -> Work {
    Work(
      vectorFLOPs: shape.flopsPerElement * shape.rows * shape.writeWidth,
      traffic: Traffic(
        streamingReads: shape.rows * shape.readWidth * formats.inputBytes + shape.weights * formats.smallBytes
          + shape.rows * shape.bytesPerRow,
        writes: shape.rows * shape.writeWidth * formats.outputBytes)
    ).beside(shape.compulsory(formats))
  }
}
