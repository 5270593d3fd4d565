/// What is asked of a model in one pass.
public struct Workload: Hashable, Sendable {
  /// What the pass is called; costs go by its lengths.
  public enum Phase: String, CaseIterable, Sendable { case prefill, decode }

  /// The pass's name.
  public var phase: Phase
  /// Sequences.
  public var batch: Double
  /// New tokens of each sequence: the prompt in prefill, 1 in decode.
  public var queries: Double
  /// Tokens already cached for each sequence.
  public var prefix: Double
  /// Logits for every position instead of the last one of each sequence.
  public var allLogits: Bool
  /// How softmax attention is computed; nil takes what a current engine runs.
  public var attention: AttentionAlgorithm?
  /// Tokens of an encoder that each sequence looks at.
  public var source = 0.0
  /// Images in each sequence's prompt, all of the size that `imageSize` says.
  public var images = 0.0
  /// Their pixels, rows and columns.
  public var imageSize = SIMD2<Double>(repeating: 0)
  /// Seconds of sound in each sequence's prompt.
  public var audioSeconds = 0.0
  /// Patches of an image in a tower's own pass.
  var grid = PatchGrid()
  /// How latent attention is computed; nil takes the form whose roofline is lower.
  public var latent: LatentForm?
  /// Prompts, or chunks of them, that share the pass: products see the rows of both, attention is called for each.
  public var prompts: Segment?

  /// Sequences of one length within a pass.
  public struct Segment: Hashable, Sendable {
    /// Sequences.
    public var batch: Double
    /// New tokens of each.
    public var queries: Double
    /// Tokens already cached of each.
    public var prefix: Double

    /// `batch` sequences of `queries` new tokens behind `prefix` cached ones.
    @inline(__always)
    public init(batch: Double, queries: Double, prefix: Double = 0) {
      self.batch = batch
      self.queries = queries
      self.prefix = prefix
    }

    /// New tokens of all.
    @inline(__always) var tokens: Double { batch * queries }
    /// Of each when the pass is done.
    @inline(__always) var length: Double { prefix + queries }
  }

  /// Prefill of `batch` sequences of `inputLength` tokens each.
  public static func prefill(batch: Double, inputLength: Double, prefix: Double = 0) -> Workload {
    Workload(phase: .prefill, batch: batch, queries: inputLength, prefix: prefix)
  }

  /// One token for each of `batch` sequences whose cache holds `contextLength` tokens.
  public static func decode(batch: Double, contextLength: Double) -> Workload {
    Workload(phase: .decode, batch: batch, queries: 1, prefix: contextLength)
  }

  init(phase: Phase, batch: Double, queries: Double, prefix: Double) {
    self.phase = phase
    self.batch = batch
    self.queries = queries
    self.prefix = prefix
    allLogits = false
    attention = nil
    latent = nil
    prompts = nil
  }

  /// New tokens of all sequences.
  @inline(__always)
  public var tokens: Double {
    batch * queries + (prompts.map { $0.batch * $0.queries } ?? 0)
  }
  /// Length of each sequence when the pass is done.
  @inline(__always) public var length: Double { prefix + queries }
  /// Rows that lm_head sees.
  @inline(__always)
  public var logitRows: Double { allLogits ? tokens : batch + (prompts?.batch ?? 0) }

  /// What a current engine runs where the user does not choose.
  @inline(__always)
  public var attentionAlgorithm: AttentionAlgorithm { attention ?? .usual }
}

/// How softmax attention is computed; the arithmetic is the same, the traffic is not.
public enum AttentionAlgorithm: String, CaseIterable, Hashable, Sendable {
  /// Scores and probabilities materialised in far memory.
  case naive
  /// Tiled in SRAM with online softmax (arXiv:2205.14135, 2307.08691).
  case flash
  /// Flash, and where queries leave cores idle, their keys split over cores and a reduction (Flash-Decoding, 2023).
  case flashDecoding = "flash-decoding"

  /// Splits keys where that fills cores: a matter of the shape, not of the phase.
  public static let usual = flashDecoding
}
