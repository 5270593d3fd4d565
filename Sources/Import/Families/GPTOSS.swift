import CostModel
import Specs

/// gpt-oss (arXiv:2508.10925): windows of 128 in every other layer, sinks, biases everywhere, experts with bias.
enum GPTOSSFamily {
  static func read(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var names = DecoderParts.Names()
    names.defaults = ["head_dim": 64]
    var parts = try DecoderParts(&config, names)
    let bias = try config.bool("attention_bias", or: true)
    parts.bias(queryKeyValue: bias, output: bias)
    parts.attention.sinks = true
    parts.dense.bias = true
    try parts.rotary(&config, theta: 150_000)
    config.ignore("experts_per_token")
    var mixture = try MixtureKeys.read(
      &config, experts: ["num_local_experts", "num_experts"],
      topK: ["num_experts_per_tok", "experts_per_token"], inner: [], template: parts.dense)
    mixture.routerBias = true
    let window = try config.int("sliding_window") ?? config.defaulted(["sliding_window"], 128)
    let slides = try WindowKeys.slides(&config, layers: parts.layers) { $0 % 2 == 0 }
    return parts.model(
      try WindowKeys.stack(
        parts, slides: slides, window: window, config: config, feedForward: .mixture(mixture)))
  }
}
