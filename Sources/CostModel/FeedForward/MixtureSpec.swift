import Basics

/// Mixture of experts (arXiv:1701.06538): a router picks `topK` of `experts` feed-forwards for each token.
public struct MixtureSpec: Hashable, Sendable {
  /// Routed experts (`num_local_experts`).
  public var experts: Int
  /// Experts that each token uses (`num_experts_per_tok`).
  public var topK: Int
  /// One expert.
  public var expert: DenseSpec
  /// An always-on feed-forward beside the routed ones; its width is all shared experts' together.
  public var shared: DenseSpec?
  /// Qwen: a sigmoid gate of one row on the shared expert's output.
  public var sharedGate: Bool
  /// A trained bias beside the router's logits (gpt-oss), or the load-balancing correction (DeepSeek-V3).
  public var routerBias: Bool
  /// Groups the experts are sorted into (DeepSeek-V3: 8). They bound where a token travels; with balanced load
  /// the experts touched stay the same.
  public var groups: Int
  /// How many of the groups one token may use (DeepSeek-V3: 4).
  public var groupsPerToken: Int
  /// What a rank holds of experts that are dealt out to several; nil for all of them.
  public var dealing: ExpertDealing?
  /// Rows of each expert's buffer over the mean load (Switch, GShard); nil: no buffer, nothing dropped.
  public var capacityFactor: Double?
  /// Routed experts work in a narrower width, one product before them and one behind (Nemotron 3 Super:
  /// `moe_latent_size`); nil: in the residual stream's.
  public var latent: Int?
  /// Dense and routed half run side by side, each between norms of its own, and the router scales its input and each
  /// expert's output (Gemma 4).
  public var branchNorms = false

  /// Experts that a router may choose and that hand the token on as it is (LongCat-Flash, arXiv:2509.01322 §2.1): of a
  /// token's choices only some are computed.
  public var idle = 0

  /// Without groups and capacity; set those where a model has them.
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
    dealing = nil
  }

  /// Rows of each expert's buffer, whole ones; nil without.
  @inline(__always)
  public func capacity(tokens: Double) -> Double? {
    capacityFactor.map { (tokens * Double(topK) * $0 / Double(experts)).rounded(.up) }
  }

  /// Experts that `tokens` tokens touch when each picks `topK` different ones, all equally likely:
  /// E(1 − (1 − k/E)^T). One token touches exactly k.
  @inline(__always)
  public static func expectedDistinct(experts: Double, topK: Double, tokens: Double) -> Double {
    experts * (1 - power(1 - topK / experts, tokens))
  }
}

/// A rank's part in a mixture: whole experts, which tokens of several batches reach.
public struct ExpertDealing: Hashable, Sendable {
  /// Experts that lie on the rank.
  public var local: Int
  /// Batches as large as the rank's own whose tokens reach them.
  public var batches: Double

  /// `local` experts for the tokens of `batches`.
  public init(local: Int, batches: Double) {
    self.local = local
    self.batches = batches
  }
}

extension MixtureSpec {
  /// Choices of a router.
  var choices: Double { Double(experts + idle) }

  /// Experts that compute a token: all that it chooses, but for idle ones, which are as likely as others.
  public var computed: Double { idle == 0 ? Double(topK) : Double(topK) * Double(experts) / choices }

  /// Experts that lie on the device.
  var held: Int { dealing?.local ?? experts }

  /// Rows copied to their experts, what those make of them, and the copies that come back.
  func widestActivation(hidden: Double) -> Double {
    Double(topK)
      * (expert.projectionWidth + Double(expert.intermediate) + 2 * (latent.map(Double.init) ?? hidden))
  }

  /// Router, routed experts, shared expert and its gate.
  func tensors<Sink: TensorSink>(into out: inout TensorWriter<Sink>) {
    let count = Double(experts)
    out.enter("mlp", .router)
    if branchNorms {
      out.vector("router.scale", out.hidden)
      out.vector("router.per_expert_scale", count)
      out.enter("", .norm)
      for name in [
        "post_feedforward_layernorm_1", "pre_feedforward_layernorm_2", "post_feedforward_layernorm_2",
      ] {
        out.norm(name, width: out.hidden)
      }
      out.enter("mlp", .router)
    }
    out.matrix(
      "gate", rows: choices, columns: out.hidden, storage: .small, reader: .router, split: .replicated)
    if routerBias { out.vector("gate.e_score_correction_bias", choices) }
    out.enter(
      "mlp.experts.{expert}", .feedForward,
      routed: Tensor.RoutedExperts(
        experts: Double(held), used: computed * Double(held) / count))
    expert.tensors(.experts, readers: .routed, width: latent.map(Double.init), into: &out)
    if let latent {
      out.enter("mlp", .feedForward)
      out.matrix(
        "fc1_latent_proj", rows: Double(latent), columns: out.hidden, reader: .latentExpertInput,
        split: .replicated)
      out.matrix(
        "fc2_latent_proj", rows: out.hidden, columns: Double(latent), reader: .latentExpertOutput,
        split: .replicated)
    }
    if let shared {
      out.enter("mlp.shared_experts", .feedForward)
      shared.tensors(.weights, readers: .shared, into: &out)
    }
    if sharedGate {
      out.enter("mlp", .feedForward)
      out.matrix(
        "shared_expert_gate", rows: 1, columns: out.hidden, storage: .small, reader: .router,
        split: .replicated)
    }
  }
}
