import CostModel

/// A GPT that goes by its shape, as training studies name theirs: `GPT 22B (h6144 L48 a64 V51200)`.
///
/// Width, layers and heads in brackets, the vocabulary padded to 51,200 where it isn't said (Megatron-LM,
/// arXiv:2104.04473 table 1); everything else is GPT-3's: 2,048 learned positions, four times as wide inside.
enum ShapeName {
  static func model(_ name: String) -> ModelSpec? {
    guard name.utf8.count <= 200, name.lowercased().hasPrefix("gpt"), let open = name.firstIndex(of: "("),
      name.hasSuffix(")")
    else { return nil }
    var sizes: [Character: Int] = ["v": 51_200]
    for word in name[name.index(after: open)...].dropLast().lowercased().split(separator: " ") {
      guard let letter = word.first, "hlav".contains(letter), let size = Int(word.dropFirst()),
        (1...10_000_000).contains(size)
      else { return nil }
      sizes[letter] = size
    }
    guard let hidden = sizes["h"], let layers = sizes["l"], let heads = sizes["a"],
      let vocabulary = sizes["v"],
      hidden % heads == 0, layers <= 100_000
    else { return nil }
    let attention = AttentionSpec(
      heads: heads, keyValueHeads: heads, headDim: hidden / heads, position: .none, bias: true)
    let layer = LayerSpec(
      mixer: .attention(attention),
      feedForward: .dense(
        DenseSpec(intermediate: 4 * hidden, gated: false, bias: true, activation: .geluTanh)), norm: .layer)
    var model = ModelSpec(
      name: name, hidden: hidden, vocabulary: vocabulary, kinds: [LayerKind(name: "decoder", layer: layer)],
      pattern: Array(repeating: 0, count: layers), tiedEmbeddings: true,
      embeddingPosition: .learned(length: 2048),
      finalNorm: .layer)
    model.maxPositions = 2048
    model.checkpointFormat = .fp16
    model.source = "the shape in its name; the rest as GPT-3"
    return model
  }
}
