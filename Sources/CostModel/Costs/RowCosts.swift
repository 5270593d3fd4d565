/// A row-wise call of which nothing but the number of rows is missing.
struct StreamByRows: Sendable {
  let compulsory: CompulsoryByRows
  /// Bytes read of each row, and of weights.
  let read, weights: Double
  /// Bytes written of each row.
  let written: Double

  init(_ shape: RowsCall, _ formats: CallFormats) {
    compulsory = shape.compulsoryByRows(formats)
    read = shape.readWidth * formats.inputBytes + shape.bytesPerRow
    weights = shape.weights * formats.smallBytes
    written = shape.writeWidth * formats.outputBytes
  }
}

extension Costs {
  func rows(_ shape: RowsCall, _ formats: CallFormats) -> Work {
    stream(StreamByRows(shape, formats), rows: shape.rows)
  }

  /// Everything streams: rows in, rows out, weights once.
  @inline(__always)
  func stream(_ stream: StreamByRows, rows: Double) -> Work {
    let compulsory = stream.compulsory(rows)
    return Work(
      matmulFLOPs: compulsory.matmulFLOPs, vectorFLOPs: compulsory.vectorFLOPs,
      traffic: Traffic(
        streamingReads: rows * stream.read + stream.weights, writes: rows * stream.written)
    ).beside(compulsory)
  }
}
