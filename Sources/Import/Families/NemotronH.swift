import CostModel
import Specs

/// Nemotron-H and Nemotron 3 (arXiv:2504.03624): each layer is one block, Mamba-2, attention or feed-forward.
enum NemotronHFamily {
  static func read(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    let pattern = try blocks(&config)
    var names = DecoderParts.Names()
    names.activation = ["mlp_hidden_act"]
    names.defaultActivation = .reluSquared
    names.gated = false
    names.defaults = ["head_dim": 128, "num_hidden_layers": pattern.count]
    config.ignore("attention_head_dim")
    var parts = try DecoderParts(&config, names)
    guard parts.layers == pattern.count else {
      throw InputError(
        .data, at: config.location,
        "the block pattern has \(pattern.count) layers, num_hidden_layers says \(parts.layers)")
    }
    for key in ["attention_bias", "mlp_bias", "tie_word_embeddings"] {
      try config.only(key, false, because: "no released Nemotron-H has it, and codes disagree about it")
    }
    parts.attention.position = .none
    parts.attention = parts.attention(window: try config.int("sliding_window"))
    let state = try mamba(&config, parts)
    let mixture = pattern.contains("moe") ? try experts(&config, parts) : nil
    config.ignore(
      "rope_theta", "partial_rotary_factor", "rope_scaling", "num_nextn_predict_layers",
      "mtp_layers_block_type", "mtp_hybrid_override_pattern")
    return parts.model(
      pattern.map { block in
        switch block {
        case "mamba": LayerKind(name: block, layer: parts.layer(.stateSpace(state), FeedForwardSpec.none))
        case "attention":
          LayerKind(name: block, layer: parts.layer(.attention(parts.attention), FeedForwardSpec.none))
        case "moe":
          LayerKind(
            name: block,
            layer: parts.layer(MixerSpec.none, mixture.map { .mixture($0) } ?? .dense(parts.dense)))
        default: LayerKind(name: block, layer: parts.layer(MixerSpec.none))
        }
      })
  }

  /// `hybrid_override_pattern` (M mamba, * attention, - feed-forward, E experts) or `layers_block_type`.
  private static func blocks(_ config: inout ConfigFields) throws(InputError) -> [String] {
    let letters: [Character: String] = ["M": "mamba", "*": "attention", "-": "mlp", "E": "moe"]
    if let text = try config.string("hybrid_override_pattern") {
      var blocks: [String] = []
      for letter in text.prefix(10_000) {
        guard let block = letters[letter] else {
          throw InputError(
            .data, at: config.location, "“hybrid_override_pattern” holds “\(letter)”; accepted: M, *, -, E")
        }
        blocks.append(block)
      }
      config.ignore("layers_block_type", "layer_types")
      if blocks.isEmpty { throw config.missing("hybrid_override_pattern", accepted: "one letter a layer") }
      return blocks
    }
    let words = [
      "mamba": "mamba", "linear_attention": "mamba", "attention": "attention", "full_attention": "attention",
      "mlp": "mlp", "moe": "moe",
    ]
    guard let node = try config.node(["layers_block_type", "layer_types"]), let items = node.array,
      (1...10_000).contains(items.count)
    else { throw config.missing("hybrid_override_pattern", accepted: "which block each layer is") }
    var blocks: [String] = []
    for item in items {
      guard let text = item.string, let block = words[text] else {
        throw config.wrong(item, "layers_block_type", accepted: words.keys.sorted().joined(separator: ", "))
      }
      blocks.append(block)
    }
    return blocks
  }

  private static func mamba(_ config: inout ConfigFields, _ parts: DecoderParts) throws(InputError)
    -> StateSpaceSpec
  {
    let heads = try config.int("mamba_num_heads", or: 128, in: 1...100_000)
    let headDim = try config.int("mamba_head_dim", or: 64, in: 1...100_000)
    let groups = try config.int("n_groups", or: 8, in: 1...100_000)
    guard heads % groups == 0 else {
      throw InputError(.data, at: config.location, "\(heads) heads do not divide into \(groups) groups")
    }
    config.ignore("expand", "mamba_hidden_act", "use_bias", "mamba_proj_bias", "time_step_rank")
    return StateSpaceSpec(
      version: .mamba2(headDim: headDim, groups: groups, chunk: try config.int("chunk_size", or: 128)),
      inner: heads * headDim, state: try config.int("ssm_state_size", or: 128, in: 1...1_000_000),
      kernel: try config.int("conv_kernel", or: 4, in: 1...1_000),
      convolutionBias: try config.bool("use_conv_bias", or: true),
      projectionBias: try config.bool("use_bias", "mamba_proj_bias", or: false))
  }

  private static func experts(_ config: inout ConfigFields, _ parts: DecoderParts) throws(InputError)
    -> MixtureSpec
  {
    var spec = try MixtureKeys.read(
      &config, experts: ["n_routed_experts"], inner: ["moe_intermediate_size"], template: parts.dense)
    spec.latent = try config.int("moe_latent_size", in: 1...10_000_000)
    let shared = try config.int("n_shared_experts", in: 0...1_000) ?? 0
    if shared > 0 {
      spec.shared = spec.expert
      spec.shared?.intermediate = try config.requiredInt("moe_shared_expert_intermediate_size")
    }
    spec.routerBias = true
    try MixtureKeys.groups(&config, &spec)
    return spec
  }
}
