import CostModel
import Specs

/// Seed-OSS (ByteDance, 2025): biases on q, k and v, heads of 128 whatever hidden_size is.
enum SeedOSSFamily {
  static func read(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var names = DecoderParts.Names()
    names.defaults["head_dim"] = 128
    var parts = try DecoderParts(&config, names)
    parts.bias(
      queryKeyValue: try config.bool("attention_bias", or: true),
      output: try config.bool("attention_out_bias", or: false))
    parts.dense.bias = try config.bool("mlp_bias", or: false)
    try parts.rotary(&config)
    return parts.model()
  }
}
