/// Composes a model's layers into calls: the only place that knows how a layer is put together.
///
/// Made once per model, machine and precision; `lower` then allocates nothing. A reference, since it is too large to
/// be handed on by value.
final class Lowering: Sendable {
  let outer: OuterPlan
  let layers: [LayerPlan]
  let towers: [TowerPlan]
  let costs: Costs
  /// Chooses between forms of one mechanism.
  let roofline: Roofline
  let formats: ModelFormats

  init(
    model: ModelSpec, machine: Machine, precision: PrecisionPlan, router: RouterLoad, roofline: Roofline
  ) {
    self.roofline = roofline
    outer = OuterPlan(model)
    let costs = Costs(
      machine: machine, operand: precision.operand, quantizationFLOPs: precision.quantizationFLOPs)
    self.costs = costs
    let formats = ModelFormats(precision, model)
    self.formats = formats
    towers = model.towers.enumerated().map {
      TowerPlan(
        $0.element, index: $0.offset, machine: machine, precision: precision, router: router,
        roofline: roofline)
    }
    layers = zip(model.kinds.indices, zip(model.kinds, model.kindCounts)).map { index, kind in
      LayerPlan(
        kind.0.layer, index: index, layers: Double(kind.1), hidden: Double(model.hidden), costs: costs,
        roofline: roofline, formats: formats, router: router)
    }
  }

  /// Emits every call of one pass, in running order of a layer of each kind.
  @inline(__always)
  func lower<Sink: CallSink>(_ work: Workload, into sink: inout Sink) {
    for tower in towers { tower.lower(work, into: &sink) }
    withUnsafePointer(to: work) { work in
      let around = Step(work, place: .outer, layers: 1)
      if outer.embeds { embed(in: around, into: &sink) }
      for index in layers.indices {
        // The lowering keeps them all: none need be counted.
        Unmanaged.passUnretained(layers[index])._withUnsafeGuaranteedRef { layer in
          lower(layer, in: Step(work, place: .kind(index), layers: layer.layers), into: &sink)
        }
      }
      if outer.predicts { end(in: around, into: &sink) }
    }
  }
}

/// What stands around the layers.
struct OuterPlan: Sendable {
  let hidden, logits: Double
  let embeds, predicts: Bool
  let head: OutputHead
  /// 1, and one more for each table that is added.
  let embeddingReads: Double
  let embeddingNorm, finalNorm: NormSpec?
  let layerEmbedding: LayerEmbeddingSpec?
  let alternating: AlternatingSpec?
  let lmHeadBiases, flopsPerLogit: Double

  init(_ model: ModelSpec) {
    hidden = Double(model.hidden)
    embeds = model.embeds
    predicts = model.predicts
    head = model.head
    logits = Double(model.head.classes ?? model.vocabulary)
    let types = model.tokenTypes > 0 ? 1.0 : 0
    switch model.embeddingPosition {
    case .learned, .sinusoidal: embeddingReads = 2 + types
    case .rotary, .alibi, .relative, .none: embeddingReads = 1 + types
    }
    embeddingNorm = model.embeddingNorm
    layerEmbedding = model.layerEmbedding
    alternating = model.alternating
    finalNorm = model.finalNorm
    lmHeadBiases = model.lmHeadBias ? logits : 0
    flopsPerLogit = model.logitSoftcap ? 3 : 0
  }
}

extension Lowering {
  /// A token is a 32-bit integer.
  static var tokenBytes: Double { 4 }

  /// A row of the table for each token, and one of the position table where there is one, then added.
  @inline(__always)
  func embed<Sink: CallSink>(in step: Step, into sink: inout Sink) {
    rows(
      .embedding,
      RowsCall(
        .embed, rows: step.tokens, readWidth: outer.hidden * outer.embeddingReads,
        writeWidth: outer.hidden,
        flopsPerElement: outer.embeddingReads - 1, bytesPerRow: Self.tokenBytes),
      formats.embedding, in: step, into: &sink)
    if let norm = outer.embeddingNorm { self.norm(.embeddingNorm, norm, in: step, into: &sink) }
    if let spec = outer.layerEmbedding { embed(spec, in: step, into: &sink) }
    if let spec = outer.alternating { expandStreams(spec, in: step, into: &sink) }
  }

  /// The last norm and the head.
  @inline(__always)
  func end<Sink: CallSink>(in step: Step, into sink: inout Sink) {
    if let spec = outer.alternating { collapseStreams(spec, in: step, into: &sink) }
    if let norm = outer.finalNorm { self.norm(.finalNorm, norm, in: step, into: &sink) }
    if outer.head.transform {
      product(
        .headTransform,
        ProductCall(
          rows: step.work.logitRows, outputs: hidden, inputs: hidden,
          biases: outer.head.transformBias ? hidden : 0,
          epilogueFLOPs: hidden * (Activation.gelu.flops + (outer.head.norm?.flopsPerElement ?? 0))),
        formats.lmHead, in: step, into: &sink)
    }
    if outer.logits == 0 { return }
    product(
      .lmHead,
      ProductCall(
        rows: step.work.logitRows, outputs: outer.logits, inputs: outer.hidden,
        biases: outer.lmHeadBiases,
        epilogueFLOPs: outer.flopsPerLogit * outer.logits), formats.lmHead, in: step, into: &sink)
  }
}
