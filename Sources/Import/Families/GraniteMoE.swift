import CostModel
import Specs

/// Granite 3 with experts (IBM, 2024): every feed-forward is a mixture of `intermediate_size`-wide experts.
enum GraniteMoEFamily {
  static func read(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var names = DecoderParts.Names()
    names.keyValueHeads = .asHeads
    names.readsHeadDim = false
    var parts = try DecoderParts(&config, names)
    let bias = try config.bool("attention_bias", or: false)
    parts.bias(queryKeyValue: bias, output: bias)
    try parts.rotary(&config)
    let mixture = try MixtureKeys.read(
      &config, experts: ["num_local_experts"], inner: [], template: parts.dense)
    return parts.model(.mixture(mixture))
  }
}
