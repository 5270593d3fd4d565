import CostModel
import Specs

/// StarCoder 2 (arXiv:2402.19173): LayerNorm and biases, grouped heads, a window.
enum StarCoder2Family {
  static func read(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var names = DecoderParts.Names()
    names.defaultActivation = .geluTanh
    names.gated = false
    names.tied = true
    var parts = try DecoderParts(&config, names)
    parts.layerNorm()
    let bias = try config.bool("use_bias", or: true)
    parts.bias(queryKeyValue: bias, output: bias)
    parts.dense.bias = bias
    try parts.rotary(&config)
    parts.attention = parts.attention(window: try config.int("sliding_window"))
    _ = try config.word("norm_type", ["layer_norm"])
    _ = try config.word("mlp_type", ["default"])
    return parts.model()
  }
}
