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
    let mixture = try experts(&config, parts, corrects: false)
    let dense = try config.int("first_k_dense_replace", or: 0, in: 0...1_000_000)
    return parts.model(stack(parts, mixture, dense: dense))
  }

  /// Ling and Ring linear (2025), 2.5 (2026) and Ling 3: groups of layers of which the last attends, by grouped heads or
  /// latents; the others keep a state, by lightning attention or, in Ling 3, by Kimi Delta Attention.
  static func hybrid(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var names = DecoderParts.Names()
    names.keyValueHeads = .asHeads
    names.positions = ["max_position_embeddings", "model_max_length"]
    var parts = try DecoderParts(&config, names)
    let bias = try config.bool("use_qkv_bias", or: false)
    let norms = try config.bool("use_qk_norm", or: true)
    parts.bias(queryKeyValue: bias, output: try config.bool("use_bias", or: false))
    if norms { parts.attention.queryKeyNorm = .perHead }
    try config.only("use_mla_nope", false, because: "no released model of this family leaves positions out")
    let (heads, width) = (parts.attention.heads, parts.attention.headDim)
    let others = try config.int("num_kv_heads_for_linear_attn", in: 0...1_000_000) ?? 0
    guard others == 0 || others == heads else {
      throw InputError(
        .data, at: config.location,
        "“num_kv_heads_for_linear_attn” \(others): linear attention with fewer keys than queries cannot be expressed"
      )
    }
    let isDelta = config.has("short_conv_kernel_size") || config.has("kda_lower_bound")
    let theta = 6_000_000.0
    let sees: MixerSpec
    if config.has("kv_lora_rank") {
      var latent = try LatentKeys.read(&config, parts, theta: theta)
      latent.headGate =
        try config.word("gated_attention_proj_granularity_type", ["head_wise"]) != nil || isDelta
      sees = .latent(latent)
    } else {
      try parts.rotary(&config, theta: theta)
      sees = .attention(parts.attention)
    }
    let keeps: MixerSpec
    if isDelta {
      let whole = try config.bool("no_kda_lora", or: true)
      keeps = .delta(
        DeltaSpec(
          keyHeads: heads, valueHeads: heads, keyDim: width, valueDim: width,
          kernel: try config.int("short_conv_kernel_size", or: 4, in: 1...1_000),
          channelRank: whole ? 0 : width))
    } else {
      let rotary = try RotaryKeys.read(&config, theta: theta, maxPositions: parts.maxPositions)
      keeps = .lightning(
        LightningSpec(
          heads: heads, headDim: width, queryKeyNorm: norms,
          rotary: try config.bool("linear_rope", or: true) ? rotary : nil,
          activation: try config.bool("linear_silu", or: false), bias: bias))
    }
    let mixture = try experts(&config, parts, corrects: true)
    let dense = try config.int("first_k_dense_replace", or: 0, in: 0...1_000_000)
    let group = try config.int("layer_group_size", or: 1, in: 1...1_000_000)
    // Layers behind the last whole group attend as well.
    let whole = parts.layers / group * group
    let types = try config.words("layer_types", count: parts.layers, ["full_attention", "linear_attention"])
    let routed = try config.words("mlp_layer_types", count: parts.layers, ["dense", "sparse"])
    config.ignore(
      "group_norm_size", "linear_silu", "linear_rope", "use_linear_silu", "kda_safe_gate", "kda_lower_bound",
      "use_kda_lora", "mtp_use_kda", "qk_head_dim", "rope_interleave", "value_norm", "up_proj_norm",
      "scale_router_input", "use_nGPT", "partial_rotary_factor", "linear_mode", "use_low_rank",
      "mtp_loss_scaling_factor", "linear_head_dim", "linear_num_heads", "linear_conv_kernel_dim",
      "expert_swiglu_limit_list", "share_expert_swiglu_limit_list", "gated_attention_proj_granularity_type")
    config.ignore(config.members.map(\.key).filter { $0.hasPrefix("pregate_") })
    return parts.model(
      (0..<parts.layers).map { layer in
        let attends =
          types.map { $0[layer] == "full_attention" } ?? ((layer + 1) % group == 0 || layer >= whole)
        let isRouted = routed.map { $0[layer] == "sparse" } ?? (layer >= dense)
        return LayerKind(
          name: (attends ? "full" : "linear") + (isRouted ? "_moe" : "_dense"),
          layer: parts.layer(attends ? sees : keeps, isRouted ? .mixture(mixture) : nil))
      })
  }

  /// - Parameter corrects: routers have a correction bias where the file says nothing.
  private static func experts(
    _ config: inout ConfigFields, _ parts: DecoderParts, corrects: Bool
  ) throws(InputError) -> MixtureSpec {
    var mixture = try MixtureKeys.read(
      &config, experts: ["num_experts", "num_local_experts"],
      topK: ["num_experts_per_tok", "num_experts_per_token"], inner: ["moe_intermediate_size"],
      template: parts.dense)
    let shared = try config.int("num_shared_experts", "n_shared_experts", in: 0...1_000) ?? 0
    let width = try config.int("moe_shared_expert_intermediate_size") ?? mixture.expert.intermediate
    if shared > 0 {
      mixture.shared = mixture.expert
      mixture.shared?.intermediate = width * shared
    }
    mixture.routerBias = try config.bool("moe_router_enable_expert_bias", or: corrects)
    try MixtureKeys.groups(&config, &mixture)
    config.ignore(
      "norm_head", "norm_softmax", "use_rmsnorm", "router_dtype", "score_function", "routed_scaling_factor",
      "moe_router_enable_shared_expert", "moe_router_enable_routed_scaling", "rotary_type", "multi_gate",
      "head_dim", "use_sliding_window",
      "sliding_window", "max_window_layers", "moe_layer_freq", "rotary_dim", "output_dropout",
      "moe_router_topk_scaling_factor", "num_expert_group", "moe_renormalize",
      "norm_topk_prob", "expert_capacity_factor", "image_patch_token", "topk_method", "scoring_func")
    return mixture
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
