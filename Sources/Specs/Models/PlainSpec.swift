import CostModel

/// A spec as short as it can be: keys of a `config.json` without their blocks, and what most models have left out.
enum PlainSpec {
  static let blocks: [(name: String, keys: [String])] = [
    (
      "attention",
      [
        "num_attention_heads", "num_key_value_heads", "head_dim", "sliding_window", "attention_chunk_size",
        "qk_norm",
      ]
    ),
    (
      "feed_forward",
      [
        "intermediate_size", "num_local_experts", "num_experts_per_tok", "moe_intermediate_size", "gated",
        "activation",
      ]
    ), ("position", ["rope_theta", "partial_rotary_factor", "rope_scaling"]),
  ]

  /// The spec with its keys in their blocks.
  static func expanded(_ node: YAMLNode) -> YAMLNode {
    guard var members = node.members else { return node }
    for (name, keys) in blocks {
      let block = members.first { $0.key.string == name }
      let loose = members.filter { keys.contains($0.key.string ?? "") }
      // A block that is there holds its keys itself.
      guard block == nil, !loose.isEmpty || name == "position" else { continue }
      members.removeAll { keys.contains($0.key.string ?? "") }
      members.append((node.scalar(name), node.mapping(loose)))
    }
    return node.mapping(
      members.map { key, value in
        guard let inner = value.members, !inner.contains(where: { $0.key.string == "type" }) else {
          return (key, value)
        }
        let type: String? =
          switch key.string {
          case "position": "rotary"
          case "feed_forward" where inner.contains { $0.key.string == "num_local_experts" }: "moe"
          default: nil
          }
        return (key, type.map { value.mapping([(value.scalar("type"), value.scalar($0))] + inner) } ?? value)
      })
  }

  /// What a spec left out and the reader took, in words; the catalogue's own say all that matters.
  static func defaults(_ node: YAMLNode, _ model: ModelSpec) -> [String] {
    func says(_ path: String...) -> Bool {
      var node: YAMLNode? = node
      for key in path { node = node?.members?.first { $0.key.string == key }?.value }
      return node != nil
    }
    guard !says("layer_kinds") else { return [] }
    var list: [String] = []
    if !says("norm") { list.append("norm rms") }
    if case .attention(let spec)? = model.kinds.first?.layer.mixer {
      if !says("attention", "num_key_value_heads") {
        list.append("num_key_value_heads \(spec.keyValueHeads), as many as query heads")
      }
      if !says("attention", "head_dim") { list.append("head_dim \(spec.headDim), hidden_size ÷ heads") }
      if case .rotary(let rotary) = spec.position, !says("position", "rope_theta") {
        list.append("rope_theta \(Digits.whole(rotary.theta))")
      }
    }
    if case .dense(let spec)? = model.kinds.first?.layer.feedForward {
      if !says("feed_forward", "gated") { list.append("gated \(spec.gated)") }
      if !says("feed_forward", "activation") { list.append("activation \(spec.activation.rawValue)") }
    }
    if !says("tie_word_embeddings") { list.append("tie_word_embeddings false: an lm_head of its own") }
    if !says("max_position_embeddings") { list.append("max_position_embeddings not stated: no limit") }
    return list
  }
}
