import CostModel
import Specs

/// Qwen3-Next and Qwen 3.5: three gated delta-rule layers to one of gated softmax attention.
enum QwenNextFamily {
  static func mixture(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    // Qwen 3.5's mixtures have no dense layer and no intermediate_size.
    let parts = try parts(&config, dense: config.has("intermediate_size"))
    var mixture = try QwenFamily.experts(parts, &config)
    mixture.shared = parts.dense
    mixture.shared?.intermediate = try config.requiredInt("shared_expert_intermediate_size")
    mixture.sharedGate = true
    return parts.model(try stack(parts, &config, mixture: mixture))
  }

  /// Qwen 3.5 without experts.
  static func dense(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    let parts = try parts(&config, dense: true)
    return parts.model(try stack(parts, &config, mixture: nil))
  }

  private static func parts(_ config: inout ConfigFields, dense: Bool) throws(InputError) -> DecoderParts {
    var names = DecoderParts.Names()
    names.defaults = ["head_dim": 256]
    if !dense { names.intermediate = [] }
    var parts = try DecoderParts(&config, names)
    let bias = try config.bool("attention_bias", or: false)
    parts.bias(queryKeyValue: bias, output: bias)
    parts.attention.queryKeyNorm = .perHead
    parts.attention.outputGate = true
    try config.only("attn_output_gate", true, because: "every model of this family gates its attention")
    try parts.rotary(&config, partial: 0.25)
    config.ignore(
      "mtp_num_hidden_layers", "mtp_use_dedicated_embeddings", "max_window_layers", "mamba_ssm_dtype",
      "mlp_only_layers")
    try config.only("use_sliding_window", false, because: "no released model of this family slides")
    return parts
  }

  private static func stack(
    _ parts: DecoderParts, _ config: inout ConfigFields, mixture: MixtureSpec?
  ) throws(InputError) -> [LayerKind] {
    let delta = DeltaSpec(
      keyHeads: try config.int("linear_num_key_heads", or: 16, in: 1...1_000_000),
      valueHeads: try config.int("linear_num_value_heads", or: 32, in: 1...1_000_000),
      keyDim: try config.int("linear_key_head_dim", or: 128, in: 1...1_000_000),
      valueDim: try config.int("linear_value_head_dim", or: 128, in: 1...1_000_000),
      kernel: try config.int("linear_conv_kernel_dim", or: 4, in: 1...1_000))
    guard delta.valueHeads % delta.keyHeads == 0 else {
      throw InputError(
        .data, at: config.location,
        "\(delta.valueHeads) value heads do not divide into \(delta.keyHeads) key heads")
    }
    let interval = try config.int("full_attention_interval") ?? 4
    let types = try config.words(
      "layer_types", count: parts.layers, ["linear_attention", "full_attention"])
    let sparse = mixture == nil ? [] : try QwenFamily.sparse(&config, layers: parts.layers)
    var kinds: [LayerKind] = []
    for layer in 0..<parts.layers {
      let full = types.map { $0[layer] == "full_attention" } ?? ((layer + 1) % interval == 0)
      let routed = sparse.isEmpty ? nil : sparse[layer] ? mixture : nil
      kinds.append(
        LayerKind(
          name: full ? "full" : "linear",
          layer: parts.layer(
            full ? .attention(parts.attention) : .delta(delta),
            routed.map { .mixture($0) } ?? .dense(parts.dense))))
    }
    let mixed = sparse.contains(true) && sparse.contains(false)
    return QwenFamily.renamed(kinds, slides: true, mixed: mixed)
  }
}
