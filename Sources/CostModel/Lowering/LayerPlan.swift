/// One kind of layer, made ready for a machine and a precision.
///
/// A reference, since it is too large to be handed on by value.
final class LayerPlan: Sendable {
  let index: Int
  let layers: Double
  let norm: NormSpec
  let norms: NormPlacement
  let normsBeforeFeedForward: Bool
  let streams: Double
  let predicts: Bool
  let mixer: MixerPlan
  let feedForward: FeedForwardPlan

  init(
    _ layer: LayerSpec, index: Int, layers: Double, hidden: Double, costs: Costs, roofline: Roofline,
    formats: ModelFormats, router: RouterLoad
  ) {
    self.index = index
    self.layers = layers
    norm = layer.norm
    norms = layer.norms
    normsBeforeFeedForward = layer.hasNormBeforeFeedForward
    streams = Double(layer.streams)
    predicts = layer.predicts
    var planner = PlanMixer(roofline: roofline, formats: formats)
    mixer = layer.mixer.with(&planner)
    switch layer.feedForward {
    case .dense(let spec): feedForward = .dense(spec)
    case .mixture(let spec):
      let formats = formats.layer(index, .experts)
      let experts = ExpertConstants(
        spec.expert, hidden: spec.latent.map(Double.init) ?? hidden, formats)
      feedForward = .mixture(
        MixturePlan(
          spec, load: router, experts: experts, inputs: costs.inputs(experts),
          rates: roofline.rates(.experts, formats)))
    case .none: feedForward = .none
    }
  }
}

/// A mixer made ready: what its calls need to know beside the workload.
///
/// Plans are references: what a case holds is copied to be looked at.
enum MixerPlan: Sendable {
  case attention(AttentionPlan)
  case latent(LatentPlan)
  indirect case stateSpace(StateSpaceSpec)
  indirect case delta(DeltaSpec)
  indirect case lightning(LightningSpec)
  indirect case shortConvolution(ShortConvolutionSpec)
  indirect case compressed(CompressedPlan)
  case none
}

extension Lowering {
  /// The calls between a mixer's norms and its residual.
  @inline(__always)
  func lower<Sink: CallSink>(_ mixer: MixerPlan, in step: Step, into sink: inout Sink) {
    switch mixer {
    case .attention(let plan): attention(plan, in: step, into: &sink)
    case .latent(let plan): latent(plan, in: step, into: &sink)
    case .stateSpace(let spec): stateSpace(spec, in: step, into: &sink)
    case .delta(let spec): delta(spec, in: step, into: &sink)
    case .lightning(let spec): lightning(spec, in: step, into: &sink)
    case .shortConvolution(let spec): shortConvolution(spec, in: step, into: &sink)
    case .compressed(let plan): compressed(plan, in: step, into: &sink)
    case .none: break
    }
  }
}

/// What makes a mixer ready.
struct PlanMixer: MixerVisitor {
  let roofline: Roofline
  let formats: ModelFormats

  func visit<Spec: Mixer>(_ spec: Spec) -> MixerPlan { spec.plan(under: roofline, formats) }
}

/// A feed-forward made ready.
enum FeedForwardPlan: Sendable {
  case dense(DenseSpec)
  case mixture(MixturePlan)
  case none
}

extension Lowering {
  /// The calls between a feed-forward's norms and its residual.
  @inline(__always)
  func lower<Sink: CallSink>(_ feedForward: FeedForwardPlan, in step: Step, into sink: inout Sink) {
    switch feedForward {
    case .dense(let spec): dense(spec, .layer, stored: .layer, in: step, into: &sink)
    case .mixture(let plan): mixture(plan, in: step, into: &sink)
    case .none: break
    }
  }
}
