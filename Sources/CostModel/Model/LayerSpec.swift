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
