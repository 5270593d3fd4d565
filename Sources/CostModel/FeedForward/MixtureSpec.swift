import Basics

/// Mixture of experts (arXiv:1701.06538): a router picks `topK` of `experts` feed-forwards for each token.
public struct MixtureSpec: Hashable, Sendable {
  public var experts: Int
  public var topK: Int
  /// One expert.
  public var expert: DenseSpec
  /// An always-on feed-forward beside the routed ones; its width is all shared experts' together.
  public var shared: DenseSpec?
  /// Qwen: a sigmoid gate of one row on the shared expert's output.
  public var sharedGate: Bool
  /// A trained bias beside the router's logits (gpt-oss), or the load-balancing correction (DeepSeek-V3).
  public var routerBias: Bool
  /// Groups the experts are sorted into, and how many of them one token may use (DeepSeek-V3: 8 and 4). They
  /// bound where a token travels; with balanced load the experts touched stay the same.
  public var groups: Int
  public var groupsPerToken: Int
  /// Rows of each expert's buffer over the mean load (Switch, GShard); nil: no buffer, nothing dropped.
  public var capacityFactor: Double?

  public init(
    experts: Int, topK: Int, expert: DenseSpec, shared: DenseSpec? = nil, sharedGate: Bool = false,
    routerBias: Bool = false
  ) {
    self.experts = experts
    self.topK = topK
    self.expert = expert
    self.shared = shared
    self.sharedGate = sharedGate
    self.routerBias = routerBias
    groups = 1
    groupsPerToken = 1
    capacityFactor = nil
  }

  /// Router weights and bias, for one layer.
  public func routerParameters(hidden: Double) -> Double {
    hidden * Double(experts) + (routerBias ? Double(experts) : 0)
  }

  /// Experts that `tokens` tokens touch when each picks `topK` different ones, all equally likely:
  /// E(1 − (1 − k/E)^T). One token touches exactly k.
  public static func expectedDistinct(experts: Double, topK: Double, tokens: Double) -> Double {
    experts * (1 - power(1 - topK / experts, tokens))
  }
}
