/// One kind of layer, made ready for a machine and a precision.
///
/// A reference, since it is too large to be handed on by value.
final class LayerPlan: Sendable {
  let index: Int
  let layers: Double
  let norm: NormSpec
  let norms: NormPlacement
  let normsBeforeFeedForward: Bool
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
    mixer = MixerPlan(layer.mixer, machine: machine, formats: formats)
    feedForward = FeedForwardPlan(layer.feedForward, router: router)
  }
}

/// A mixer made ready: what its calls need to know beside the workload.
enum MixerPlan: Sendable {
  case attention(AttentionPlan)
  case latent(LatentPlan)
  case stateSpace(StateSpaceSpec)
  case delta(DeltaSpec)
  case none

  init(_ spec: MixerSpec, machine: Machine, formats: ModelFormats) {
    switch spec {
    case .attention(let spec): self = .attention(AttentionPlan(spec, machine: machine, formats: formats))
    case .latent(let spec): self = .latent(LatentPlan(spec, machine: machine, formats: formats))
    case .stateSpace(let spec): self = .stateSpace(spec)
    case .delta(let spec): self = .delta(spec)
    case .none: self = .none
    }
  }
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
