import CostModel
import Specs

/// What most decoders share, read under the names that most configs use; a family changes what it does otherwise.
struct DecoderParts {
  var hidden, layers, vocabulary: Int
  var maxPositions: Int?
  var tied: Bool
  var attention: AttentionSpec
  var dense: DenseSpec
  var norm: NormSpec = .rms
  var placement: NormPlacement = .pre
  var parallel = false
  var finalNorm: NormSpec?
  var embeddingNorm: NormSpec?
  var embeddingPosition: PositionSpec = .none
  var lmHeadBias = false
  var logitSoftcap = false

  /// Names and defaults that differ between families.
  struct Names {
    var hidden = ["hidden_size"]
    var layers = ["num_hidden_layers"]
    var heads = ["num_attention_heads"]
    var intermediate = ["intermediate_size"]
    var positions = ["max_position_embeddings"]
    var activation = ["hidden_act"]
    var tied = false
    var defaultActivation = Activation.silu
    var gated = true
    /// Four times hidden_size stands in for a missing intermediate size (GPT-2).
    var quadruple = false
    var keyValueHeads = KeyValueHeads.required
    /// The family knows `head_dim`; others divide hidden_size, and the key is strange there.
    var readsHeadDim = true
    /// Sizes a vendor's own files leave out (Gemma 3).
    var defaults: [String: Int] = [:]

    /// Decoders from before Llama: tied, ungated, a key/value head for each query head, hidden ÷ heads wide.
    static var plain: Names {
      var names = Names()
      (names.tied, names.gated, names.readsHeadDim) = (true, false, false)
      names.keyValueHeads = .unknown
      return names
    }

    /// One `side` of an encoder and a decoder, as BART's file and Whisper's name it.
    static func side(_ side: String) -> Names {
      var names = plain
      names.hidden = ["d_model"]
      names.layers = ["\(side)_layers"]
      names.heads = ["\(side)_attention_heads"]
      names.intermediate = ["\(side)_ffn_dim"]
      names.activation = ["activation_function"]
      names.defaultActivation = .gelu
      return names
    }
  }

  /// What a silent `num_key_value_heads` means; `null` always means as many as heads.
  enum KeyValueHeads {
    /// As many as heads, as the family's own code takes it.
    case asHeads
    /// The family's code falls back to one model's number: no safe default.
    case required
    /// The family does not know the key.
    case unknown
  }

  init(_ config: inout ConfigFields, _ names: Names = Names()) throws(InputError) {
    hidden = try Self.size(&config, names.hidden, names, limit: 10_000_000)
    layers = try Self.size(&config, names.layers, names, limit: 10_000)
    vocabulary = try Self.size(&config, ["vocab_size"], names, limit: 100_000_000)
    maxPositions = try Self.positions(&config, names.positions)
    tied = try config.bool("tie_word_embeddings", or: names.tied)
    let heads = try Self.size(&config, names.heads, names, limit: 1_000_000)
    let keyValueHeads = try Self.keyValueHeads(&config, names, heads: heads)
    var headDim: Int?
    if names.readsHeadDim {
      headDim = try config.int("head_dim", in: 1...1_000_000)
      if headDim == nil, !config.saysNull("head_dim"), let known = names.defaults["head_dim"] {
        headDim = config.defaulted(["head_dim"], known)
      }
    }
    guard headDim != nil || (hidden % heads == 0 && hidden / heads <= 1_000_000) else {
      throw InputError(
        .data, at: config.location,
        "hidden_size \(hidden) does not divide into \(heads) heads of at most 1000000, and “head_dim” is missing"
      )
    }
    attention = AttentionSpec(heads: heads, keyValueHeads: keyValueHeads, headDim: headDim ?? hidden / heads)
    guard heads % attention.keyValueHeads == 0 else {
      throw InputError(
        .data, at: config.location,
        "\(heads) attention heads do not divide into \(attention.keyValueHeads) key/value heads")
    }
    let inner: Int
    if names.quadruple {
      inner = try config.int(names.intermediate[0]) ?? config.defaulted(names.intermediate, 4 * hidden)
    } else if names.intermediate.isEmpty {
      inner = 1
    } else {
      inner = try Self.size(&config, names.intermediate, names)
    }
    dense = DenseSpec(
      intermediate: inner, gated: names.gated,
      activation: try Self.activation(&config, names.activation, or: names.defaultActivation))
    finalNorm = .rms
  }

  /// The longest sequence; 0 and -1 mean that nobody says.
  private static func positions(_ config: inout ConfigFields, _ names: [String]) throws(InputError) -> Int? {
    guard let node = try config.node(names) else { return nil }
    guard let value = node.int, (-1...500_000_000).contains(value) else {
      throw config.wrong(node, names[0], accepted: "a whole number up to 500000000")
    }
    return value > 0 ? value : nil
  }

  private static func keyValueHeads(
    _ config: inout ConfigFields, _ names: Names, heads: Int
  ) throws(InputError) -> Int {
    let key = "num_key_value_heads"
    if names.keyValueHeads == .unknown { return heads }
    if let given = try config.int("num_key_value_heads", in: 1...1_000_000) { return given }
    if let known = names.defaults[key] { return config.defaulted([key], known) }
    guard names.keyValueHeads == .asHeads || config.saysNull(key) else {
      throw config.missing(key, accepted: "a whole number, or null for as many as heads")
    }
    return config.defaulted([key], heads)
  }

  private static func size(
    _ config: inout ConfigFields, _ names: [String], _ family: Names, limit: Int = 1_000_000_000
  ) throws(InputError) -> Int {
    if let value = try config.int(names, in: 1...limit) { return value }
    if let known = family.defaults[names[0]] { return config.defaulted(names, known) }
    throw config.missing(names[0], accepted: "a whole number from 1 to \(limit)")
  }

  /// Spellings of non-linearities in configs.
  static let activations: [String: Activation] = [
    "silu": .silu, "swish": .silu, "gelu": .gelu, "gelu_new": .geluTanh, "gelu_pytorch_tanh": .geluTanh,
    "gelu_fast": .geluTanh, "gelu_tanh": .geluTanh, "relu": .relu, "relu2": .reluSquared,
    "squared_relu": .reluSquared, "quick_gelu": .quickGelu, "swigluoai": .clampedSilu, "xielu": .xielu,
    "gelu_python": .gelu,
  ]

  static func activation(
    _ config: inout ConfigFields, _ names: [String], or fallback: Activation
  ) throws(InputError) -> Activation {
    guard let node = try config.node(names) else { return config.defaulted(names, fallback) }
    guard let text = node.string, let found = activations[text.lowercased()] else {
      throw config.wrong(node, names[0], accepted: activations.keys.sorted().joined(separator: ", "))
    }
    return found
  }
}

// MARK: - Building the model

extension DecoderParts {
  mutating func layerNorm(bias: Bool = true) {
    norm = NormSpec(kind: .layer, bias: bias)
    finalNorm = norm
  }

  mutating func bias(queryKeyValue: Bool, output: Bool) {
    attention.queryBias = queryKeyValue
    attention.keyBias = queryKeyValue
    attention.valueBias = queryKeyValue
    attention.outputBias = output
  }

  /// Layer norms, and a bias in every product.
  mutating func plainLayers() {
    layerNorm()
    bias(queryKeyValue: true, output: true)
    dense.bias = true
  }

  /// A table of as many positions as the file names, `spare` rows more, in place of any other.
  mutating func learnPositions(
    _ config: ConfigFields, _ names: Names, spare: Int = 0
  ) throws(InputError) {
    attention.position = .none
    guard let length = maxPositions else {
      throw config.missing(names.positions[0], accepted: "how many positions were learned")
    }
    embeddingPosition = .learned(length: length + spare)
  }

  /// Attention to all of an encoder's tokens.
  var lookingAtAnEncoder: AttentionSpec {
    var looks = attention
    looks.position = .none
    looks.span = .bidirectional
    looks.crosses = true
    return looks
  }

  mutating func rotary(
    _ config: inout ConfigFields, theta: Double = 10_000, partial: Double = 1
  ) throws(InputError) {
    attention.position = .rotary(
      try RotaryKeys.read(&config, theta: theta, partial: partial, maxPositions: maxPositions))
  }

  func layer(_ mixer: MixerSpec? = nil, _ feedForward: FeedForwardSpec? = nil) -> LayerSpec {
    LayerSpec(
      mixer: mixer ?? .attention(attention), feedForward: feedForward ?? .dense(dense), norm: norm,
      norms: placement, parallel: parallel)
  }

  /// Attention that sees `window` tokens, or all.
  func attention(window: Int?) -> AttentionSpec {
    var spec = attention
    spec.span = window.map { .sliding(window: $0) } ?? .full
    return spec
  }

  /// All layers alike.
  func model(_ feedForward: FeedForwardSpec? = nil) -> ModelSpec {
    model(Array(repeating: LayerKind(name: "decoder", layer: layer(nil, feedForward)), count: layers))
  }

  /// A model from its layers in order; equal ones become one kind.
  func model(_ stack: [LayerKind]) -> ModelSpec {
    var kinds: [LayerKind] = []
    var pattern: [Int] = []
    var index: [LayerKind: Int] = [:]
    for kind in stack {
      if let known = index[kind] {
        pattern.append(known)
      } else {
        index[kind] = kinds.count
        pattern.append(kinds.count)
        // Layers that differ in what their family has no word for.
        let isTaken = kinds.contains { $0.name == kind.name }
        kinds.append(LayerKind(name: kind.name + (isTaken ? "_\(kinds.count)" : ""), layer: kind.layer))
      }
    }
    var model = ModelSpec(
      name: "", hidden: hidden, vocabulary: vocabulary, kinds: kinds, pattern: pattern,
      tiedEmbeddings: tied, embeddingPosition: embeddingPosition, finalNorm: finalNorm)
    model.maxPositions = maxPositions
    model.lmHeadBias = lmHeadBias
    model.embeddingNorm = embeddingNorm
    model.logitSoftcap = logitSoftcap
    return model
  }
}
