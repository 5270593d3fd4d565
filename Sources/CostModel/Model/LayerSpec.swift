/// One decoder layer: a mixer over tokens, a feed-forward, and the norms around them.
///
/// Holds plain values only, so that reading it in the hot path costs no reference count.
public struct LayerSpec: Hashable, Sendable {
  public var mixer: MixerSpec
  public var feedForward: FeedForwardSpec
  public var norm: NormSpec
  public var norms: NormPlacement
  /// Mixer and feed-forward read the same input and are added together (GPT-J, NeoX, Falcon, Command R).
  public var parallel: Bool

  public init(
    mixer: MixerSpec, feedForward: FeedForwardSpec, norm: NormSpec = .rms, norms: NormPlacement = .pre,
    parallel: Bool = false
  ) {
    self.mixer = mixer
    self.feedForward = feedForward
    self.norm = norm
    self.norms = norms
    self.parallel = parallel
  }
}

/// What lets tokens see each other.
public enum MixerSpec: Hashable, Sendable {
  case attention(AttentionSpec)
  case latent(LatentSpec)
  case stateSpace(StateSpaceSpec)
  case delta(DeltaSpec)
  case none
}

/// Where a layer's norms stand.
public enum NormPlacement: String, CaseIterable, Hashable, Sendable {
  /// Before mixer and before feed-forward.
  case pre
  /// After each, before the residual is added (OLMo 2).
  case post
  /// Before and after each: four a layer (Gemma 2 and 3).
  case sandwich
  /// One norm feeds mixer and feed-forward (GPT-J, Phi, Command R): only with a parallel layer.
  case shared
}

extension MixerSpec {
  /// Elements one token leaves in the layer's cache.
  public var cacheWidth: Double {
    switch self {
    case .attention(let spec): spec.keyValueWidth
    case .latent(let spec): spec.cacheWidth
    case .stateSpace, .delta, .none: 0
    }
  }

  /// Tokens of a sequence of `length` that the layer keeps.
  public func cachedTokens(length: Double) -> Double {
    switch self {
    case .attention(let spec): spec.span.cachedTokens(length: length)
    case .latent: length
    case .stateSpace, .delta, .none: 0
    }
  }

  /// What a layer without a growing cache keeps of one sequence: recurrent state, and the convolution's tail.
  public var stateElements: (recurrent: Double, tail: Double) {
    switch self {
    case .stateSpace(let spec): (spec.stateElements, spec.tailElements)
    case .delta(let spec): (spec.stateElements, spec.tailElements)
    case .attention, .latent, .none: (0, 0)
    }
  }

  /// Kept at 16 bits under quantisation: biases, inner norms, recurrent layers' small tensors.
  func unquantised(hidden: Double) -> Double {
    switch self {
    case .attention(let spec): spec.smallParameters(hidden: hidden)
    case .latent(let spec):
      spec.biasParameters(hidden: hidden) + spec.normParameters + (spec.indexer?.normParameters ?? 0)
    case .stateSpace(let spec): spec.smallParameters(hidden: hidden)
    case .delta(let spec): spec.smallParameters
    case .none: 0
    }
  }

  /// Elements per token alive while the mixer runs, one kernel's inputs and outputs.
  func widestActivation(_ work: Workload, hidden: Double) -> Double {
    switch self {
    case .attention(let spec):
      let scores = work.attentionAlgorithm == .naive ? 2 * Double(spec.heads) * work.length : 0
      return spec.projectionWidth + Double(spec.heads) * Double(spec.valueHeadDim) + scores
    case .latent(let spec):
      let heads = Double(spec.heads)
      let expanded =
        (work.latent ?? (work.queries <= 1 ? .absorbed : .naive)) == .naive
        ? heads * Double(spec.plainDim + spec.valueDim) * work.length / work.queries
        : heads * Double(2 * spec.cacheRank + spec.rotaryDim)
      return spec.queryWidth + spec.downWidth + expanded + heads * Double(spec.valueDim)
    case .stateSpace(let spec): return spec.projectionWidth + spec.convolved + Double(spec.inner)
    case .delta(let spec): return spec.projectionWidth + spec.convolved + spec.valueWidth
    case .none: return 0
    }
  }
}

extension LayerSpec {
  /// Norms around the mixer (0 when there is none).
  var mixerNorms: Double {
    if case .none = mixer { return 0 }
    return norms == .sandwich ? 2 : 1
  }

  /// Norms around the feed-forward.
  var feedForwardNorms: Double {
    if case .none = feedForward { return 0 }
    switch norms {
    case .pre, .post: return 1
    case .sandwich: return 2
    case .shared:
      // A layer without mixer has nobody to share with.
      if case .none = mixer { return 1 }
      return 0
    }
  }
}
