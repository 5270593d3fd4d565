/// A mixture with the load on its experts.
struct MixturePlan: Sendable {
  let spec: MixtureSpec
  let router: RouterPlan
  /// Experts are equally likely: their number touched has a closed form.
  let balanced: Bool
  /// A single expert that every token takes is a dense feed-forward beside a router.
  let isDense: Bool

  init(_ spec: MixtureSpec, load: RouterLoad) {
    self.spec = spec
    router = RouterPlan(spec, load: load)
    balanced = load == .balanced || load == .zipf(exponent: 0)
    isDense = spec.experts == 1 && spec.capacityFactor == nil
  }
}

/// Names of a dense feed-forward's calls: the layer's own, or the shared experts'.
struct DenseKinds {
  let quantizeInput, up, activation, quantizeInner, down: OperatorKind

  static let layer = DenseKinds(
    quantizeInput: .quantizeFeedForwardInput, up: .gateUpProjection, activation: .activation,
    quantizeInner: .quantizeFeedForwardInner, down: .downProjection)
  static let shared = DenseKinds(
    quantizeInput: .quantizeSharedInput, up: .sharedGateUp, activation: .sharedActivation,
    quantizeInner: .quantizeSharedInner, down: .sharedDown)
  /// Routed experts run as one call.
  static let routed = DenseKinds(
    quantizeInput: .experts, up: .experts, activation: .experts, quantizeInner: .experts, down: .experts)
}

extension Step {
  /// hidden → (gate and) up → activation → down → hidden.
  @inline(__always)
  func dense<Sink: CallSink>(
    _ spec: DenseSpec, _ kinds: DenseKinds, stored: CallFormats? = nil, into sink: inout Sink
  ) {
    let width = spec.projectionWidth
    let inner = Double(spec.intermediate)
    func product(_ kind: OperatorKind, outputs: Double, inputs: Double, into sink: inout Sink) {
      self.product(
        kind,
        ProductCall(rows: work.tokens, outputs: outputs, inputs: inputs, biases: spec.bias ? outputs : 0),
        stored ?? callFormats(kind), into: &sink)
    }
    quantize(kinds.quantizeInput, width: hidden, into: &sink)
    product(kinds.up, outputs: width, inputs: hidden, into: &sink)
    elementwise(
      kinds.activation, .activate, readWidth: width, writeWidth: inner, flops: spec.flopsPerElement,
      into: &sink)
    quantize(kinds.quantizeInner, width: inner, into: &sink)
    product(kinds.down, outputs: hidden, inputs: inner, into: &sink)
  }

  /// Router, routed experts, shared expert.
  @inline(__always)
  func mixture<Sink: CallSink>(_ plan: MixturePlan, into sink: inout Sink) {
    router(plan.spec, into: &sink)
    if plan.isDense {
      dense(plan.spec.expert, .layer, stored: callFormats(.experts), into: &sink)
    } else {
      experts(plan, into: &sink)
    }
    if let shared = plan.spec.shared { dense(shared, .shared, into: &sink) }
  }

  /// A product with `experts` outputs, then softmax (5 FLOPs a logit), the top-k scan (k comparisons each),
  /// and one pass over the groups' best where groups limit the choice.
  @inline(__always)
  private func router<Sink: CallSink>(_ spec: MixtureSpec, into sink: inout Sink) {
    let experts = Double(spec.experts)
    let perLogit = 5 + Double(spec.topK) + (spec.groups > 1 ? 2 : 0)
    product(
      .router,
      ProductCall(
        rows: work.tokens, outputs: experts + (spec.sharedGate ? 1 : 0), inputs: hidden,
        biases: spec.routerBias ? experts : 0, epilogueFLOPs: experts * perLogit), callFormats(.router),
      into: &sink)
  }

  /// Weights of the experts that the batch is expected to touch are read once (see
  /// `MixtureSpec.expectedDistinct`). With a capacity factor every expert computes its full buffer (Switch
  /// Transformer, arXiv:2101.03961 §2.2).
  @inline(__always)
  private func experts<Sink: CallSink>(_ plan: MixturePlan, into sink: inout Sink) {
    let spec = plan.spec
    let experts = Double(spec.experts)
    let topK = Double(spec.topK)
    var routed = work.tokens * topK
    var distinct =
      plan.balanced
      ? MixtureSpec.expectedDistinct(experts: experts, topK: topK, tokens: work.tokens)
      : plan.router.expectedDistinct(spec, tokens: work.tokens)
    if let factor = spec.capacityFactor {
      routed = experts * (routed * factor / experts).rounded(.up)
      distinct = experts
    }
    let call = ExpertsCall(
      tokens: work.tokens, experts: experts, topK: topK, distinct: distinct, rows: routed, hidden: hidden,
      expert: spec.expert)
    let formats = callFormats(.experts)
    emit(.experts, .experts(call), formats, lowering.costs.experts(call, formats), into: &sink)
  }
}
