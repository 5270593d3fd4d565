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
