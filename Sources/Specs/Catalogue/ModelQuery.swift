import CostModel

/// Which models to list: words that all have to hold, and an order.
public struct ModelQuery: Hashable, Sendable {
  /// What to sort by: total or active parameters, layers, bytes of cache a token, longest sequence.
  public enum Order: String, CaseIterable, Sendable {
    case name, parameters, active, layers, kv, context
  }

  /// Tags or parts of names.
  public var words: [String]
  /// Ascending; equals by name.
  public var order: Order
  /// Largest first.
  public var descending: Bool

  /// - Throws: `InputError` for a word that is neither a tag nor part of any name, with the nearest tags.
  public init(words: [String] = [], order: Order = .name, descending: Bool = false, among models: [ModelSpec])
    throws(InputError)
  {
    for word in words where !Self.tags.contains(word.lowercased()) {
      guard models.contains(where: { Self.named($0, word) }) else {
        throw InputError(
          .usage,
          "“\(word)” is no property and in no model's name\(Suggestion.phrase(for: word, among: Self.tags))"
            + " (properties: \(Self.tags.joined(separator: ", ")))")
      }
    }
    self.words = words
    self.order = order
    self.descending = descending
  }

  /// Those of `models` for which every word holds, in order.
  public func apply(_ models: [ModelSpec]) -> [ModelSpec] {
    let kept = models.filter { model in
      let own = Self.properties(model)
      return words.allSatisfy { word in
        Self.tags.contains(word.lowercased()) ? own.contains(word.lowercased()) : Self.named(model, word)
      }
    }
    let sorted = kept.sorted { (key($0), $0.name) < (key($1), $1.name) }
    return descending ? sorted.reversed() : sorted
  }

  private func key(_ model: ModelSpec) -> Double {
    switch order {
    case .name: 0
    case .parameters: model.parameters.total
    case .active: model.parameters.active
    case .layers: Double(model.layerCount)
    case .kv: model.cacheBytesPerToken(.bf16)
    case .context: Double(model.maxPositions ?? 0)
    }
  }

  private static func named(_ model: ModelSpec, _ word: String) -> Bool {
    (model.name + " " + model.title).lowercased().contains(word.lowercased())
  }

  /// What can be asked for besides parts of names.
  public static let tags = [
    "moe", "dense", "mha", "gqa", "mqa", "mla", "sliding", "chunked", "sparse", "mamba", "delta", "recurrent",
    "hybrid", "rotary", "alibi", "learned", "nope", "tied", "untied", "parallel", "shared-expert",
    "speculative",
  ]

  /// The tags that hold for `model`.
  public static func properties(_ model: ModelSpec) -> Set<String> {
    var found: Set<String> = [model.tiedEmbeddings ? "tied" : "untied"]
    if model.provenance == .speculative { found.insert("speculative") }
    if case .learned = model.embeddingPosition { found.insert("learned") }
    var attends = false
    for (kind, count) in zip(model.kinds, model.kindCounts) where count > 0 {
      if kind.layer.parallel { found.insert("parallel") }
      if let own = kind.layer.mixer.form?.properties {
        found.formUnion(own)
        attends = attends || !own.contains("recurrent")
      }
      if case .mixture(let spec) = kind.layer.feedForward {
        found.insert("moe")
        if spec.shared != nil { found.insert("shared-expert") }
      }
    }
    if !found.contains("moe") { found.insert("dense") }
    if attends && found.contains("recurrent") { found.insert("hybrid") }
    return found
  }
}
