/// A product of which nothing but the number of rows is missing.
struct ProductByRows: Sendable {
  let compulsory: CompulsoryByRows
  /// Bytes of the left operand's row, of the right operand, and of biases; of one copy.
  let left, right: Double
  let biases: SIMD4<Double>
  let copies: SIMD4<Double>
  /// Tiles that the outputs are cut into at each level: as often the left operand is read.
  let tiles: SIMD4<Double>
  /// FLOPs of expanding all weights once.
  let expansion: Double

  init(_ shape: ProductCall, _ formats: CallFormats, _ costs: Costs) {
    compulsory = shape.compulsoryByRows(formats)
    left = shape.inputs * formats.inputBytes
    right = shape.inputs * shape.outputs * formats.storedBytes
    biases = SIMD4(repeating: shape.biases * formats.smallBytes)
    copies = SIMD4(repeating: shape.copies)
    tiles = elementwiseMax(SIMD4(repeating: 1), shape.outputs * costs.inverseTile)
    expansion =
      formats.expansionFLOPs == 0
      ? 0 : shape.copies * (formats.expansionFLOPs * (shape.outputs * shape.inputs))
  }
}

extension Costs {
  func product(_ shape: ProductCall, _ formats: CallFormats) -> Work {
    product(ProductByRows(shape, formats, self), rows: shape.rows, passes: passes(rows: shape.rows))
  }

  /// Tiles that so many rows are cut into at each level, and at the nearest: as often a product's weights pass.
  @inline(__always)
  func passes(rows: Double) -> (levels: SIMD4<Double>, nearest: Double) {
    (elementwiseMax(SIMD4(repeating: 1), rows * inverseTile), larger(1, rows * inverseNearTile))
  }

  /// Traffic of [rows, inputs] × [inputs, outputs] at each level.
  ///
  /// Output is cut into square tiles of edge t (see `Machine.productTile`): the left operand is read
  /// outputs/t times, the right one rows/t times, each at least once. Where the next level is shared, the
  /// smaller operand may also be cut into pieces that fill half of it while the other is streamed once a
  /// piece, which reads both once as soon as one fits: the cheaper of the two counts.
  /// Weights are expanded each time a tile of rows passes over them.
  ///
  /// - Parameter passes: of those rows.
  @inline(__always)
  func product(_ product: ProductByRows, rows: Double, passes: (levels: SIMD4<Double>, nearest: Double))
    -> Work
  {
    let one = SIMD4<Double>(repeating: 1)
    let (left, right) = (rows * product.left, product.right)
    let tiled = left * product.tiles + right * passes.levels
    let (least, most) = (smaller(left, right), larger(left, right))
    let streamed = most * elementwiseMax(one, least * machine.inverseHalfCapacity) + least
    let reads = elementwiseMin(tiled, streamed + machine.unlessShared) + product.biases
    let compulsory = product.compulsory(rows)
    return Work(
      matmulFLOPs: compulsory.matmulFLOPs,
      vectorFLOPs: compulsory.vectorFLOPs + product.expansion * passes.nearest,
      traffic: Traffic(reads: reads * product.copies, writes: SIMD4(repeating: compulsory.written))
    ).beside(compulsory)
  }

  func experts(_ shape: ExpertsCall, _ formats: CallFormats) -> Work {
    let constants = ExpertConstants(shape.expert, hidden: shape.hidden, formats)
    return experts(shape, constants, inputs: inputs(constants))
  }

  /// Elements of a routed row that both products read at each level: once, or once per tile of outputs.
  func inputs(_ expert: ExpertConstants) -> SIMD4<Double> {
    let one = SIMD4<Double>(repeating: 1)
    let passing =
      elementwiseMax(one, expert.width * inverseTile) * expert.hidden
      + elementwiseMax(one, expert.hidden * inverseTile) * expert.inner
    return passing.replacing(
      with: SIMD4(repeating: expert.hidden + expert.inner), where: machine.nextIsShared)
  }

  /// Each expert's weights once, or once per tile of rows; each row once, or once per tile of outputs. Below a
  /// shared level the few rows of an expert stay inside while its weights pass. Every token is read and
  /// written k times, and summed.
  @inline(__always)
  func experts(_ shape: ExpertsCall, _ expert: ExpertConstants, inputs: SIMD4<Double>) -> Work {
    let (hidden, routed, tokens) = (expert.hidden, shape.rows, shape.tokens)
    let (width, inner, biases) = (expert.width, expert.inner, expert.biases)
    let passes = elementwiseMax(SIMD4(repeating: shape.distinct), routed * inverseTile)
    let weightReads = passes * expert.weightBytes
    let inputReads = inputs * (routed * expert.inputBytes)

    // Activation reads the first product; the sum reads k rows a token.
    let activations = expert.outputBytes
    var streamed = routed * (width + hidden) * activations
    var written = (routed * (width + inner + hidden) + tokens * hidden) * activations
    var vector = routed * (inner * expert.flopsPerElement + 2 * hidden + biases)
    if expert.inputBytes != activations {
      // Tokens once before they are gathered; the activation writes its result narrow.
      streamed += tokens * hidden * activations
      written +=
        tokens * hidden * expert.inputBytes - routed * inner * (activations - expert.inputBytes)
      vector += (tokens * hidden + routed * inner) * quantizationFLOPs
    }
    if expert.expansionFLOPs > 0 {
      vector += expert.expansionFLOPs * expert.weights * max(shape.distinct, routed * inverseNearTile)
    }
    return Work(
      matmulFLOPs: 2 * routed * expert.weights, vectorFLOPs: vector,
      traffic: Traffic(
        reads: weightReads + inputReads
          + SIMD4(repeating: streamed + shape.distinct * biases * expert.smallBytes),
        writes: SIMD4(repeating: written))
    ).beside(shape.compulsory(expert))
  }
}

/// All of a layer's routed experts that no workload changes.
struct ExpertConstants: Sendable {
  /// Widths of a token's row, of the first product's outputs and of the second's inputs.
  let hidden, width, inner: Double
  /// Of one expert.
  let weights, weightBytes, biases: Double
  /// Element-wise FLOPs for each of `inner` outputs, and of expanding a weight.
  let flopsPerElement, expansionFLOPs: Double
  let inputBytes, outputBytes, smallBytes: Double

  @inline(__always)
  init(_ expert: DenseSpec, hidden: Double, _ formats: CallFormats) {
    self.hidden = hidden
    width = expert.projectionWidth
    inner = Double(expert.intermediate)
    weights = hidden * (width + inner)
    weightBytes = weights * formats.storedBytes
    biases = expert.biasParameters(hidden: hidden)
    flopsPerElement = expert.flopsPerElement
    expansionFLOPs = formats.expansionFLOPs
    inputBytes = formats.inputBytes
    outputBytes = formats.outputBytes
    smallBytes = formats.smallBytes
  }
}

/// What quantizing one element of a product's input costs.
public enum OperandQuantization {
  /// Magnitude, maximum, scale, round.
  public static let dynamicFLOPsPerElement = 4.0
  /// The scale is in the checkpoint: scale, round.
  public static let staticFLOPsPerElement = 2.0
}
