import CostModel
import Specs

/// Ling and Ring (Ant Group, 2025), Hunyuan-A13B (Tencent), dots.llm1 (rednote): grouped heads, experts beside shared ones.
enum BailingFamily {
  /// `bailing_moe` and `bailing_moe_v2`.
  static func read(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var names = DecoderParts.Names()
    names.keyValueHeads = .asHeads
    var parts = try DecoderParts(&config, names)
    let bias = try config.bool("use_qkv_bias", or: false)
    parts.bias(queryKeyValue: bias, output: try config.bool("use_bias", or: false))
    if try config.bool("use_qk_norm", or: false) { parts.attention.queryKeyNorm = .perHead }
    try parts.rotary(&config)
    var mixture = try MixtureKeys.read(
      &config, experts: ["num_experts"], inner: ["moe_intermediate_size"], template: parts.dense)
    let shared = try config.int("num_shared_experts", in: 0...1_000) ?? 0
    let width = try config.int("moe_shared_expert_intermediate_size") ?? mixture.expert.intermediate
    if shared > 0 {
      mixture.shared = mixture.expert
      mixture.shared?.intermediate = width * shared
    }
    mixture.routerBias = try config.bool("moe_router_enable_expert_bias", or: false)
    try MixtureKeys.groups(&config, &mixture)
    let dense = try config.int("first_k_dense_replace", or: 0, in: 0...1_000_000)
    config.ignore(
      "norm_head", "norm_softmax", "use_rmsnorm", "router_dtype", "score_function", "routed_scaling_factor",
      "moe_router_enable_shared_expert", "rotary_type", "multi_gate", "head_dim", "use_sliding_window",
      "sliding_window", "max_window_layers", "moe_layer_freq", "rotary_dim", "output_dropout",
      "moe_router_topk_scaling_factor",
      "norm_topk_prob", "expert_capacity_factor", "image_patch_token", "topk_method", "scoring_func")
    return parts.model(stack(parts, mixture, dense: dense))
  }

  /// Every layer's experts beside a feed-forward of the same width.
  static func hunyuan(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    let parts = try PlainFamily.hunyuan.parts(&config)
    func first(_ key: String) throws(InputError) -> Int? {
      guard let node = try config.node([key]) else { return nil }
      let items = node.array ?? [node]
      guard let value = items.first?.int, value > 0, items.allSatisfy({ $0.int == value }) else {
        throw config.wrong(node, key, accepted: "a whole number from 1, the same for every layer")
      }
      return value
    }
    guard let experts = try first("num_experts"), experts < 1_000_000 else {
      throw config.missing("num_experts", accepted: "a whole number from 1")
    }
    var expert = parts.dense
    if let width = try first("moe_intermediate_size"), width < 1_000_000_000 { expert.intermediate = width }
    var mixture = MixtureSpec(experts: experts, topK: try first("moe_topk") ?? 1, expert: expert)
    guard mixture.topK <= experts else {
      throw InputError(.data, at: config.location, "a token cannot use \(mixture.topK) of \(experts) experts")
    }
    let shared = try first("num_shared_expert") ?? 1
    mixture.shared = parts.dense
    guard shared < 1_000 else { throw config.missing("num_shared_expert", accepted: "a number below 1000") }
    mixture.shared?.intermediate *= shared
    return parts.model(.mixture(mixture))
  }

  static func dots(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var names = DecoderParts.Names()
    names.keyValueHeads = .asHeads
    var parts = try DecoderParts(&config, names)
    let bias = try config.bool("attention_bias", or: false)
    parts.bias(queryKeyValue: bias, output: bias)
    parts.attention.queryKeyNorm = .perHead
    try parts.rotary(&config)
    var mixture = try MixtureKeys.read(
      &config, experts: ["n_routed_experts"], inner: ["moe_intermediate_size"], template: parts.dense)
    try DeepSeekFamily.sharedExperts(&config, &mixture)
    mixture.routerBias = true
    try MixtureKeys.groups(&config, &mixture)
    let dense = try config.int("first_k_dense_replace", or: 0, in: 0...1_000_000)
    config.ignore("sliding_window", "max_window_layers", "layer_types", "moe_layer_freq")
    return parts.model(stack(parts, mixture, dense: dense))
  }

  private static func stack(_ parts: DecoderParts, _ mixture: MixtureSpec, dense: Int) -> [LayerKind] {
    (0..<parts.layers).map {
      $0 < dense
        ? LayerKind(name: "dense", layer: parts.layer())
        : LayerKind(name: "moe", layer: parts.layer(nil, .mixture(mixture)))
    }
  }
}
