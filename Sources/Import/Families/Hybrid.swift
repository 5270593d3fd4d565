import CostModel
import Specs

/// Mamba-2 and attention, each layer behind it a feed-forward: Bamba (IBM, 2024), Granite 4 (IBM, 2025), Falcon-H1
/// (arXiv:2507.22448), whose layers run both side by side.
enum HybridFamily {
  static func bamba(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var parts = try parts(&config)
    try parts.rotary(&config, partial: 0.5)
    config.ignore("attn_rotary_emb", "z_loss_coefficient")
    let state = try mamba(&config, hidden: parts.hidden)
    let sees = Set(try config.ints("attn_layer_indices", in: 0...1_000_000) ?? [])
    return parts.model(
      (0..<parts.layers).map { layer in
        sees.contains(layer)
          ? LayerKind(name: "attention", layer: parts.layer())
          : LayerKind(name: "mamba", layer: parts.layer(.stateSpace(state)))
      })
  }

  static func granite(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var parts = try parts(&config)
    let rotates = try config.word("position_embedding_type", ["rope", "nope"]) == "rope"
    if rotates { try parts.rotary(&config) } else { parts.attention.position = .none }
    config.ignore("rope_theta", "rope_scaling", "rope_parameters", "normalization_function", "init_method")
    let words = [
      "mamba": "mamba", "linear_attention": "mamba", "attention": "attention", "full_attention": "attention",
    ]
    let older = try config.words("layers_block_type", count: parts.layers, words.keys.sorted())
    let types = try config.words("layer_types", count: parts.layers, words.keys.sorted()) ?? older
    let kinds = (types ?? Array(repeating: "mamba", count: parts.layers)).map { words[$0] ?? $0 }
    let state = kinds.contains("mamba") ? try mamba(&config, hidden: parts.hidden) : nil
    for key in ["mamba_d_state", "mamba_n_heads"] where state == nil { config.ignore(key) }
    var shared = parts.dense
    shared.intermediate = try config.int("shared_intermediate_size", or: 1024)
    var feedForward = FeedForwardSpec.dense(shared)
    if let experts = try config.int("num_local_experts", in: 0...1_000_000), experts > 0 {
      var mixture = try MixtureKeys.read(
        &config, experts: ["num_local_experts"], inner: [], template: parts.dense)
      mixture.shared = shared
      feedForward = .mixture(mixture)
    }
    config.ignore("num_experts_per_tok")
    return parts.model(
      kinds.map { kind in
        LayerKind(
          name: kind,
          layer: parts.layer(kind == "mamba" ? state.map { .stateSpace($0) } : nil, feedForward))
      })
  }

  /// Each layer is two: attention alone, then Mamba-2 on the same normed input with the feed-forward.
  static func falcon(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var parts = try parts(&config)
    try parts.rotary(&config)
    config.ignore(
      "lm_head_multiplier", "mlp_multipliers", "key_multiplier", "attention_out_multiplier",
      "attention_in_multiplier", "ssm_multipliers", "ssm_in_multiplier", "ssm_out_multiplier",
      "mamba_norm_before_gate",
      "mamba_use_mlp", "mlp_expansion_factor", "attn_layer_indices", "projectors_bias")
    let inner = try config.int("mamba_d_ssm")
    var state = try mamba(&config, hidden: parts.hidden, inner: inner)
    state.outputNorm = try config.bool("mamba_rms_norm", or: false)
    guard try config.bool("projectors_bias", or: false) == state.projectionBias else {
      throw InputError(
        .data, at: config.location,
        "“projectors_bias” and “mamba_proj_bias” differ, which no released model does")
    }
    let sees = LayerKind(name: "attention", layer: parts.layer(nil, FeedForwardSpec.none))
    var beside = parts.layer(.stateSpace(state))
    beside.norms = .inherited
    return parts.model((0..<parts.layers).flatMap { _ in [sees, LayerKind(name: "mamba", layer: beside)] })
  }

  private static func parts(_ config: inout ConfigFields) throws(InputError) -> DecoderParts {
    var names = DecoderParts.Names()
    names.keyValueHeads = .asHeads
    var parts = try DecoderParts(&config, names)
    let bias = try config.bool("attention_bias", or: false)
    parts.bias(queryKeyValue: bias, output: bias)
    parts.dense.bias = try config.bool("mlp_bias", or: false)
    config.ignore("num_logits_to_keep")
    return parts
  }

  /// Mamba-2 under the names that these hybrids use.
  static func mamba(
    _ config: inout ConfigFields, hidden: Int, inner stated: Int? = nil
  ) throws(InputError) -> StateSpaceSpec {
    let expand = try config.int("mamba_expand", or: 2, in: 1...1_000)
    let heads = try config.requiredInt("mamba_n_heads", in: 1...100_000)
    let groups = try config.int("mamba_n_groups", or: 1, in: 1...100_000)
    let inner = stated ?? expand * hidden
    var headDim = inner / heads
    if let node = try config.node(["mamba_d_head"]), node.string != "auto" {
      guard let size = node.int, (1...1_000_000).contains(size) else {
        throw config.wrong(node, "mamba_d_head", accepted: "a whole number from 1 to 1000000, or auto")
      }
      headDim = size
    }
    guard heads % groups == 0, headDim * heads == inner, inner <= 100_000_000 else {
      throw InputError(
        .data, at: config.location,
        "\(heads) Mamba heads of \(headDim) do not make \(inner) channels in \(groups) groups")
    }
    return StateSpaceSpec(
      version: .mamba2(headDim: headDim, groups: groups, chunk: try config.int("mamba_chunk_size", or: 256)),
      inner: inner, state: try config.int("mamba_d_state", or: 256, in: 1...1_000_000),
      kernel: try config.int("mamba_d_conv", or: 4, in: 1...1_000),
      convolutionBias: try config.bool("mamba_conv_bias", or: true),
      projectionBias: try config.bool("mamba_proj_bias", or: false))
  }
}
