/// A mixture with the load on its experts.
final class MixturePlan: Sendable {
  let spec: MixtureSpec
  let router: RouterPlan
  /// Experts are equally likely: their number touched has a closed form.
  let balanced: Bool
  /// A single expert that every token takes is a dense feed-forward beside a router.
  let isDense: Bool
  /// Batches whose tokens reach the device's experts, and of their assignments the share that does.
  let batches, share: Double
  /// Experts of the layer, how many of them a token uses, how many the device holds, and of those one token at most.
  let count, topK, held, chosen: Double
  /// Experts that a token's own computing needs at least: of those it picks, some may do nothing.
  let fewest: Double
  /// Of the routed experts' call.
  let experts: ExpertConstants
  let inputs: SIMD4<Double>
  let rates: CallRates

  init(
    _ spec: MixtureSpec, load: RouterLoad, experts: ExpertConstants, inputs: SIMD4<Double>, rates: CallRates
  ) {
    self.spec = spec
    router = RouterPlan(spec, load: load)
    balanced = load == .balanced || load == .zipf(exponent: 0)
    isDense =
      spec.experts == 1 && spec.idle == 0 && spec.capacityFactor == nil && spec.latent == nil
      && spec.dealing == nil
    batches = spec.dealing?.batches ?? 1
    share = router.share(of: spec)
    count = Double(spec.experts)
    topK = spec.computed
    held = Double(spec.held)
    chosen = min(topK, held)
    fewest = min(held, Double(max(0, spec.topK - spec.idle)))
    self.experts = experts
    self.inputs = inputs
    self.rates = rates
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

extension Lowering {
  /// hidden → (gate and) up → activation → down → hidden.
  @inline(__always)
  func dense<Sink: CallSink>(
    _ spec: DenseSpec, _ kinds: DenseKinds, stored: DenseKinds, in step: Step, into sink: inout Sink
  ) {
    let width = spec.projectionWidth
    let inner = Double(spec.intermediate)
    quantize(kinds.quantizeInput, width: hidden, in: step, into: &sink)
    product(
      kinds.up,
      ProductCall(rows: step.tokens, outputs: width, inputs: hidden, biases: spec.bias ? width : 0),
      callFormats(stored.up, in: step), in: step, into: &sink)
    elementwise(
      kinds.activation, .activate, readWidth: width, writeWidth: inner, flops: spec.flopsPerElement,
      in: step, into: &sink)
    quantize(kinds.quantizeInner, width: inner, in: step, into: &sink)
    product(
      kinds.down,
      ProductCall(rows: step.tokens, outputs: hidden, inputs: inner, biases: spec.bias ? hidden : 0),
      callFormats(stored.down, in: step), in: step, into: &sink)
  }

  /// Router, routed experts, shared expert.
  @inline(__always)
  func mixture<Sink: CallSink>(_ plan: MixturePlan, in step: Step, into sink: inout Sink) {
    router(plan.spec, in: step, into: &sink)
    if let latent = plan.spec.latent {
      product(.latentExpertInput, outputs: Double(latent), inputs: hidden, in: step, into: &sink)
    }
    if plan.isDense {
      dense(plan.spec.expert, .layer, stored: .routed, in: step, into: &sink)
    } else {
      experts(plan, in: step, into: &sink)
    }
    if let latent = plan.spec.latent {
      product(.latentExpertOutput, outputs: hidden, inputs: Double(latent), in: step, into: &sink)
    }
    if plan.spec.branchNorms {
      for kind in [OperatorKind.routedInputNorm, .routedOutputNorm, .sharedOutputNorm] {
        norm(kind, .rms, in: step, into: &sink)
      }
    }
    if let shared = plan.spec.shared { dense(shared, .shared, stored: .shared, in: step, into: &sink) }
  }

  /// A product with `experts` outputs, then softmax (5 FLOPs a logit), the top-k scan (k comparisons each),
  /// and one pass over the groups' best where groups limit the choice.
  @inline(__always)
  private func router<Sink: CallSink>(_ spec: MixtureSpec, in step: Step, into sink: inout Sink) {
    let experts = spec.choices
    let perLogit = 5 + Double(spec.topK) + (spec.groups > 1 ? 2 : 0)
    product(
      .router,
      ProductCall(
        rows: step.tokens, outputs: experts + (spec.sharedGate ? 1 : 0), inputs: hidden,
        biases: spec.routerBias ? experts : 0, epilogueFLOPs: experts * perLogit),
      callFormats(.router, in: step), in: step,
      into: &sink
    )
  }

  /// Weights of the experts that the batch is expected to touch are read once (see
  /// `MixtureSpec.expectedDistinct`). With a capacity factor every expert computes its full buffer (Switch
  /// Transformer, arXiv:2101.03961 §2.2).
  @inline(__always)
  private func experts<Sink: CallSink>(_ plan: MixturePlan, in step: Step, into sink: inout Sink) {
    let tokens = step.tokens * plan.batches
    let routed = tokens * plan.topK * plan.share
    // Of few experts a token uses no more than there are.
    let reaching = routed / plan.chosen
    if sink.adds(.experts, at: step.place, rows: reaching) { return }
    let capacity = plan.spec.capacity(tokens: tokens)
    let distinct =
      capacity != nil
      ? plan.held
      : plan.balanced
        ? MixtureSpec.expectedDistinct(experts: plan.count, topK: plan.topK, tokens: tokens)
          * (plan.held / plan.count)
        : plan.router.expectedDistinct(plan.spec, tokens: tokens)
    func call() -> ExpertsCall {
      ExpertsCall(
        tokens: reaching, experts: plan.held, topK: plan.chosen, distinct: distinct,
        rows: capacity.map { plan.held * $0 } ?? routed, capacity: capacity, fewest: plan.fewest,
        hidden: plan.experts.hidden, expert: plan.spec.expert)
    }
    emit(
      .experts, .experts(call()), callFormats(.experts, in: step),
      costs.experts(call(), plan.experts, inputs: plan.inputs), at: plan.rates, in: step, into: &sink)
  }
}
