import CostModel
import Specs

/// Command R (Cohere): attention and feed-forward side by side behind one LayerNorm without bias.
enum CohereFamily {
  static func one(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var parts = try parts(&config)
    // Norms of heads × head_dim weights, as many as one over all heads.
    if try config.bool("use_qk_norm", or: false) { parts.attention.queryKeyNorm = .full }
    try parts.rotary(&config)
    return parts.model()
  }

  /// Command R7B and A: three sliding layers that rotate to one that sees all and has no positions.
  static func two(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var parts = try parts(&config)
    try parts.rotary(&config)
    config.ignore(
      "position_embedding_type", "order_of_interleaved_layers", "layer_switch", "use_parallel_block",
      "use_gated_activation", "use_embedding_sharing", "use_parallel_embedding")
    try config.only("use_qk_norm", false, because: "no released model of this family has q/k norms")
    try config.only("use_parallel_block", true, because: "every released model runs both in parallel")
    try config.only("use_gated_activation", true, because: "every released model is gated")
    let window = try config.int("sliding_window") ?? config.defaulted(["sliding_window"], 4096)
    let pattern = try config.int("sliding_window_pattern", "_sliding_window_pattern") ?? 4
    let slides = try WindowKeys.slides(&config, layers: parts.layers) { ($0 + 1) % pattern != 0 }
    return parts.model(
      try WindowKeys.stack(parts, slides: slides, window: window, config: config, global: PositionSpec.none))
  }

  private static func parts(_ config: inout ConfigFields) throws(InputError) -> DecoderParts {
    var names = DecoderParts.Names()
    names.tied = true
    names.keyValueHeads = .asHeads
    var parts = try DecoderParts(&config, names)
    parts.layerNorm(bias: false)
    parts.parallel = true
    parts.placement = .shared
    let bias = try config.bool("attention_bias", or: false)
    parts.bias(queryKeyValue: bias, output: bias)
    return parts
  }
}
