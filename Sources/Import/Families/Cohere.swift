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

  /// North and its like (2026): Command R7B's layers with experts, plain or beside shared ones; the first may be dense.
  static func mixture(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var parts = try parts(&config)
    if config.has("rms_norm_eps") { (parts.norm, parts.finalNorm) = (.rms, .rms) }
    try parts.rotary(&config)
    var mixture = try MixtureKeys.read(&config, experts: ["num_experts"], inner: [], template: parts.dense)
    let shared = try config.int("num_shared_experts", in: 0...1_000) ?? 0
    if shared > 0 {
      mixture.shared = mixture.expert
      mixture.shared?.intermediate *= shared
    }
    let first = try config.int("first_k_dense_replace", in: 0...1_000_000) ?? 0
    let routed =
      try config.words("mlp_layer_types", count: parts.layers, ["dense", "sparse"])?.map { $0 == "sparse" }
      ?? (0..<parts.layers).map { $0 >= first }
    var dense = parts.dense
    if routed.contains(false) {
      dense.intermediate = try config.requiredInt("prefix_dense_intermediate_size")
    }
    let window = try config.int("sliding_window") ?? config.defaulted(["sliding_window"], 4096)
    let pattern = try config.int("sliding_window_pattern", "_sliding_window_pattern") ?? 4
    let prefix = try config.int("prefix_dense_sliding_window_pattern") ?? 1
    let slides = try WindowKeys.slides(&config, layers: parts.layers) {
      $0 < first ? ($0 + 1) % prefix != 0 : ($0 - first + 1) % pattern != 0
    }
    config.ignore(
      "shared_expert_combination_strategy", "expert_selection_fn", "prefix_dense_intermediate_size")
    return parts.model(
      zip(slides, routed).map { slides, routed in
        var attention = parts.attention(window: slides ? window : nil)
        // Layers that see all know no positions, but for dense ones where all of these do.
        if !slides, routed || prefix != 1 { attention.position = .none }
        return LayerKind(
          name: (slides ? "local" : "global") + (routed ? "_moe" : "_dense"),
          layer: parts.layer(.attention(attention), routed ? .mixture(mixture) : .dense(dense)))
      })
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
