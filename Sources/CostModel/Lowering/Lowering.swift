/// Receives operators one by one; generic, so that a sink that only adds up keeps nothing.
public protocol OperatorSink {
  mutating func add(_ op: Operator)
}

/// Composes a model's layers into operators: the only place that knows how a layer is put together.
///
/// Made once per model, machine and precision; `lower` then allocates nothing.
struct Lowering: Sendable {
  let outer: OuterPlan
  let layers: [LayerPlan]
  /// Load on the experts of each kind of layer.
  let routers: [RouterPlan]
  let machine: Machine
  let bytes: BytesPerElement
  /// 1 ÷ edge of a product's output tile at each level.
  let inverseTile: SIMD4<Double>
  /// The same at the nearest level, where weights are expanded.
  let inverseNearTile: Double

  init(model: ModelSpec, machine: Machine, precision: PrecisionPlan, router: RouterLoad) {
    outer = OuterPlan(model)
    let bytes = BytesPerElement(precision)
    self.machine = machine
    self.bytes = bytes
    inverseTile = 1 / machine.productTile(bytesPerElement: bytes.operand)
    inverseNearTile = inverseTile[machine.levels - 1]
    routers = model.kinds.map { RouterPlan($0.layer, load: router) }
    layers = zip(model.kinds.indices, zip(model.kinds, model.kindCounts)).map { index, kind in
      LayerPlan(
        kind.0.layer, index: index, layers: Double(kind.1), machine: machine, bytes: bytes, router: router)
    }
  }

  /// Emits every operator of one pass, in running order of a layer of each kind.
  @inline(__always)
  func lower<Sink: OperatorSink>(_ work: Workload, into sink: inout Sink) {
    embed(work, into: &sink)
    for layer in layers {
      LayerStep(lowering: self, work: work, kind: layer.index, layers: layer.layers).lower(layer, into: &sink)
    }
    if let norm = outer.finalNorm { sink.add(rowwise(.finalNorm, norm, rows: work.tokens)) }
    let logits = work.logitRows * outer.vocabulary
    sink.add(
      Operator(
        .lmHead, layerKind: -1, layers: 1, matmulFLOPs: 2 * logits * outer.hidden,
        vectorFLOPs: outer.flopsPerLogit * logits
          + expansionFLOPs(
            elements: outer.vocabulary * outer.hidden, rows: work.logitRows, perElement: bytes.lmHeadExpansion
          ),
        traffic: productTraffic(
          rows: work.logitRows, outputs: outer.vocabulary, inputs: outer.hidden, weightBytes: bytes.lmHead,
          biasBytes: outer.lmHeadBiases * bytes.small, inputBytes: bytes.activations),
        unit: .lmHead,
        shape: .matmul(rows: work.logitRows, outputs: outer.vocabulary, inputs: outer.hidden)))
  }

  @inline(__always)
  private func embed<Sink: OperatorSink>(_ work: Workload, into sink: inout Sink) {
    let elements = work.tokens * outer.hidden
    // A row of the table for each token, and one of the position table where there is one, then added.
    let reads =
      elements * bytes.embedding * outer.embeddingReads + work.tokens * BytesPerElement.tokenIdentifier
    sink.add(
      Operator(
        .embedding, layerKind: -1, layers: 1, vectorFLOPs: elements * (outer.embeddingReads - 1),
        traffic: Traffic(streamingReads: reads, writes: elements * bytes.activations),
        shape: .rows(rows: work.tokens, width: outer.hidden)))
    if let norm = outer.embeddingNorm { sink.add(rowwise(.embeddingNorm, norm, rows: work.tokens)) }
  }

  /// A norm outside the layers.
  @inline(__always)
  private func rowwise(_ kind: OperatorKind, _ norm: NormSpec, rows: Double) -> Operator {
    Operator(
      kind, layerKind: -1, layers: 1, vectorFLOPs: norm.flopsPerElement * rows * outer.hidden,
      traffic: normTraffic(norm, rows: rows, width: outer.hidden),
      shape: .rows(rows: rows, width: outer.hidden))
  }

  @inline(__always)
  func normTraffic(_ norm: NormSpec, rows: Double, width: Double) -> Traffic {
    let elements = rows * width * bytes.activations
    return Traffic(
      streamingReads: elements + norm.parameters(width: width) * bytes.small, writes: elements)
  }

  /// Expanding weights each time a tile of rows passes over them.
  @inline(__always)
  func expansionFLOPs(elements: Double, rows: Double, perElement: Double) -> Double {
    perElement == 0 ? 0 : perElement * elements * max(1, rows * inverseNearTile)
  }

  /// Traffic of [rows, inputs] × [inputs, outputs] at each level.
  ///
  /// Output is cut into square tiles of edge t (see `Machine.productTile`): the left operand is read
  /// outputs/t times, the right one rows/t times, each at least once. Where the next level is shared, the
  /// smaller operand may also be cut into pieces that fill half of it while the other is streamed once a
  /// piece, which reads both once as soon as one fits: the cheaper of the two counts.
  @inline(__always)
  func productTraffic(
    rows: Double, outputs: Double, inputs: Double, weightBytes: Double, biasBytes: Double,
    inputBytes: Double
  ) -> Traffic {
    let one = SIMD4<Double>(repeating: 1)
    let left = SIMD4(repeating: rows * inputs * inputBytes)
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

/// What stands around the layers.
struct OuterPlan: Sendable {
  let hidden, vocabulary: Double
  /// 1, or 2 with a position table.
  let embeddingReads: Double
  let embeddingNorm, finalNorm: NormSpec?
  let lmHeadBiases, flopsPerLogit: Double

  init(_ model: ModelSpec) {
    hidden = Double(model.hidden)
    vocabulary = Double(model.vocabulary)
    switch model.embeddingPosition {
    case .learned, .sinusoidal: embeddingReads = 2
    case .rotary, .alibi, .none: embeddingReads = 1
    }
    embeddingNorm = model.embeddingNorm
    finalNorm = model.finalNorm
    lmHeadBiases = model.lmHeadBias ? vocabulary : 0
    flopsPerLogit = (model.lmHeadBias ? 1 : 0) + (model.logitSoftcap ? 3 : 0)
  }
}
