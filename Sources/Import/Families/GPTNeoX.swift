import CostModel
import Specs

/// GPT-NeoX 20B (arXiv:2204.06745) and Pythia.
enum GPTNeoXFamily {
  static func read(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var names = DecoderParts.Names()
    names.defaultActivation = .gelu
    names.keyValueHeads = .unknown
    names.readsHeadDim = false
    names.gated = false
    var parts = try DecoderParts(&config, names)
    parts.layerNorm()
    parts.parallel = try config.bool("use_parallel_residual", or: true)
    let bias = try config.bool("attention_bias", or: true)
    parts.bias(queryKeyValue: bias, output: bias)
    parts.dense.bias = true
    try parts.rotary(&config, partial: 0.25)
    return parts.model()
  }
}
