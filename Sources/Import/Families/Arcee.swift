import CostModel
import Specs

/// Arcee AFM (2025): Llama's attention, a feed-forward of squared ReLU without gate.
enum ArceeFamily {
  static func read(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var names = DecoderParts.Names()
    names.keyValueHeads = .asHeads
    names.gated = false
    names.defaultActivation = .reluSquared
    var parts = try DecoderParts(&config, names)
    let bias = try config.bool("attention_bias", or: false)
    parts.bias(queryKeyValue: bias, output: bias)
    parts.dense.bias = try config.bool("mlp_bias", or: false)
    try parts.rotary(&config)
    return parts.model()
  }
}
