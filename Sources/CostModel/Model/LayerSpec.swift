/// One decoder layer: a mixer over tokens, a feed-forward, and the norms around them.
///
/// Holds plain values only, so that reading it in the hot path costs no reference count.
public struct LayerSpec: Hashable, Sendable {
  /// What lets the layer's tokens see each other.
  public var mixer: MixerSpec
  /// What each token passes through alone.
  public var feedForward: FeedForwardSpec
  /// Which norm stands at every place that has one.
  public var norm: NormSpec
  /// Where norms stand.
  public var norms: NormPlacement
  /// Mixer and feed-forward read the same input and are added together (GPT-J, NeoX, Falcon, Command R).
  public var parallel: Bool
  /// Residual streams that mixer and feed-forward read a mixture of and add to, by weights made of all of them
  /// (manifold-constrained hyper-connections, DeepSeek-V4 §2.2); 1: the usual residual.
  public var streams = 1
  /// A prediction layer: it reads the last hidden state beside the next token's embedding, and has logits of its own by the
  /// model's head (multi-token prediction, DeepSeek-V3 §2.2).
  public var predicts = false

  /// A layer with one RMS norm before each half unless told otherwise.
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
  /// Softmax over a cache of keys and values.
  case attention(AttentionSpec)
  /// Softmax over a cache of latents (DeepSeek).
  case latent(LatentSpec)
  /// A selective state-space layer (Mamba).
  case stateSpace(StateSpaceSpec)
  /// Gated delta-rule linear attention (Qwen3-Next).
  case delta(DeltaSpec)
  /// Linear attention with a fixed decay a head (MiniMax-01).
  case lightning(LightningSpec)
  /// A gated convolution of a few taps (LFM2).
  case shortConvolution(ShortConvolutionSpec)
  /// Softmax over a window and over compressed entries (DeepSeek-V4).
  case compressed(CompressedSpec)
  /// Nothing: a layer of feed-forward alone.
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
  /// Before each, and after feed-forward (A.X K1).
  case output
  /// One norm feeds mixer and feed-forward (GPT-J, Phi, Command R): only with a parallel layer.
  case shared
  /// Before feed-forward alone: the mixer reads the normed input of the layer before it, a second mixer beside that
  /// one's (Falcon-H1).
  case inherited
}

extension NormPlacement {
  /// One stands between the feed-forward and its residual.
  @inline(__always) var isBehindFeedForward: Bool { self == .post || self == .sandwich || self == .output }
}

extension LayerSpec {
  /// A norm feeds the feed-forward alone.
  var hasNormBeforeFeedForward: Bool {
    // A layer without mixer has nobody to share with.
    feedForward != .none && norms != .post && (norms != .shared || mixer == .none)
  }

  /// Elements of the widest intermediate per token.
  func widestActivation(_ work: Workload, hidden: Double) -> Double {
    max(mixer.widestActivation(work), feedForward.widestActivation(hidden: hidden))
  }
}
