import CostModel
import Specs

/// Nemotron 4 and Minitron (arXiv:2402.16819): LayerNorm with bias, squared ReLU, half of each head rotates.
enum NemotronFamily {
  static func read(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var names = DecoderParts.Names()
    names.defaultActivation = .reluSquared
    names.gated = false
    names.keyValueHeads = .asHeads
    var parts = try DecoderParts(&config, names)
    parts.layerNorm()
    let bias = try config.bool("attention_bias", or: false)
    parts.bias(queryKeyValue: bias, output: bias)
    parts.dense.bias = try config.bool("mlp_bias", or: false)
    try parts.rotary(&config, partial: 0.5)
    return parts.model()
  }
}
