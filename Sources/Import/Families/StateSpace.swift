import CostModel
import Specs

/// Mamba (arXiv:2312.00752) and Mamba-2 (arXiv:2405.21060): a stack of state-space layers, no feed-forward.
enum StateSpaceFamily {
  static func mamba(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    let parts = try parts(&config, tied: true)
    let expand = try config.int("expand", or: 2, in: 1...1_000)
    let inner = try config.int("intermediate_size", "d_inner") ?? parts.hidden * expand
    let rank = try config.node(["time_step_rank"])?.int ?? (parts.hidden + 15) / 16
    guard (1...1_000_000).contains(rank), inner <= 100_000_000 else {
      throw InputError(
        .data, at: config.location, "“time_step_rank” \(rank) or the inner width \(inner) is out of range")
    }
    let spec = StateSpaceSpec(
      version: .mamba(stepRank: rank), inner: inner,
      state: try config.requiredInt("state_size", in: 1...1_000_000),
      kernel: try config.int("conv_kernel", or: 4, in: 1...1_000),
      convolutionBias: try config.bool("use_conv_bias", or: true),
      projectionBias: try config.bool("use_bias", or: false))
    return model(parts, .stateSpace(spec))
  }

  static func mamba2(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    let parts = try parts(&config, tied: false)
    let heads = try config.requiredInt("num_heads", in: 1...100_000)
    let headDim = try config.requiredInt("head_dim", in: 1...1_000_000)
    let groups = try config.int("n_groups", or: 8, in: 1...100_000)
    guard heads % groups == 0 else {
      throw InputError(.data, at: config.location, "\(heads) heads do not divide into \(groups) groups")
    }
    let expand = try config.int("expand", or: 2, in: 1...1_000)
    let stated = try config.int("intermediate_size") ?? heads * headDim
    guard heads * headDim == expand * parts.hidden, stated == heads * headDim, stated <= 100_000_000 else {
      throw InputError(
        .data, at: config.location,
        "\(heads) heads of \(headDim) are not expand \(expand) × hidden_size \(parts.hidden)")
    }
    let spec = StateSpaceSpec(
      version: .mamba2(
        headDim: headDim, groups: groups, chunk: try config.int("chunk_size", or: 256)),
      inner: heads * headDim, state: try config.requiredInt("state_size", in: 1...1_000_000),
      kernel: try config.int("conv_kernel", or: 4, in: 1...1_000),
      convolutionBias: try config.bool("use_conv_bias", or: true),
      projectionBias: try config.bool("use_bias", or: false))
    config.ignore("time_step_rank", "rms_norm", "norm_before_gate")
    return model(parts, .stateSpace(spec))
  }

  private static func parts(_ config: inout ConfigFields, tied: Bool) throws(InputError) -> Header {
    config.ignore("fused_add_norm", "rms_norm", "ssm_cfg", "d_model", "n_layer")
    let header = Header(
      hidden: try config.requiredInt("hidden_size", in: 1...10_000_000),
      layers: try config.requiredInt("num_hidden_layers", "n_layer", in: 1...10_000),
      vocabulary: try config.requiredInt("vocab_size", in: 1...100_000_000),
      tied: try config.bool("tie_word_embeddings", or: tied))
    _ = try DecoderParts.activation(&config, ["hidden_act"], or: .silu)
    return header
  }

  private struct Header {
    var hidden, layers, vocabulary: Int
    var tied: Bool
  }

  private static func model(_ header: Header, _ mixer: MixerSpec) -> ModelSpec {
    let layer = LayerSpec(mixer: mixer, feedForward: FeedForwardSpec.none)
    return ModelSpec(
      name: "", hidden: header.hidden, vocabulary: header.vocabulary,
      kinds: [LayerKind(name: "decoder", layer: layer)], pattern: Array(repeating: 0, count: header.layers),
      tiedEmbeddings: header.tied)
  }
}
