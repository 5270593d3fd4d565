import CostModel
import Specs

/// OLMo (arXiv:2402.00838), OLMo 2 (arXiv:2501.00656), OLMo 3, OLMoE (arXiv:2409.02060), FlexOlmo (arXiv:2507.07024).
enum OLMoFamily {
  /// LayerNorm without any weight.
  static func one(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var parts = try parts(&config)
    try parts.rotary(&config)
    parts.norm = NormSpec(kind: .layer, weight: false)
    parts.finalNorm = parts.norm
    return parts.model()
  }

  /// Norms after attention and feed-forward, and over all heads of q and k.
  static func two(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var parts = try parts(&config)
    try parts.rotary(&config)
    parts.placement = .post
    parts.attention.queryKeyNorm = .full
    return parts.model()
  }

  /// OLMo 2 with three sliding layers to one that sees all; only the latter's rotation is stretched.
  static func three(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var parts = try parts(&config)
    parts.placement = .post
    parts.attention.queryKeyNorm = .full
    let global = try RotaryKeys.read(
      &config, theta: 500_000, layerType: "full_attention", maxPositions: parts.maxPositions)
    let window = try config.int("sliding_window") ?? config.defaulted(["sliding_window"], 4096)
    let slides = try WindowKeys.slides(&config, layers: parts.layers) { ($0 + 1) % 4 != 0 }
    return parts.model(
      try WindowKeys.stack(
        parts, slides: slides, window: window, config: config,
        local: .rotary(RotarySpec(theta: global.theta)), global: .rotary(global)))
  }

  /// OLMo Hybrid (2026): Gated DeltaNet in three of four layers, norms before; the others attend as OLMo 2 does, without
  /// positions unless the file says a base.
  static func hybrid(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var parts = try parts(&config)
    parts.attention.queryKeyNorm = .full
    if config.hasObject("rope_parameters") {
      try parts.rotary(&config)
    } else {
      parts.attention.position = .none
    }
    config.ignore("rope_parameters", "rope_scaling", "rope_theta")
    let limit = 1...1_000_000
    let keyHeads = try config.int("linear_num_key_heads", or: parts.attention.heads, in: limit)
    let valueHeads = try config.int("linear_num_value_heads", or: parts.attention.heads, in: limit)
    guard valueHeads % keyHeads == 0 else {
      throw InputError(
        .data, at: config.location, "\(valueHeads) value heads do not divide into \(keyHeads) key heads")
    }
    let width = try config.int("linear_key_head_dim", or: max(1, parts.hidden * 3 / 4 / keyHeads), in: limit)
    let delta = DeltaSpec(
      keyHeads: keyHeads, valueHeads: valueHeads, keyDim: width,
      valueDim: try config.int("linear_value_head_dim", or: 2 * width, in: limit),
      kernel: try config.int("linear_conv_kernel_dim", or: 4, in: 1...1_000))
    config.ignore(
      config.members.map(\.key).filter { $0.hasPrefix("linear_dt_") || $0.hasPrefix("linear_a_log_") })
    config.ignore("linear_allow_neg_eigval", "linear_use_gate")
    let types =
      try config.words("layer_types", count: parts.layers, ["full_attention", "linear_attention"])
      ?? (0..<parts.layers).map { $0 % 4 == 3 ? "full_attention" : "linear_attention" }
    return parts.model(
      types.map { type in
        var layer = parts.layer(type == "full_attention" ? nil : .delta(delta))
        if type == "full_attention" { layer.norms = .post }
        return LayerKind(name: type == "full_attention" ? "attention" : "delta", layer: layer)
      })
  }

  /// Its q/k norms are hidden_size wide whatever head_dim says, so that key is refused.
  static func mixture(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var parts = try parts(&config, headDim: false)
    try parts.rotary(&config)
    parts.attention.queryKeyNorm = .full
    if config.family == "flex_olmo" { parts.placement = .post }
    let mixture = try MixtureKeys.read(
      &config, experts: ["num_experts", "num_local_experts"], inner: [], template: parts.dense)
    return parts.model(.mixture(mixture))
  }

  private static func parts(_ config: inout ConfigFields, headDim: Bool = true) throws(InputError)
    -> DecoderParts
  {
    var names = DecoderParts.Names()
    names.keyValueHeads = .asHeads
    names.readsHeadDim = headDim
    var parts = try DecoderParts(&config, names)
    let bias = try config.bool("attention_bias", or: false)
    parts.bias(queryKeyValue: bias, output: bias)
    // Clipping changes values, not sizes.
    config.ignore("clip_qkv")
    return parts
  }
}
