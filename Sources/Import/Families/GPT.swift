import CostModel
import Specs

/// GPT-2 and what is written as it (GPT-3), GPT-Neo, GPT-BigCode (StarCoder, arXiv:2305.06161), GPT-J.
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

  /// GPT-Neo (EleutherAI, 2021): some layers see a window; in attention a bias on the output alone.
  static func neo(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var parts = try parts(&config, inner: "intermediate_size")
    parts.attention.outputBias = true
    parts.dense.bias = true
    var kinds = try config.words("attention_layers", count: parts.layers, ["global", "local"]) ?? []
    if let node = try config.node(["attention_types"]), kinds.isEmpty {
      for entry in node.array ?? [] {
        guard let pair = entry.array, pair.count == 2, let kind = pair[0].array?.compactMap(\.string),
          let times = pair[1].int, (0...parts.layers).contains(times),
          kinds.count + times * kind.count <= parts.layers
        else { throw config.wrong(node, "attention_types", accepted: "kinds, and how often they come") }
        for _ in 0..<times { kinds += kind }
      }
    } else if kinds.isEmpty {
      kinds = (0..<parts.layers).map { $0 % 2 == 0 ? "global" : "local" }
    }
    guard kinds.count == parts.layers, kinds.allSatisfy(["global", "local"].contains) else {
      throw config.missing("attention_types", accepted: "global or local for each layer")
    }
    return parts.model(
      try WindowKeys.stack(
        parts, slides: kinds.map { $0 == "local" }, window: try config.int("window_size", or: 256),
        config: config))
  }

  private static func parts(
    _ config: inout ConfigFields, tied: Bool = true, inner: String = "n_inner"
  ) throws(InputError) -> DecoderParts {
    var names = DecoderParts.Names.plain
    names.hidden = ["n_embd", "hidden_size"]
    names.layers = ["n_layer", "num_hidden_layers", "num_layers"]
    names.heads = ["n_head", "num_attention_heads", "num_heads"]
    names.intermediate = [inner]
    names.positions = ["n_positions", "max_position_embeddings"]
    names.activation = ["activation_function"]
    names.defaultActivation = .geluTanh
    names.quadruple = true
    names.tied = tied
    config.ignore("n_ctx")
    var parts = try DecoderParts(&config, names)
    parts.layerNorm()
    try parts.learnPositions(config, names)
    return parts
  }
}
