/// A decoder-only transformer, declared layer by layer.
public struct ModelSpec: Hashable, Sendable {
  /// Name in the catalogue and on the command line.
  public var name: String
  /// Name as people write it.
  public var title: String
  /// How far the figures can be trusted.
  public var provenance: Provenance
  /// Where the figures come from: paper, config, model card.
  public var source: String
  /// Remarks that reports repeat.
  public var notes: [String]
  /// What its spec left out and was taken as usual, in words.
  public var defaults: [String] {
    get { remarks.texts }
    set { remarks.texts = newValue }
  }
  private var remarks = Remarks()

  /// Width of the residual stream (`hidden_size`).
  public var hidden: Int
  /// Rows of the embedding table (`vocab_size`).
  public var vocabulary: Int
  /// lm_head is the embedding table, transposed.
  public var tiedEmbeddings: Bool
  /// lm_head adds a bias to every logit.
  public var lmHeadBias: Bool
  /// What stands behind the last norm.
  public var head = OutputHead()
  /// Rows of a table that tells kinds of token apart, added to the embedding (BERT's `type_vocab_size`); 0: none.
  public var tokenTypes = 0
  /// Embeddings of each layer's own (Gemma 3n).
  public var layerEmbedding: LayerEmbeddingSpec?
  /// Several residual streams of which each layer runs on one (Gemma 3n).
  public var alternating: AlternatingSpec?
  /// A norm between embedding and first layer (BLOOM).
  public var embeddingNorm: NormSpec?
  /// Added to the embedding: learned or sinusoidal; rotary and ALiBi belong to each layer's attention.
  public var embeddingPosition: PositionSpec
  /// A norm between last layer and lm_head.
  public var finalNorm: NormSpec?
  /// tanh cap on the logits (Gemma 2).
  public var logitSoftcap: Bool
  /// Tokens come in here; a later stage of a pipeline takes rows from the one before.
  public var embeds = true
  /// Logits come out here; an earlier stage hands its rows on.
  public var predicts = true
  /// Longest sequence the authors state.
  public var maxPositions: Int?
  /// The checkpoint's own precision, when stated.
  public var checkpointFormat: NumberFormat?
  /// The routed experts' own, where it differs (gpt-oss: mxfp4).
  public var expertFormat: NumberFormat?
  /// Tensors that the checkpoint stores otherwise; the first rule that fits holds.
  public var precision: [PrecisionRule] = []
  /// What the checkpoint brings products' inputs to, where that does not follow from its weights.
  public var operandFormat: NumberFormat?
  /// The checkpoint holds the scales of products' inputs.
  public var staticScales = false
  /// The checkpoint's own precision of keys and values.
  public var cacheFormat: NumberFormat?
  /// Bytes of a file's tensors that no layer reads: rotary tables, prediction layers.
  public var unreadBytes = 0.0

  /// Prediction layers that the checkpoint holds behind its own, each like the last; engines run without them unless asked.
  public var predictionLayers = 0
  /// Encoders that run before the decoder.
  public var towers: [Tower] = []

  /// The different kinds of layer; `pattern` says where each stands.
  public var kinds: [LayerKind]
  /// Index into `kinds` for layer 0, 1, …
  public var pattern: [Int]

  /// A published model without notes; what is not said is off or unknown.
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

  /// Layers in all (`num_hidden_layers`).
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
  /// From a paper, config or model card.
  case published
  /// Rumour or leak; every report says so.
  case speculative
}

/// A layer and the name it goes by in reports (`local`, `global`, `dense`, `moe`).
public struct LayerKind: Hashable, Sendable {
  /// Name in reports.
  public var name: String
  /// What each layer of the kind is.
  public var layer: LayerSpec

  /// A kind of layer under the name that reports give it.
  public init(name: String, layer: LayerSpec) {
    self.name = name
    self.layer = layer
  }
}

/// Words about a spec, which tell no two models apart.
private struct Remarks: Hashable, Sendable {
  var texts: [String] = []

  static func == (one: Remarks, other: Remarks) -> Bool { true }
  func hash(into hasher: inout Hasher) {}
}
