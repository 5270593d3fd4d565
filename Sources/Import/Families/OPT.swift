import CostModel
import Specs

/// OPT (arXiv:2205.01068): learned positions with two spare rows, ReLU.
enum OPTFamily {
  static func read(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var names = DecoderParts.Names.plain
    names.intermediate = ["ffn_dim", "intermediate_size"]
    names.activation = ["activation_function"]
    names.defaultActivation = .relu
    var parts = try DecoderParts(&config, names)
    let affine = try config.bool("layer_norm_elementwise_affine", or: true)
    parts.norm = NormSpec(kind: .layer, weight: affine, bias: affine)
    let before = try config.bool("do_layer_norm_before", or: true)
    parts.placement = before ? .pre : .post
    let removed = try config.bool("_remove_final_layer_norm", or: false)
    parts.finalNorm = before && !removed ? parts.norm : nil
    let width = try config.int("word_embed_proj_dim") ?? parts.hidden
    guard width == parts.hidden else {
      throw InputError(
        .data, at: config.location,
        "“word_embed_proj_dim” \(width) differs from “hidden_size” \(parts.hidden): embeddings projected to another width cannot be expressed"
      )
    }
    let bias = try config.bool("enable_bias", or: true)
    parts.bias(queryKeyValue: bias, output: bias)
    parts.dense.bias = bias
    try parts.learnPositions(config, names, spare: 2)
    return parts.model()
  }

  /// XGLM (arXiv:2112.10668): OPT under other names, its positions made, not learned; BioGPT (arXiv:2210.10341), learned.
  static func other(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var names = DecoderParts.Names.plain
    names.hidden = ["d_model", "hidden_size"]
    names.layers = ["num_layers", "num_hidden_layers"]
    names.heads = ["attention_heads", "num_attention_heads"]
    names.intermediate = ["ffn_dim", "intermediate_size"]
    names.activation = ["activation_function", "hidden_act"]
    names.defaultActivation = .gelu
    var parts = try DecoderParts(&config, names)
    parts.plainLayers()
    config.ignore("scale_embedding")
    guard config.family == "biogpt" else {
      parts.attention.position = .none
      parts.embeddingPosition = .sinusoidal
      return parts.model()
    }
    try parts.learnPositions(config, names, spare: 2)
    return parts.model()
  }
}
