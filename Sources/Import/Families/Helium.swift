import CostModel
import Specs

/// Helium (Kyutai, 2025): Llama with heads of 128 and no bias behind attention.
enum HeliumFamily {
  static func read(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var names = DecoderParts.Names()
    names.defaults["head_dim"] = 128
    var parts = try DecoderParts(&config, names)
    guard parts.attention.heads * parts.attention.headDim == parts.hidden else {
      throw InputError(
        .data, at: config.location,
        "\(parts.attention.heads) heads of \(parts.attention.headDim) are not hidden_size \(parts.hidden), which"
          + " this family's output projection needs")
    }
    parts.bias(queryKeyValue: try config.bool("attention_bias", or: false), output: false)
    parts.dense.bias = try config.bool("mlp_bias", or: false)
    try parts.rotary(&config, theta: 100_000)
    return parts.model()
  }
}
