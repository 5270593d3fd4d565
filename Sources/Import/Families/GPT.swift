import CostModel
import Specs

/// GPT-2 and what is written as it (GPT-3), GPT-BigCode (StarCoder, arXiv:2305.06161), GPT-J.
enum GPTFamily {
  static func two(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var parts = try parts(&config)
    try config.only("add_cross_attention", false, because: "decoders have no encoder to look at")
    parts.bias(queryKeyValue: true, output: true)
    parts.dense.bias = true
    return parts.model()
  }

  /// One key/value head for all queries.
  static func bigCode(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var parts = try parts(&config)
    try config.only("add_cross_attention", false, because: "decoders have no encoder to look at")
    if try config.bool("multi_query", or: true) { parts.attention.keyValueHeads = 1 }
    parts.bias(queryKeyValue: true, output: true)
    parts.dense.bias = true
    return parts.model()
  }

  /// Attention and feed-forward side by side behind one norm; no bias in attention, one at the head.
  static func j(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var parts = try parts(&config, tied: false)
    parts.embeddingPosition = .none
    parts.parallel = true
    parts.placement = .shared
    parts.dense.bias = true
    parts.lmHeadBias = true
    let rotated = try config.requiredInt("rotary_dim", in: 1...parts.attention.headDim)
    parts.attention.position = .rotary(
      RotarySpec(
        partialFactor: try RotaryKeys.share(&config, rotated: rotated, of: parts.attention.headDim)))
    config.ignore("rotary")
    return parts.model()
  }

  private static func parts(_ config: inout ConfigFields, tied: Bool = true) throws(InputError)
    -> DecoderParts
  {
    var names = DecoderParts.Names()
    names.hidden = ["n_embd", "hidden_size"]
    names.layers = ["n_layer", "num_hidden_layers"]
    names.heads = ["n_head", "num_attention_heads"]
    names.intermediate = ["n_inner"]
    names.positions = ["n_positions", "max_position_embeddings"]
    names.activation = ["activation_function"]
    names.defaultActivation = .geluTanh
    names.quadruple = true
    names.gated = false
    names.tied = tied
    names.keyValueHeads = .unknown
    names.readsHeadDim = false
    config.ignore("n_ctx")
    var parts = try DecoderParts(&config, names)
    parts.layerNorm()
    parts.attention.position = .none
    guard let length = parts.maxPositions else {
      throw config.missing("n_positions", accepted: "how many positions were learned")
    }
    parts.embeddingPosition = .learned(length: length)
    return parts
  }
}
