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
    _ layer: LayerSpec, index: Int, layers: Double, hidden: Double, machine: Machine, formats: ModelFormats,
    router: RouterLoad
  ) {
    self.index = index
    self.layers = layers
    norm = layer.norm
    norms = layer.norms
    normsBeforeFeedForward = layer.hasNormBeforeFeedForward
    streams = Double(layer.streams)
    predicts = layer.predicts
    var planner = PlanMixer(machine: machine, formats: formats)
    mixer = layer.mixer.with(&planner)
    feedForward = FeedForwardPlan(layer.feedForward, router: router)
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
  let machine: Machine
  let formats: ModelFormats

  func visit<Spec: Mixer>(_ spec: Spec) -> MixerPlan { spec.plan(on: machine, formats) }
}

/// A feed-forward made ready.
enum FeedForwardPlan: Sendable {
  case dense(DenseSpec)
  case mixture(MixturePlan)
  case none

  init(_ spec: FeedForwardSpec, router: RouterLoad) {
    switch spec {
    case .dense(let spec): self = .dense(spec)
    case .mixture(let spec): self = .mixture(MixturePlan(spec, load: router))
    case .none: self = .none
    }
  }
}
