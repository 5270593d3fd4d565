import CostModel
import Specs

/// Step 3.5 and 3.7 Flash (StepFun, 2026): a gate for each head's output, norms on q and k, sliding layers with heads of
/// their own, experts beside a shared one.
enum StepFamily {
  static func flash(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var names = DecoderParts.Names()
    names.defaults = ["head_dim": 128]
    names.keyValueHeads = .asHeads
    var copy = config
    if let groups = try config.int("num_attention_groups"), !config.has("num_key_value_heads") {
      names.defaults["num_key_value_heads"] = groups
    }
    copy.ignore("num_attention_groups")
    var parts = try DecoderParts(&copy, names)
    config.adopt(copy)
    parts.attention.queryKeyNorm = .perHead
    parts.attention.headGate = true
    let bias = try config.bool("attention_bias", or: false)
    parts.bias(queryKeyValue: bias, output: bias)
    try config.only("mlp_bias", false, because: "no module of this family has it")
    // Bases and rotated shares differ by layer, which changes no size.
    config.ignore(
      "rope_theta", "partial_rotary_factors", "partial_rotary_factor", "rope_scaling", "rope_parameters",
      "use_rope_layers", "yarn_only_types", "swiglu_limits", "swiglu_limits_shared",
      "use_head_wise_attn_gate",
      "use_qk_norm", "share_q_dim", "moe_router_activation", "moe_router_scaling_factor",
      "norm_expert_weight",
      "need_fp32_gate", "use_moe", "use_mfa", "num_mtp_layers", "use_moe_router_bias", "zero_centered",
      "max_seq_len", "att_impl_type", "query_pre_attn_scalar", "use_bidirectional_attention", "gating",
      "sink",
      "use_cache")
    parts.attention.position = .rotary(RotarySpec())
    var local = parts.attention
    if var other = try config.fields("attention_other_setting") {
      local.heads = try other.int("num_attention_heads", in: 1...1_000_000) ?? local.heads
      local.keyValueHeads =
        try other.int("num_attention_groups", "num_key_value_heads", in: 1...1_000_000) ?? local.keyValueHeads
      local.headDim = try other.int("head_dim", in: 1...1_000_000) ?? local.headDim
      local.valueHeadDim = local.headDim
      other.ignore("attention_type", "true_head_dim", "head_dim")
      try other.finish()
    }
    local.heads = try config.int("num_sliding_attention_heads", in: 1...1_000_000) ?? local.heads
    guard local.heads % local.keyValueHeads == 0 else {
      throw InputError(
        .data, at: config.location,
        "\(local.heads) sliding heads do not divide into \(local.keyValueHeads) key/value heads")
    }
    if let window = try config.int("sliding_window") { local.span = .sliding(window: window) }
    let types = try types(&config, parts.layers)
    var mixture = try MixtureKeys.read(
      &config, experts: ["n_routed_experts", "moe_num_experts", "num_experts", "num_local_experts"],
      topK: ["num_experts_per_tok", "moe_top_k"], inner: ["moe_intermediate_size"], template: parts.dense)
    mixture.shared = mixture.expert
    mixture.shared?.intermediate = try config.int("share_expert_dim", "share_expert_dims", or: 1280)
    config.ignore("n_shared_experts")
    mixture.routerBias = true
    let dense = try config.int("first_k_dense_replace", in: 0...1_000_000) ?? 3
    var routed = (0..<parts.layers).map { $0 >= dense }
    if let words = try config.words("mlp_layer_types", count: parts.layers, ["dense", "sparse"]) {
      routed = words.map { $0 == "sparse" }
    } else if let words = try config.string("moe_layers_enum") {
      let listed = Set(words.split(separator: ",").compactMap { Int($0) })
      routed = (0..<parts.layers).map(listed.contains)
    }
    return parts.model(
      zip(types, routed).map { slides, routed in
        LayerKind(
          name: (slides ? "local" : "global") + (routed ? "_moe" : "_dense"),
          layer: parts.layer(.attention(slides ? local : parts.attention), routed ? .mixture(mixture) : nil))
      })
  }

  /// `layer_types`, behind them those of the prediction layers.
  private static func types(_ config: inout ConfigFields, _ layers: Int) throws(InputError) -> [Bool] {
    guard let node = try config.node(["layer_types"]) else { return Array(repeating: false, count: layers) }
    guard let items = node.array, items.count >= layers else {
      throw config.wrong(node, "layer_types", accepted: "a list of \(layers), one for each layer")
    }
    var slides: [Bool] = []
    for item in items.prefix(layers) {
      slides.append(try config.word(item, "layer_types", WindowKeys.types) == "sliding_attention")
    }
    return slides
  }
}
