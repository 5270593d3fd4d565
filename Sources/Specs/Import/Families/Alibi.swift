import CostModel

/// BLOOM (arXiv:2211.05100) and MPT: linear biases on scores instead of positions.
enum AlibiFamily {
  static func bloom(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var names = DecoderParts.Names()
    names.hidden = ["hidden_size", "n_embed"]
    names.layers = ["n_layer", "num_hidden_layers"]
    names.heads = ["n_head", "num_attention_heads"]
    names.intermediate = ["n_inner"]
    names.positions = ["seq_length"]
    names.defaultActivation = .geluTanh
    names.quadruple = true
    names.gated = false
    names.tied = true
    var parts = try DecoderParts(&config, names)
    parts.layerNorm()
    parts.embeddingNorm = parts.norm
    parts.bias(queryKeyValue: true, output: true)
    parts.dense.bias = true
    parts.attention.position = .alibi
    try config.only(
      "apply_residual_connection_post_layernorm", false, because: "no released BLOOM adds the norm's output")
    return parts.model()
  }

  static func mpt(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var names = DecoderParts.Names()
    names.hidden = ["d_model"]
    names.layers = ["n_layers"]
    names.heads = ["n_heads"]
    names.intermediate = []
    names.positions = ["max_seq_len"]
    names.defaultActivation = .gelu
    names.gated = false
    names.tied = true
    var parts = try DecoderParts(&config, names)
    parts.dense.intermediate = parts.hidden * (try config.int("expansion_ratio", or: 4, in: 1...1_000))
    let bias = !(try config.bool("no_bias", or: true))
    parts.layerNorm(bias: bias)
    parts.bias(queryKeyValue: bias, output: bias)
    parts.dense.bias = bias
    config.ignore("embedding_fraction", "norm_type", "fc_type", "ffn_config", "use_pad_tok_in_ffn")
    let learned = try config.bool("learned_pos_emb", or: true)
    try attention(&parts, &config, learned: learned)
    return parts.model()
  }

  private static func attention(
    _ parts: inout DecoderParts, _ config: inout ConfigFields, learned: Bool
  ) throws(InputError) {
    guard var block = try config.fields("attn_config") else {
      throw config.missing(["attn_config"], accepted: "a block that says whether ALiBi is used")
    }
    switch try block.word(
      "attn_type", ["multihead_attention", "multiquery_attention", "grouped_query_attention"])
    {
    case "multiquery_attention": parts.attention.keyValueHeads = 1
    case "grouped_query_attention":
      parts.attention.keyValueHeads = try block.required("kv_n_heads", in: 1...parts.attention.heads)
    default: break
    }
    guard parts.attention.heads % parts.attention.keyValueHeads == 0 else {
      throw InputError(
        .data, at: block.location,
        "\(parts.attention.heads) heads do not divide into \(parts.attention.keyValueHeads)")
    }
    try block.only("qk_ln", false, because: "its norms over all heads with bias cannot be expressed")
    try block.only("prefix_lm", false, because: "decoders see the past only")
    try block.only("rope", false, because: "no released MPT rotates")
    block.ignore(
      "attn_impl", "clip_qkv", "softmax_scale", "alibi_bias_max", "attn_uses_sequence_id", "kv_n_heads",
      "sliding_window_size", "qk_gn")
    if try block.bool("alibi", or: false) {
      parts.attention.position = .alibi
    } else {
      parts.attention.position = .none
      if learned, let length = parts.maxPositions { parts.embeddingPosition = .learned(length: length) }
    }
    try block.finish()
    config.absorb(block)
  }
}
