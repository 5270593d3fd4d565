import CostModel
import Specs

/// LFM2 (Liquid AI, 2025): gated short convolutions and a few layers of attention; LFM2-MoE.
enum LFMFamily {
  static func dense(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var parts = try parts(&config)
    if try config.bool("block_auto_adjust_ff_dim", or: true) {
      let factor = try config.number("block_ffn_dim_multiplier", in: 0.001...1_000) ?? 1
      let multiple = try config.int("block_multiple_of", or: 256, in: 1...1_000_000)
      let scaled = Int(factor * Double(2 * parts.dense.intermediate / 3))
      parts.dense.intermediate = multiple * ((scaled + multiple - 1) / multiple)
    }
    return parts.model(
      try stack(&config, parts) { kind, mixer in LayerKind(name: kind, layer: parts.layer(mixer)) })
  }

  static func mixture(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    let parts = try parts(&config)
    var mixture = try MixtureKeys.read(
      &config, experts: ["num_experts"], inner: ["moe_intermediate_size"], template: parts.dense)
    mixture.routerBias = try config.bool("use_expert_bias", or: true)
    let dense = try config.int("num_dense_layers", or: 2, in: 0...10_000)
    var layer = 0
    return parts.model(
      try stack(&config, parts) { kind, mixer in
        layer += 1
        return layer <= dense
          ? LayerKind(name: kind + "_dense", layer: parts.layer(mixer))
          : LayerKind(name: kind + "_moe", layer: parts.layer(mixer, .mixture(mixture)))
      })
  }

  private static func parts(_ config: inout ConfigFields) throws(InputError) -> DecoderParts {
    var names = DecoderParts.Names()
    names.tied = true
    if config.has("tie_embedding") { names.tied = try config.bool("tie_embedding") ?? true }
    names.intermediate = ["block_ff_dim", "intermediate_size"]
    // Files hold both names, and the older one is obeyed.
    var copy = config.has("block_ff_dim") ? ConfigFields.without(["intermediate_size"], config) : config
    var parts = try DecoderParts(&copy, names)
    config.adopt(copy)
    config.ignore(
      "intermediate_size", "block_dim", "block_mlp_init_scale", "block_norm_eps", "block_out_init_scale",
      "block_use_swiglu", "block_use_xavier_init", "conv_dim", "conv_dim_out", "conv_use_xavier_init",
      "num_heads",
      "theta", "use_pos_enc", "num_dense_layers_")
    parts.attention.queryKeyNorm = .perHead
    try parts.rotary(&config, theta: 1_000_000)
    return parts
  }

  private static func stack(
    _ config: inout ConfigFields, _ parts: DecoderParts, _ kind: (String, MixerSpec) -> LayerKind
  ) throws(InputError) -> [LayerKind] {
    let convolution = ShortConvolutionSpec(
      channels: parts.hidden, kernel: try config.int("conv_L_cache", or: 3, in: 1...1_000),
      bias: try config.bool("conv_bias", or: false))
    let attends = Set(try config.ints("full_attn_idxs", in: 0...1_000_000) ?? Array(0..<parts.layers))
    let types = try config.words("layer_types", count: parts.layers, ["conv", "full_attention"])
    return (0..<parts.layers).map { layer in
      let sees = types.map { $0[layer] == "full_attention" } ?? attends.contains(layer)
      return kind(
        sees ? "attention" : "convolution",
        sees ? .attention(parts.attention) : .shortConvolution(convolution))
    }
  }
}
