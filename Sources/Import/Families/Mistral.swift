import CostModel
import Specs

/// Mistral 7B, Nemo, Small (arXiv:2310.06825); Mixtral (arXiv:2401.04088); Ministral.
enum MistralFamily {
  static func read(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var parts = try DecoderParts(&config)
    try parts.rotary(&config)
    let window = try config.int("sliding_window")
    if window == nil && !config.saysNull("sliding_window") {
      throw config.missing(
        "sliding_window", accepted: "null, or the window, which Mistral's own code takes as 4096")
    }
    parts.attention = parts.attention(window: window)
    config.ignore("use_sliding_window")
    return parts.model()
  }

  static func mixtral(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var parts = try DecoderParts(&config)
    try parts.rotary(&config, theta: 1_000_000)
    parts.attention = parts.attention(window: try config.int("sliding_window"))
    let mixture = try MixtureKeys.read(
      &config, experts: ["num_local_experts", "num_experts"], inner: [], template: parts.dense)
    return parts.model(.mixture(mixture))
  }

  /// Ministral 3: no window unless stated. CWM (Meta, 2025): three layers of four slide.
  static func ministral(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var names = DecoderParts.Names()
    if config.family != "ministral" { names.defaults["head_dim"] = 128 }
    var parts = try DecoderParts(&config, names)
    parts.dense.bias = try config.bool("mlp_bias", or: false)
    try parts.rotary(&config, theta: 1_000_000)
    let window = try config.int("sliding_window")
    let every = config.family == "cwm" ? 4 : 0
    let slides = try WindowKeys.slides(&config, layers: parts.layers) {
      window != nil && (every == 0 || $0 % every != 0)
    }
    return parts.model(try WindowKeys.stack(parts, slides: slides, window: window, config: config))
  }
}
