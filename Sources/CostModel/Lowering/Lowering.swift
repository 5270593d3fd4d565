/// Receives operators one by one; generic, so that a sink that only adds up keeps nothing.
public protocol OperatorSink {
  mutating func add(_ op: Operator)
}

/// Composes a model's layers into operators: the only place that knows how a layer is put together.
///
/// Made once per model, machine and precision; `lower` then allocates nothing.
struct Lowering: Sendable {
  let model: ModelSpec
  let counts: [Int]
  let machine: Machine
  let bytes: BytesPerElement
  /// 1 ÷ edge of a product's output tile at each level.
  let inverseTile: SIMD4<Double>

  init(model: ModelSpec, machine: Machine, precision: PrecisionPlan) {
    self.model = model
    counts = model.kindCounts
    self.machine = machine
    bytes = BytesPerElement(precision)
    inverseTile = 1 / machine.productTile(bytesPerElement: bytes.activations)
  }

  /// Emits every operator of one pass, in running order of a layer of each kind.
  @inline(__always)
  func lower<Sink: OperatorSink>(_ work: Workload, into sink: inout Sink) {
    let hidden = Double(model.hidden)
    embed(work, hidden: hidden, into: &sink)
    for index in model.kinds.indices {
      let step = LayerStep(lowering: self, work: work, kind: index, layers: Double(counts[index]))
      step.lower(model.kinds[index].layer, into: &sink)
    }
    if let norm = model.finalNorm {
      sink.add(rowwise(.finalNorm, norm, rows: work.tokens, width: hidden))
    }
    let vocabulary = Double(model.vocabulary)
    let extra = (model.lmHeadBias ? 1.0 : 0) + (model.logitSoftcap ? 3 : 0)
    sink.add(
      product(
        .lmHead, rows: work.logitRows, outputs: vocabulary, inputs: hidden, weightBytes: bytes.lmHead,
        biasBytes: model.lmHeadBias ? vocabulary * bytes.small : 0, unit: .lmHead,
        vectorFLOPs: extra * work.logitRows * vocabulary))
  }

  @inline(__always)
  private func embed<Sink: OperatorSink>(_ work: Workload, hidden: Double, into sink: inout Sink) {
    let elements = work.tokens * hidden
    var reads = elements * bytes.embedding + work.tokens * BytesPerElement.tokenIdentifier
    var flops = 0.0
    switch model.embeddingPosition {
    case .learned, .sinusoidal:
      // A row of the position table is read and added for each token.
      reads += elements * bytes.embedding
      flops += elements
    case .rotary, .alibi, .none: break
    }
    let written = elements * bytes.activations
    sink.add(
      Operator(
        .embedding, layerKind: -1, layers: 1, vectorFLOPs: flops,
        traffic: Traffic(streamingReads: reads, writes: written),
        shape: .rows(rows: work.tokens, width: hidden)))
    if let norm = model.embeddingNorm {
      sink.add(rowwise(.embeddingNorm, norm, rows: work.tokens, width: hidden))
    }
  }

  /// A norm outside the layers.
  @inline(__always)
  private func rowwise(_ kind: OperatorKind, _ norm: NormSpec, rows: Double, width: Double) -> Operator {
    Operator(
      kind, layerKind: -1, layers: 1, vectorFLOPs: norm.flopsPerElement * rows * width,
      traffic: normTraffic(norm, rows: rows, width: width), shape: .rows(rows: rows, width: width))
  }

  @inline(__always)
  func normTraffic(_ norm: NormSpec, rows: Double, width: Double) -> Traffic {
    let elements = rows * width * bytes.activations
    return Traffic(
      streamingReads: elements + norm.parameters(width: width) * bytes.small, writes: elements)
  }

  /// A weight product outside the layers.
  @inline(__always)
  private func product(
    _ kind: OperatorKind, rows: Double, outputs: Double, inputs: Double, weightBytes: Double,
    biasBytes: Double, unit: MatrixUnit, vectorFLOPs: Double
  ) -> Operator {
    Operator(
      kind, layerKind: -1, layers: 1, matmulFLOPs: 2 * rows * outputs * inputs, vectorFLOPs: vectorFLOPs,
      traffic: productTraffic(
        rows: rows, outputs: outputs, inputs: inputs, weightBytes: weightBytes, biasBytes: biasBytes),
      unit: unit, shape: .matmul(rows: rows, outputs: outputs, inputs: inputs))
  }

  /// Traffic of [rows, inputs] × [inputs, outputs] at each level.
  ///
  /// Output is cut into square tiles of edge t (see `Machine.productTile`): the left operand is read
  /// outputs/t times, the right one rows/t times, each at least once. Where the next level is shared, the
  /// smaller operand may also be cut into pieces that fill half of it while the other is streamed once a
  /// piece, which reads both once as soon as one fits: the cheaper of the two counts.
  @inline(__always)
  func productTraffic(
    rows: Double, outputs: Double, inputs: Double, weightBytes: Double, biasBytes: Double
  ) -> Traffic {
    let one = SIMD4<Double>(repeating: 1)
    let left = SIMD4(repeating: rows * inputs * bytes.activations)
    let right = SIMD4(repeating: inputs * outputs * weightBytes)
    let tiled =
      left * elementwiseMax(one, outputs * inverseTile) + right * elementwiseMax(one, rows * inverseTile)
    let pieces = elementwiseMax(one, elementwiseMin(left, right) * machine.inverseHalfCapacity)
    let streamed = elementwiseMax(left, right) * pieces + elementwiseMin(left, right)
    let reads = tiled.replacing(
      with: elementwiseMin(tiled, streamed), where: machine.nextIsShared)
    return Traffic(
      reads: reads + SIMD4(repeating: biasBytes),
      writes: SIMD4(repeating: rows * outputs * bytes.activations))
  }
}

/// Bytes each class of tensor costs per element, scales included.
struct BytesPerElement: Sendable {
  let weights, experts, embedding, lmHead, small, activations, cache: Double

  /// A token is a 32-bit integer.
  static let tokenIdentifier = 4.0

  init(_ plan: PrecisionPlan) {
    weights = plan.weights.bytesPerElement
    experts = plan.experts.bytesPerElement
    embedding = plan.embedding.bytesPerElement
    lmHead = plan.lmHead.bytesPerElement
    small = plan.small.bytesPerElement
    activations = plan.activations.bytesPerElement
    cache = plan.kvCache.bytesPerElement
  }
}
