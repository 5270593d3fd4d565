import CostModel
import Specs

/// Granite 3 with experts (IBM, 2024): every feed-forward is a mixture of `intermediate_size`-wide experts, some beside a
/// shared one; with windows and sinks in later ones.
enum GraniteMoEFamily {
  static func read(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var names = DecoderParts.Names()
    names.keyValueHeads = .asHeads
    names.readsHeadDim = false
    names.tied = config.family == "granite_swa"
    var parts = try DecoderParts(&config, names)
    let bias = try config.bool("attention_bias", or: false)
    parts.bias(queryKeyValue: bias, output: bias)
    try parts.rotary(&config)
    var feedForward = FeedForwardSpec.dense(parts.dense)
    if config.family != "granite_swa" {
      var mixture = try MixtureKeys.read(
        &config, experts: ["num_local_experts"], inner: [], template: parts.dense)
      if let width = try config.int("shared_intermediate_size", in: 0...1_000_000_000), width > 0 {
        mixture.shared = mixture.expert
        mixture.shared?.intermediate = width
      }
      feedForward = .mixture(mixture)
    } else {
      parts.dense.bias = try config.bool("mlp_bias", or: false)
      feedForward = .dense(parts.dense)
    }
    guard config.family.hasSuffix("_swa") else { return parts.model(feedForward) }
    parts.attention.sinks = true
    config.ignore("layer_rope_theta")
    let window = try config.int("sliding_window") ?? config.defaulted(["sliding_window"], 128)
    let slides = try WindowKeys.slides(&config, layers: parts.layers) { $0 % 4 != 0 }
    return parts.model(
      try WindowKeys.stack(parts, slides: slides, window: window, config: config, feedForward: feedForward))
  }
}
