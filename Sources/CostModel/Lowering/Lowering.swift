/// Composes a model's layers into calls: the only place that knows how a layer is put together.
///
/// Made once per model, machine and precision; `lower` then allocates nothing.
struct Lowering: Sendable {
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
    let around = Step(lowering: self, work: work, place: .outer, layers: 1)
    around.embed(outer, into: &sink)
    for layer in layers {
      Step(lowering: self, work: work, place: .kind(layer.index), layers: layer.layers).lower(
        layer, into: &sink)
    }
    around.end(outer, into: &sink)
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
    flopsPerLogit = model.logitSoftcap ? 3 : 0
  }
}

extension Step {
  /// A token is a 32-bit integer.
  static var tokenBytes: Double { 4 }

  /// A row of the table for each token, and one of the position table where there is one, then added.
  @inline(__always)
  func embed<Sink: CallSink>(_ outer: OuterPlan, into sink: inout Sink) {
    rows(
      .embedding,
      RowsCall(
        .embed, rows: work.tokens, readWidth: outer.hidden * outer.embeddingReads, writeWidth: outer.hidden,
        flopsPerElement: outer.embeddingReads - 1, bytesPerRow: Self.tokenBytes),
      formats.embedding, into: &sink)
    if let norm = outer.embeddingNorm { self.norm(.embeddingNorm, norm, into: &sink) }
  }

  /// The last norm and the head.
  @inline(__always)
  func end<Sink: CallSink>(_ outer: OuterPlan, into sink: inout Sink) {
    if let norm = outer.finalNorm { self.norm(.finalNorm, norm, into: &sink) }
    product(
      .lmHead,
      ProductCall(
        rows: work.logitRows, outputs: outer.vocabulary, inputs: outer.hidden, biases: outer.lmHeadBiases,
        epilogueFLOPs: outer.flopsPerLogit * outer.vocabulary), formats.lmHead, into: &sink)
  }
}
