import CostModel
import Specs

/// Phi 1, 1.5, 2 (arXiv:2309.05463), Phi 3, 3.5 and 4 (arXiv:2404.14219), Phi-3.5-MoE.
enum PhiFamily {
  /// One LayerNorm feeds attention and feed-forward; biases everywhere; part of each head rotates.
  static func two(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var names = DecoderParts.Names()
    names.defaultActivation = .geluTanh
    names.gated = false
    names.keyValueHeads = .asHeads
    var parts = try DecoderParts(&config, names)
    parts.layerNorm()
    parts.parallel = true
    parts.placement = .shared
    parts.bias(queryKeyValue: true, output: true)
    parts.dense.bias = true
    parts.lmHeadBias = true
    try config.only("qk_layernorm", false, because: "its norms with bias cannot be expressed")
    try parts.rotary(&config, partial: 0.5)
    return parts.model()
  }

  static func three(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var names = DecoderParts.Names()
    names.keyValueHeads = .asHeads
    var parts = try DecoderParts(&config, names)
    try parts.rotary(&config)
    config.ignore("original_max_position_embeddings")
    config.ignore("interpolate_factor", "full_attn_mod")
    try config.only("attention_bias", false, because: "no released Phi 3 or 4 has biases")
    try config.only("mlp_bias", false, because: "no released Phi 3 or 4 has biases")
    try config.only("lm_head_bias", false, because: "no released Phi 3 or 4 has biases")
    parts.attention = parts.attention(window: try config.int("sliding_window"))
    return parts.model()
  }

  static func mixture(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var parts = try DecoderParts(&config)
    parts.layerNorm()
    let bias = try config.bool("attention_bias", or: false)
    parts.bias(queryKeyValue: bias, output: bias)
    parts.lmHeadBias = try config.bool("lm_head_bias", or: false)
    try parts.rotary(&config, theta: 1_000_000)
    config.ignore("original_max_position_embeddings")
    parts.attention = parts.attention(window: try config.int("sliding_window"))
    let mixture = try MixtureKeys.read(
      &config, experts: ["num_local_experts"], inner: [], template: parts.dense)
    return parts.model(.mixture(mixture))
  }
}
