import CostModel
import Specs

/// Gemma (arXiv:2403.08295), Gemma 2 (arXiv:2408.00118), Gemma 3 (arXiv:2503.19786).
enum GemmaFamily {
  static func one(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var parts = try parts(&config, defaults: ["head_dim": 256])
    try parts.rotary(&config)
    return parts.model()
  }

  /// Local and global layers in turn, norms before and after (VaultGemma: before), caps on scores and logits.
  static func two(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var parts = try parts(&config, defaults: ["head_dim": 256])
    parts.placement = config.family == "vaultgemma" ? .pre : .sandwich
    parts.attention.logitSoftcap = try cap(&config, "attn_logit_softcapping", or: true)
    parts.logitSoftcap = try cap(&config, "final_logit_softcapping", or: true)
    try parts.rotary(&config)
    let window = try config.int("sliding_window") ?? config.defaulted(["sliding_window"], 4096)
    let slides = try WindowKeys.slides(&config, layers: parts.layers) { $0 % 2 == 0 }
    return parts.model(try WindowKeys.stack(parts, slides: slides, window: window, config: config))
  }

  /// Five local layers to one global, each with a rotary base of its own, q/k norms, no caps. Google's files
  /// leave out what equals the class defaults of 4B.
  static func three(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var parts = try parts(
      &config,
      defaults: [
        "vocab_size": 262_208, "num_attention_heads": 8, "num_key_value_heads": 4, "head_dim": 256,
      ])
    parts.placement = .sandwich
    parts.attention.queryKeyNorm = .perHead
    parts.attention.logitSoftcap = try cap(&config, "attn_logit_softcapping", or: false)
    parts.logitSoftcap = try cap(&config, "final_logit_softcapping", or: false)
    if parts.maxPositions == nil {
      parts.maxPositions = config.defaulted(["max_position_embeddings"], 131_072)
    }
    let localTheta = try config.number("rope_local_base_freq", in: 1...1e12)
    let global = try RotaryKeys.read(
      &config, theta: 1_000_000, layerType: "full_attention", maxPositions: parts.maxPositions)
    var local = RotarySpec(theta: localTheta ?? 10_000)
    if config.has("rope_parameters"), localTheta == nil {
      local = try RotaryKeys.read(
        &config, theta: 10_000, layerType: "sliding_attention", maxPositions: parts.maxPositions)
    } else if localTheta == nil {
      _ = config.defaulted(["rope_local_base_freq"], 10_000)
    }
    let window = try config.requiredInt("sliding_window")
    let pattern = try config.int("sliding_window_pattern", "_sliding_window_pattern") ?? 6
    let slides = try WindowKeys.slides(&config, layers: parts.layers) { ($0 + 1) % pattern != 0 }
    return parts.model(
      try WindowKeys.stack(
        parts, slides: slides, window: window, config: config, local: .rotary(local), global: .rotary(global))
    )
  }

  /// Gemma 4 (2026): layers that see all have wider heads, fewer of them stored, and keys for values; experts beside the
  /// dense feed-forward.
  static func four(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    if try config.int("hidden_size_per_layer_input", in: 0...1_000_000) ?? 256 > 0 {
      throw InputError(
        .data, at: config.location,
        "“hidden_size_per_layer_input”: embeddings of each layer's own cannot be expressed")
    }
    var parts = try parts(&config, defaults: ["head_dim": 256])
    parts.placement = .sandwich
    parts.attention.queryKeyNorm = .perHead
    parts.logitSoftcap = try cap(&config, "final_logit_softcapping", or: false)
    let window = try config.int("sliding_window") ?? config.defaulted(["sliding_window"], 512)
    let local = try RotaryKeys.read(
      &config, theta: 10_000, layerType: "sliding_attention", maxPositions: parts.maxPositions)
    let far = try RotaryKeys.read(
      &config, theta: 1_000_000, partial: 0.25, layerType: "full_attention", maxPositions: parts.maxPositions)
    var (near, global) = (parts.attention, parts.attention)
    near.span = .sliding(window: window)
    near.position = .rotary(local)
    global.position = .rotary(far)
    global.headDim = try config.int("global_head_dim", or: 512, in: 1...1_000_000)
    global.valueHeadDim = global.headDim
    let stored = try config.int("num_global_key_value_heads", in: 1...1_000_000)
    if try config.bool("attention_k_eq_v", or: false) {
      global.keyValueHeads = stored ?? global.keyValueHeads
      global.keyIsValue = true
      global.valueBias = false
    }
    guard global.heads % global.keyValueHeads == 0 else {
      throw InputError(
        .data, at: config.location,
        "\(global.heads) heads do not divide into \(global.keyValueHeads) global key/value heads")
    }
    let reuses = try config.int("num_kv_shared_layers", in: 0...parts.layers) ?? 0
    let wide = try config.bool("use_double_wide_mlp", or: false)
    var feedForward = FeedForwardSpec.dense(parts.dense)
    if try config.bool("enable_moe_block", or: false) {
      var mixture = try MixtureKeys.read(
        &config, experts: ["num_experts"], topK: ["top_k_experts"], inner: ["moe_intermediate_size"],
        template: parts.dense)
      mixture.shared = parts.dense
      mixture.branchNorms = true
      feedForward = .mixture(mixture)
    }
    config.ignore(
      "vocab_size_per_layer_input", "expert_intermediate_size", "num_experts", "top_k_experts",
      "moe_intermediate_size", "use_bidirectional_attention")
    var slides = try WindowKeys.slides(&config, layers: parts.layers) { ($0 + 1) % 6 != 0 }
    // The library lets the last layer see all, whatever the file says.
    slides[parts.layers - 1] = false
    return parts.model(
      slides.enumerated().map { layer, slides in
        var attention = slides ? near : global
        attention.sharesCache = layer >= parts.layers - reuses
        var own = feedForward
        if wide, attention.sharesCache, case .dense(var dense) = own {
          dense.intermediate *= 2
          own = .dense(dense)
        }
        return LayerKind(
          name: (slides ? "local" : "global") + (attention.sharesCache ? "_shared" : ""),
          layer: parts.layer(.attention(attention), own))
      })
  }

  private static func parts(_ config: inout ConfigFields, defaults: [String: Int]) throws(InputError)
    -> DecoderParts
  {
    var names = DecoderParts.Names()
    names.tied = true
    // hidden_act says "gelu" in old files and is not used.
    names.activation = ["hidden_activation"]
    names.defaultActivation = .geluTanh
    names.defaults = defaults
    config.ignore("hidden_act")
    var parts = try DecoderParts(&config, names)
    let bias = try config.bool("attention_bias", or: false)
    parts.bias(queryKeyValue: bias, output: bias)
    if config.has("use_bidirectional_attention"),
      config.members.contains(where: {
        $0.key == "use_bidirectional_attention" && $0.value.string == "vision"
      })
    {
      // Within an image, tokens see each other: the mask of text stays causal.
      config.ignore("use_bidirectional_attention")
      return parts
    }
    try config.only("use_bidirectional_attention", false, because: "decoders see the past only")
    return parts
  }

  private static func cap(_ config: inout ConfigFields, _ key: String, or fallback: Bool) throws(InputError)
    -> Bool
  {
    if try config.number(key, in: 0...1e9) != nil { return true }
    return config.saysNull(key) ? false : config.defaulted([key], fallback)
  }
}
