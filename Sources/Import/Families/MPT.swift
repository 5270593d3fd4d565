import CostModel
import Specs

/// MPT (MosaicML, 2023): linear biases on scores instead of positions, no biases elsewhere.
enum MPTFamily {
  static func read(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var names = DecoderParts.Names.plain
    names.hidden = ["d_model"]
    names.layers = ["n_layers"]
    names.heads = ["n_heads"]
    names.intermediate = []
    names.positions = ["max_seq_len"]
    names.defaultActivation = .gelu
    var parts = try DecoderParts(&config, names)
    let ratio = try config.int("expansion_ratio", or: 4, in: 1...1_000)
    guard ratio == 4 else {
      throw InputError(
        .data, at: config.location, "“expansion_ratio” \(ratio): transformers builds 4 whatever it says")
    }
    parts.dense.intermediate = parts.hidden * ratio
    try config.only("no_bias", true, because: "transformers builds MPT without biases whatever it says")
    parts.layerNorm(bias: false)
    config.ignore("embedding_fraction", "norm_type", "fc_type", "use_pad_tok_in_ffn", "learned_pos_emb")
    try attention(&config)
    parts.attention.position = .alibi
    return parts.model()
  }

  /// The one shape that transformers builds: all heads, ALiBi.
  private static func attention(_ config: inout ConfigFields) throws(InputError) {
    guard var block = try config.fields("attn_config") else {
      throw config.missing("attn_config", accepted: "a block that says whether ALiBi is used")
    }
    _ = try block.word("attn_type", ["multihead_attention"])
    try block.only("alibi", true, because: "transformers builds MPT with ALiBi whatever it says")
    try block.only("qk_ln", false, because: "norms over all heads with bias cannot be expressed")
    try block.only("prefix_lm", false, because: "decoders see the past only")
    try block.only("rope", false, because: "no released MPT rotates")
    block.ignore("attn_impl", "clip_qkv", "softmax_scale", "alibi_bias_max", "attn_uses_sequence_id", "qk_gn")
    try block.finish()
    config.absorb(block)
  }
}
