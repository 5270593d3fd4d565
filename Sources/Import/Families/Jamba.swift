import CostModel
import Specs

/// Jamba (arXiv:2403.19887): one attention layer in eight, Mamba in the others, experts in every other layer.
enum JambaFamily {
  static func read(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var parts = try DecoderParts(&config)
    parts.attention.position = .none
    let attentionPeriod = try config.int("attn_layer_period", or: 8, in: 1...10_000)
    let attentionOffset = try config.int("attn_layer_offset", or: 4, in: 0...10_000)
    let expertPeriod = try config.int("expert_layer_period", or: 2, in: 1...10_000)
    let expertOffset = try config.int("expert_layer_offset", or: 1, in: 0...10_000)
    let mixture = try MixtureKeys.read(
      &config, experts: ["num_experts"], inner: [], template: parts.dense)
    let expand = try config.int("mamba_expand", or: 2, in: 1...1_000)
    let state = StateSpaceSpec(
      version: .mamba(
        stepRank: try config.node(["mamba_dt_rank"])?.int ?? (parts.hidden + 15) / 16),
      inner: expand * parts.hidden, state: try config.int("mamba_d_state", or: 16, in: 1...1_000_000),
      kernel: try config.int("mamba_d_conv", or: 4, in: 1...1_000),
      convolutionBias: try config.bool("mamba_conv_bias", or: true),
      projectionBias: try config.bool("mamba_proj_bias", or: false), innerNorms: true)
    if case .mamba(let rank) = state.version, !(1...1_000_000).contains(rank) || state.inner > 100_000_000 {
      throw InputError(
        .data, at: config.location,
        "“mamba_dt_rank” \(rank) or the inner width \(state.inner) is out of range")
    }
    config.ignore("mamba_inner_layernorms", "sliding_window", "n_ctx", "max_sequence_length")
    try config.only("mamba_inner_layernorms", true, because: "every released Jamba has them")
    let routed = mixture.experts > 1 ? FeedForwardSpec.mixture(mixture) : .dense(parts.dense)
    return parts.model(
      (0..<parts.layers).map { index in
        let sees = index % attentionPeriod == attentionOffset
        let sparse = index % expertPeriod == expertOffset
        return LayerKind(
          name: (sees ? "attention" : "mamba") + (sparse ? "_moe" : ""),
          layer: parts.layer(
            sees ? .attention(parts.attention) : .stateSpace(state), sparse ? routed : .dense(parts.dense)))
      })
  }
}
