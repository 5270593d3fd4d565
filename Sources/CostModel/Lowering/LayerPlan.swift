/// One kind of layer, made ready for a machine and a precision.
///
/// Holds plain values only, so that reading it in the hot path costs no reference count.
struct LayerPlan: Sendable {
  let index: Int
  let layers: Double
  let norm: NormSpec
  let norms: NormPlacement
  let hasMixer: Bool
  let normsBeforeFeedForward: Bool
  let mixer: MixerPlan
  let feedForward: FeedForwardSpec
  /// Experts are not equally likely: their shares are the lowering's.
  let skewedRouter: Bool

  init(
    _ layer: LayerSpec, index: Int, layers: Double, machine: Machine, bytes: BytesPerElement,
    router: RouterLoad
  ) {
    self.index = index
    self.layers = layers
    norm = layer.norm
    norms = layer.norms
    hasMixer = layer.mixer != .none
    normsBeforeFeedForward = layer.hasNormBeforeFeedForward
    feedForward = layer.feedForward
    skewedRouter = router != .balanced
    switch layer.mixer {
    case .attention(let spec):
      mixer = .attention(AttentionLayer(spec, machine: machine, bytes: bytes))
    case .latent(let spec): mixer = .latent(LatentPlan(spec, machine: machine, bytes: bytes))
    case .stateSpace(let spec): mixer = .stateSpace(spec)
    case .delta(let spec): mixer = .delta(spec)
    case .none: mixer = .none
    }
  }
}

enum MixerPlan: Sendable {
  case attention(AttentionLayer)
  case latent(LatentPlan)
  case stateSpace(StateSpaceSpec)
  case delta(DeltaSpec)
  case none
}
