import CostModel
import Specs

/// BLOOM (arXiv:2211.05100): linear biases on scores instead of positions, a norm behind the embedding.
enum BloomFamily {
  static func read(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var names = DecoderParts.Names.plain
    names.hidden = ["hidden_size", "n_embed"]
    names.layers = ["n_layer", "num_hidden_layers"]
    names.heads = ["n_head", "num_attention_heads"]
    names.intermediate = ["n_inner"]
    names.positions = ["seq_length"]
    names.defaultActivation = .geluTanh
    names.quadruple = true
    var parts = try DecoderParts(&config, names)
    parts.plainLayers()
    parts.embeddingNorm = parts.norm
    parts.attention.position = .alibi
    try config.only(
      "apply_residual_connection_post_layernorm", false, because: "no released BLOOM adds the norm's output")
    return parts.model()
  }
}
