/// A decoder-only transformer, declared layer by layer.
public struct ModelSpec: Hashable, Sendable {
  public var name: String
  public var title: String
  public var provenance: Provenance
  /// Where the figures come from: paper, config, model card.
  public var source: String
  public var notes: [String]

  public var hidden: Int
  public var vocabulary: Int
  /// lm_head is the embedding table, transposed.
  public var tiedEmbeddings: Bool
  public var lmHeadBias: Bool
  /// A norm between embedding and first layer (BLOOM).
  public var embeddingNorm: NormSpec?
  /// Added to the embedding: learned or sinusoidal; rotary and ALiBi belong to each layer's attention.
  public var embeddingPosition: PositionSpec
  public var finalNorm: NormSpec?
  /// tanh cap on the logits (Gemma 2).
  public var logitSoftcap: Bool
  /// Longest sequence the authors state.
  public var maxPositions: Int?
  /// The checkpoint's own precision, when stated.
  public var checkpointFormat: NumberFormat?
  /// The routed experts' own, where it differs (gpt-oss: mxfp4).
  public var expertFormat: NumberFormat?

  /// The different kinds of layer; `pattern` says where each stands.
  public var kinds: [LayerKind]
  /// Index into `kinds` for layer 0, 1, …
  public var pattern: [Int]

  public init(
    name: String, hidden: Int, vocabulary: Int, kinds: [LayerKind], pattern: [Int],
    tiedEmbeddings: Bool = false, embeddingPosition: PositionSpec = .none, finalNorm: NormSpec? = .rms
  ) {
    self.name = name
    title = name
    provenance = .published
    source = ""
    notes = []
    self.hidden = hidden
    self.vocabulary = vocabulary
    self.tiedEmbeddings = tiedEmbeddings
    lmHeadBias = false
    embeddingNorm = nil
    self.embeddingPosition = embeddingPosition
    self.finalNorm = finalNorm
    logitSoftcap = false
    maxPositions = nil
    checkpointFormat = nil
    expertFormat = nil
    self.kinds = kinds
    self.pattern = pattern
  }

  public var layerCount: Int { pattern.count }

  /// How many layers are of each kind, in the order of `kinds`.
  public var kindCounts: [Int] {
    var counts = [Int](repeating: 0, count: kinds.count)
    for index in pattern where counts.indices.contains(index) { counts[index] += 1 }
    return counts
  }
}

/// How far the figures can be trusted.
public enum Provenance: String, CaseIterable, Sendable {
  case published
  /// Rumour or leak; every report says so.
  case speculative
}

/// A layer and the name it goes by in reports (`local`, `global`, `dense`, `moe`).
public struct LayerKind: Hashable, Sendable {
  public var name: String
  public var layer: LayerSpec

  public init(name: String, layer: LayerSpec) {
    self.name = name
    self.layer = layer
  }
}
