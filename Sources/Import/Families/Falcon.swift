import CostModel
import Specs

/// Falcon (arXiv:2311.16867): attention and feed-forward side by side, one or few key/value heads.
enum FalconFamily {
  static func read(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var names = DecoderParts.Names.plain
    names.layers = ["num_hidden_layers", "n_layer"]
    names.heads = ["num_attention_heads", "n_head"]
    names.intermediate = ["ffn_hidden_size"]
    names.activation = ["activation"]
    names.defaultActivation = .gelu
    names.quadruple = true
    var parts = try DecoderParts(&config, names)
    parts.layerNorm()
    // Files from before the key name the newer shape by its key/value heads.
    let newer = try config.bool("new_decoder_architecture", or: config.has("n_head_kv"))
    try config.only(
      "apply_residual_connection_post_layernorm", false, because: "no released Falcon adds the norm's output")
    let single = try config.bool("multi_query", or: true)
    let parallel = try config.bool("parallel_attn", or: true)
    guard parallel || !newer else {
      throw InputError(
        .data, at: config.location,
        "“parallel_attn” false: every Falcon of the newer shape runs attention and feed-forward side by side")
    }
    let given = try config.int("num_kv_heads", "n_head_kv", in: 1...parts.attention.heads)
    parts.attention.keyValueHeads =
      newer ? given ?? parts.attention.heads : single ? 1 : parts.attention.heads
    guard parts.attention.heads % parts.attention.keyValueHeads == 0 else {
      throw InputError(
        .data, at: config.location,
        "\(parts.attention.heads) heads do not divide into \(parts.attention.keyValueHeads)")
    }
    let norms = try config.int("num_ln_in_parallel_attn", in: 1...2) ?? (newer ? 2 : 1)
    parts.parallel = newer || parallel
    parts.placement = parts.parallel && norms == 1 ? .shared : .pre
    let bias = try config.bool("bias", or: false)
    parts.bias(queryKeyValue: bias, output: bias)
    parts.dense.bias = bias
    if try config.bool("alibi", or: false) {
      parts.attention.position = .alibi
      config.ignore("rope_theta", "rope_scaling", "rope_parameters")
    } else {
      try parts.rotary(&config)
    }
    return parts.model()
  }
}
