/// Composes a model's layers into calls: the only place that knows how a layer is put together.
///
/// Made once per model, machine and precision; `lower` then allocates nothing. A reference, since it is too large to
/// be handed on by value.
final class Lowering: Sendable {
  let outer: OuterPlan
  let layers: [LayerPlan]
  let costs: Costs
  /// Chooses between forms of one mechanism.
  let roofline: Roofline
  let formats: ModelFormats

  init(
    model: ModelSpec, machine: Machine, precision: PrecisionPlan, router: RouterLoad, roofline: Roofline
  ) {
    self.roofline = roofline
    outer = OuterPlan(model)
    costs = Costs(
      machine: machine, operand: precision.operand, quantizationFLOPs: precision.quantizationFLOPs)
    let formats = ModelFormats(precision, model)
    self.formats = formats
    layers = zip(model.kinds.indices, zip(model.kinds, model.kindCounts)).map { index, kind in
      LayerPlan(
        kind.0.layer, index: index, layers: Double(kind.1), hidden: Double(model.hidden), machine: machine,
        formats: formats, router: router)
    }
  }

  /// Emits every call of one pass, in running order of a layer of each kind.
  @inline(__always)
  func lower<Sink: CallSink>(_ work: Workload, into sink: inout Sink) {
    let around = Step(work: work, place: .outer, layers: 1)
    if outer.embeds { embed(in: around, into: &sink) }
    for index in layers.indices {
      let step = Step(work: work, place: .kind(index), layers: layers[index].layers)
      lower(layers[index], in: step, into: &sink)
    }
    if outer.predicts { end(in: around, into: &sink) }
  }
}

/// What stands around the layers.
struct OuterPlan: Sendable {
  let hidden, vocabulary: Double
  let embeds, predicts: Bool
  /// 1, or 2 with a position table.
  let embeddingReads: Double
  let embeddingNorm, finalNorm: NormSpec?
  let lmHeadBiases, flopsPerLogit: Double

  init(_ model: ModelSpec) {
    hidden = Double(model.hidden)
    vocabulary = Double(model.vocabulary)
    embeds = model.embeds
    predicts = model.predicts
    switch model.embeddingPosition {
    case .learned, .sinusoidal: embeddingReads = 2
    case .rotary, .alibi, .none: embeddingReads = 1
    }
    embeddingNorm = model.embeddingNorm
    finalNorm = model.finalNorm
    lmHeadBiases = model.lmHeadBias ? vocabulary : 0
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
        .embed, rows: step.work.tokens, readWidth: outer.hidden * outer.embeddingReads,
        writeWidth: outer.hidden,
        flopsPerElement: outer.embeddingReads - 1, bytesPerRow: Self.tokenBytes),
      formats.embedding, in: step, into: &sink)
    if let norm = outer.embeddingNorm { self.norm(.embeddingNorm, norm, in: step, into: &sink) }
  }

  /// The last norm and the head.
  @inline(__always)
  func end<Sink: CallSink>(in step: Step, into sink: inout Sink) {
    if let norm = outer.finalNorm { self.norm(.finalNorm, norm, in: step, into: &sink) }
    product(
      .lmHead,
      ProductCall(
        rows: step.work.logitRows, outputs: outer.vocabulary, inputs: outer.hidden,
        biases: outer.lmHeadBiases,
        epilogueFLOPs: outer.flopsPerLogit * outer.vocabulary), formats.lmHead, in: step, into: &sink)
  }
}
