import CostModel

/// How a feed-forward stands in specs and reports.
package protocol FeedForwardForm {
  /// The body of the `feed_forward` block; what `base` has and this one has not is said as well.
  func write(over base: FeedForwardSpec?, into out: inout YAMLText)

  /// For tables: `MoE, top 2 of 8 experts, gated silu, 14,336 wide`.
  var summary: String { get }
}

extension FeedForwardSpec {
  /// The mechanism's own form; nil for layers without one, `feed_forward: none`.
  package var form: (any FeedForwardForm)? {
    switch self {
    case .dense(let spec): spec
    case .mixture(let spec): spec
    case .none: nil
    }
  }

  func write(over base: FeedForwardSpec? = nil, into out: inout YAMLText) {
    guard let form else { return out.raw("feed_forward", "none") }
    out.block("feed_forward") { form.write(over: base, into: &$0) }
  }

  /// The `feed_forward` block of a model or a kind of layer, or `feed_forward: none`; nil when absent.
  ///
  /// - Parameter base: what is kept where the block says nothing.
  static func read(_ fields: inout YAMLFields, base: FeedForwardSpec?) throws(InputError) -> FeedForwardSpec?
  {
    if fields.isNone("feed_forward") { return FeedForwardSpec.none }
    guard var block = try fields.fields("feed_forward", .feedForward) else { return nil }
    let result = try read(block: &block, base: base)
    try block.finish()
    return result
  }

  private static func read(
    block: inout YAMLFields, base: FeedForwardSpec?
  ) throws(InputError) -> FeedForwardSpec {
    var usual = "dense"
    if case .mixture = base { usual = "moe" }
    switch try block.word("type", ["dense", "moe", "none"]) ?? usual {
    case "dense":
      var inherited: DenseSpec?
      if case .dense(let spec) = base { inherited = spec }
      return .dense(try DenseSpec.read(&block, base: inherited))
    case "moe":
      var inherited: MixtureSpec?
      if case .mixture(let spec) = base { inherited = spec }
      return .mixture(try MixtureSpec.read(&block, base: inherited))
    default: return .none
    }
  }
}

extension Block {
  /// What experts have as well.
  fileprivate static let sizes = [
    Key("intermediate_size", "Inner width, of each expert in a mixture.", else: nil),
    Key("gated", "A second product gates the first: three matrices instead of two.", else: "true"),
    Key("bias", "Biases on all products.", else: "false"),
    Key("activation", "Between the products.", else: "silu"),
    Key("inner_norm", "An RMS norm before the last product (BitNet).", else: "false"),
    Key(
      "activation_sparsity", "Share of gates cut off at a quantile (Gemma 3n); products stay whole.",
      else: "0"),
  ]

  static let feedForward = Block(
    "feed_forward", "The token-wise half of a layer: one feed-forward, or experts that a router picks from.",
    [
      Key(
        "type", "One for all tokens, experts, or nothing.",
        else: "dense, or moe where `num_local_experts` stands")
    ] + sizes + [
      Key("num_local_experts", "Routed experts; `moe` needs it.", else: "`dense` has none"),
      Key("num_experts_per_tok", "Experts that a token uses; `moe` needs it.", else: "`dense` has none"),
      Key("zero_expert_num", "Experts that hand a token on as it is (LongCat).", else: "0"),
      Key("shared_expert", "A feed-forward beside the routed ones for every token.", else: "none"),
      Key("shared_expert_gate", "A sigmoid gate on the shared expert's output (Qwen).", else: "false"),
      Key("router_bias", "A trained bias beside the router's logits.", else: "false"),
      Key(
        "capacity_factor", "Rows of each expert's buffer over the mean load.",
        else: "no buffer, nothing dropped"),
      Key("moe_latent_size", "Routed experts work in this width (Nemotron 3).", else: "`hidden_size`"),
      Key("branch_norms", "Dense and routed half each between norms of its own (Gemma 4).", else: "false"),
      Key("n_group", "Groups that the experts are sorted into.", else: "1"),
      Key("topk_group", "Groups that one token may use.", else: "`n_group`"),
    ])

  static let sharedExpert = Block(
    "shared_expert", "The always-on expert; what it does not say is as in a routed one.",
    sizes.map { Key($0.names[0], $0.meaning, else: "as in the routed experts") })
}
