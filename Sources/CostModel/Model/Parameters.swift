/// Trainable numbers by component. Exact whole numbers below 2^53.
public struct ParameterCount: Hashable, Sendable {
  /// Token and position tables.
  public var embedding = 0.0
  /// Norms inside attention among it.
  public var attention = 0.0
  /// State-space and linear-attention layers, their convolutions and inner norms among them.
  public var recurrent = 0.0
  /// Dense and shared feed-forwards and all routed experts.
  public var feedForward = 0.0
  public var router = 0.0
  public var norm = 0.0
  /// 0 when tied to the embedding.
  public var lmHead = 0.0
  /// Routed experts' share of `feedForward`.
  public var routedExperts = 0.0
  /// Of those, what one token uses.
  public var activeExperts = 0.0

  public init() {}

  public var total: Double { embedding + attention + recurrent + feedForward + router + norm + lmHead }
  /// `total` less the routed experts that a token does not use.
  public var active: Double { total - routedExperts + activeExperts }

  mutating func add(_ layer: LayerSpec, hidden: Double, layers: Double) {
    norm +=
      layers * (layer.mixerNorms + layer.feedForwardNorms) * layer.norm.parameters(width: hidden)
    switch layer.mixer {
    case .attention(let spec):
      attention += layers * spec.parameters(hidden: hidden)
    case .latent(let spec):
      attention += layers * spec.parameters(hidden: hidden)
    case .stateSpace(let spec): recurrent += layers * spec.parameters(hidden: hidden)
    case .delta(let spec): recurrent += layers * spec.parameters(hidden: hidden)
    case .none: break
    }
    switch layer.feedForward {
    case .dense(let spec): feedForward += layers * spec.parameters(hidden: hidden)
    case .mixture(let spec):
      let expert = spec.expert.parameters(hidden: hidden)
      routedExperts += layers * expert * Double(spec.experts)
      activeExperts += layers * expert * Double(spec.topK)
      feedForward += layers * expert * Double(spec.experts)
      feedForward += layers * (spec.shared?.parameters(hidden: hidden) ?? 0)
      feedForward += layers * (spec.sharedGate ? hidden : 0)
      router += layers * spec.routerParameters(hidden: hidden)
    case .none: break
    }
  }
}

extension ModelSpec {
  public var parameters: ParameterCount {
    let hidden = Double(self.hidden)
    let vocabulary = Double(self.vocabulary)
    var count = ParameterCount()
    count.embedding = vocabulary * hidden
    if case .learned(let length) = embeddingPosition { count.embedding += Double(length) * hidden }
    count.norm = (finalNorm?.parameters(width: hidden) ?? 0) + (embeddingNorm?.parameters(width: hidden) ?? 0)
    count.lmHead = (tiedEmbeddings ? 0 : vocabulary * hidden) + (lmHeadBias ? vocabulary : 0)
    for (kind, layers) in zip(kinds, kindCounts) {
      count.add(kind.layer, hidden: hidden, layers: Double(layers))
    }
    return count
  }

  /// Bytes that one more token adds to the cache while no window is full.
  public func cacheBytesPerToken(_ format: NumberFormat) -> Double {
    var width = 0.0
    for (kind, layers) in zip(kinds, kindCounts) {
      width += Double(layers) * kind.layer.mixer.cacheWidth
    }
    return width * format.bytesPerElement
  }
}
