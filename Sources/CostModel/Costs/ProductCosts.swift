extension Costs {
  /// Traffic of [rows, inputs] × [inputs, outputs] at each level.
  ///
  /// Output is cut into square tiles of edge t (see `Machine.productTile`): the left operand is read
  /// outputs/t times, the right one rows/t times, each at least once. Where the next level is shared, the
  /// smaller operand may also be cut into pieces that fill half of it while the other is streamed once a
  /// piece, which reads both once as soon as one fits: the cheaper of the two counts.
  @inline(__always)
  func product(_ shape: ProductCall, _ formats: CallFormats) -> Work {
    let (rows, outputs, inputs) = (shape.rows, shape.outputs, shape.inputs)
    let one = SIMD4<Double>(repeating: 1)
    let left = SIMD4(repeating: rows * inputs * formats.inputBytes)
    let right = SIMD4(repeating: inputs * outputs * formats.storedBytes)
    let tiled =
      left * elementwiseMax(one, outputs * inverseTile) + right * elementwiseMax(one, rows * inverseTile)
    let pieces = elementwiseMax(one, elementwiseMin(left, right) * machine.inverseHalfCapacity)
    let streamed = elementwiseMax(left, right) * pieces + elementwiseMin(left, right)
    let reads = elementwiseMin(tiled, streamed + machine.unlessShared)
    let traffic = Traffic(
      reads: reads + SIMD4(repeating: shape.biases * formats.smallBytes),
      writes: SIMD4(repeating: rows * outputs * formats.outputBytes))
    return Work(
      matmulFLOPs: 2 * rows * shape.copies * outputs * inputs,
      vectorFLOPs: shape.copies
        * (rows * (shape.biases + shape.epilogueFLOPs)
          + expansion(elements: outputs * inputs, rows: rows, perElement: formats.expansionFLOPs)),
      traffic: traffic * shape.copies
    ).beside(shape.compulsory(formats))
  }

  /// FLOPs of expanding weights each time a tile of rows passes over them.
  @inline(__always)
  private func expansion(elements: Double, rows: Double, perElement: Double) -> Double {
    perElement == 0 ? 0 : perElement * elements * max(1, rows * inverseNearTile)
  }

  /// Each expert's weights once, or once per tile of rows; each row once, or once per tile of outputs. Below a
  /// shared level the few rows of an expert stay inside while its weights pass. Every token is read and
  /// written k times, and summed.
  @inline(__always)
  func experts(_ shape: ExpertsCall, _ formats: CallFormats) -> Work {
    let (hidden, routed, tokens) = (shape.hidden, shape.rows, shape.tokens)
    let width = shape.expert.projectionWidth
    let inner = Double(shape.expert.intermediate)
    let weights = hidden * (width + inner)
    let one = SIMD4<Double>(repeating: 1)
    let passes = elementwiseMax(SIMD4(repeating: shape.distinct), routed * inverseTile)
    let weightReads = passes * (weights * formats.storedBytes)
    let inputPasses =
      elementwiseMax(one, width * inverseTile) * hidden + elementwiseMax(one, hidden * inverseTile) * inner
    let inputReads =
      inputPasses.replacing(with: SIMD4(repeating: hidden + inner), where: machine.nextIsShared)
      * (routed * formats.inputBytes)

    // Activation reads the first product; the sum reads k rows a token.
    let activations = formats.outputBytes
    var streamed = routed * (width + hidden) * activations
    let biases = shape.expert.biasParameters(hidden: hidden)
    var written = (routed * (width + inner + hidden) + tokens * hidden) * activations
    var vector = routed * (inner * shape.expert.flopsPerElement + 2 * hidden + biases)
    if formats.inputBytes != activations {
      // Tokens once before they are gathered; the activation writes its result narrow.
      streamed += tokens * hidden * activations
      written += tokens * hidden * formats.inputBytes - routed * inner * (activations - formats.inputBytes)
      vector += (tokens * hidden + routed * inner) * quantizationFLOPs
    }
    if formats.expansionFLOPs > 0 {
      vector += formats.expansionFLOPs * weights * max(shape.distinct, routed * inverseNearTile)
    }
    return Work(
      matmulFLOPs: 2 * routed * weights, vectorFLOPs: vector,
      traffic: Traffic(
        reads: weightReads + inputReads
          + SIMD4(repeating: streamed + shape.distinct * biases * formats.smallBytes),
        writes: SIMD4(repeating: written))
    ).beside(shape.compulsory(formats))
  }
}

/// What quantizing one element of a product's input costs.
public enum OperandQuantization {
  /// Magnitude, maximum, scale, round.
  public static let dynamicFLOPsPerElement = 4.0
  /// The scale is in the checkpoint: scale, round.
  public static let staticFLOPsPerElement = 2.0
}
