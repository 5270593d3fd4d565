/// One kernel launch by its dimensions: what is lowered to, priced, measured, run and simulated.
public enum Shape: Hashable, Sendable {
  case product(ProductCall)
  case attention(AttentionCall)
  /// The kernel that joins what cores came to which shared the keys of that attention.
  case join(AttentionCall)
  case index(IndexCall)
  case experts(ExpertsCall)
  case rows(RowsCall)
  case scan(ScanCall)
  case message(MessageCall)
}

/// What a rank tells others, priced by the law of its links when it is made: links are no part of a device's machine.
public struct MessageCall: Hashable, Sendable {
  /// That the rank sends.
  public var bytes: Double
  /// Of the whole buffer that it is about, in each of so many rounds.
  public var buffer, rounds: Double
  /// Who takes part.
  public var ranks: Double
  /// What the bytes need at the links' full rate.
  public var floorSeconds: Double
  /// What to expect.
  public var seconds: Double
  /// How far `seconds` can be trusted.
  public var trust: MessageTrust
  /// Of both, the share that no computing hides.
  public var exposed = 1.0

  /// A message of `bytes` among `ranks`.
  public init(
    bytes: Double, buffer: Double = 0, rounds: Double = 1, ranks: Double, floorSeconds: Double,
    seconds: Double, trust: MessageTrust = MessageTrust()
  ) {
    self.bytes = bytes
    self.buffer = buffer
    self.rounds = rounds
    self.trust = trust
    self.ranks = ranks
    self.floorSeconds = floorSeconds
    self.seconds = seconds
  }

  /// For `count` layers one after the other, as far as it is waited for.
  func time(layers count: Double, hasInterval: Bool) -> Time {
    var roofs = SIMD8<Double>.zero
    roofs[Bound.link.index] = floorSeconds
    return Time(
      seconds: seconds, low: seconds * (hasInterval ? trust.low : 1),
      high: seconds * (hasInterval ? trust.high : 1), bound: .link,
      basis: hasInterval ? trust.basis : .upperBound, floor: Floor(roofs: roofs)) * (count * exposed)
  }
}

/// What a message's expected time stands on, and factors on it that hold 80 % of measured ones.
public struct MessageTrust: Hashable, Sendable {
  public var low, high: Double
  /// See the type.
  public var basis: Basis

  /// Nothing fitted, unless told otherwise.
  public init(low: Double = 1, high: Double = 1, basis: Basis = .upperBound) {
    self.low = low
    self.high = high
    self.basis = basis
  }
}

/// `copies` products [rows, inputs] × [inputs, outputs], each with weights of its own.
public struct ProductCall: Hashable, Sendable {
  public var rows, outputs, inputs, copies: Double
  /// Elements added to each row of the result, read once.
  public var biases: Double
  /// Element-wise FLOPs that follow on each row of the result, biases left out.
  public var epilogueFLOPs: Double

  /// A product of `rows` × `inputs` with `inputs` × `outputs`.
  public init(
    rows: Double, outputs: Double, inputs: Double, copies: Double = 1, biases: Double = 0,
    epilogueFLOPs: Double = 0
  ) {
    self.rows = rows
    self.outputs = outputs
    self.inputs = inputs
    self.copies = copies
    self.biases = biases
    self.epilogueFLOPs = epilogueFLOPs
  }
}

/// Softmax attention of `queries` new tokens of each of `sequences` behind `prefix` cached ones.
///
/// Multi-head, grouped-query, multi-query and both forms of latent attention are this kernel with other widths.
public struct AttentionCall: Hashable, Sendable {
  public var sequences, queries, prefix: Double
  /// Query heads.
  public var heads: Double
  /// Key/value heads that are stored and walked separately.
  public var storedHeads: Double
  /// Elements of a query and a key, and of an output row.
  public var keyWidth, valueWidth: Double
  /// Elements read per key and stored head: latent attention reads keys and values as one.
  public var storedWidth: Double
  /// Keys a query may see, besides the causal mask.
  public var span: AttentionSpan
  /// Keys that a query may pick by an index of its own (arXiv:2512.02556 §2); nil for all that `span` allows.
  public var picked: Double?
  /// (query, key) pairs of one sequence and head where no causal mask says them: both ways, in windows, over an
  /// encoder's tokens, over keys that stand for many.
  public var visible: Double?
  /// Element-wise FLOPs for each (query, key) pair and head, softmax among them.
  public var flopsPerPair: Double
  /// A sigmoid gate on the output, read beside it.
  public var gated: Bool
  /// One learned logit a head takes part in the softmax.
  public var sinks: Bool
  /// Keys and values of all tokens were computed just before; none lie in the cache.
  public var expanded: Bool
  /// How it is computed.
  public var algorithm: AttentionAlgorithm

  /// Attention of one shape; `storedWidth` is that of keys and values side by side where it is not given.
  public init(
    sequences: Double, queries: Double, prefix: Double, heads: Double, storedHeads: Double, keyWidth: Double,
    valueWidth: Double, storedWidth: Double? = nil, span: AttentionSpan = .full, picked: Double? = nil,
    flopsPerPair: Double = AttentionArithmetic.softmax, gated: Bool = false, sinks: Bool = false,
    expanded: Bool = false, algorithm: AttentionAlgorithm = .usual
  ) {
    self.sequences = sequences
    self.queries = queries
    self.prefix = prefix
    self.heads = heads
    self.storedHeads = storedHeads
    self.keyWidth = keyWidth
    self.valueWidth = valueWidth
    self.storedWidth = storedWidth ?? keyWidth + valueWidth
    self.span = span
    self.picked = picked
    self.flopsPerPair = flopsPerPair
    self.gated = gated
    self.sinks = sinks
    self.expanded = expanded
    self.algorithm = algorithm
  }

  /// New tokens of all sequences.
  @inline(__always) public var tokens: Double { sequences * queries }
  /// Keys of a sequence, the new tokens among them.
  @inline(__always) public var length: Double { prefix + queries }

  /// Allowed (query, key) pairs of one sequence and head.
  @inline(__always)
  public var pairs: Double {
    if let visible { return visible }
    if let picked { return CausalPairs.sliding(queries: queries, prefix: prefix, window: picked) }
    return span.pairs(queries: queries, prefix: prefix)
  }
}

/// Scores of a cheap index over all earlier tokens, and the scan that keeps the best (“lightning indexer”).
public struct IndexCall: Hashable, Sendable {
  public var sequences, queries, prefix: Double
  public var heads, width: Double
  /// Keys kept for each query.
  public var kept: Double
}

/// A fused expert layer: gather, grouped products, activation, scatter and weighted sum.
public struct ExpertsCall: Hashable, Sendable {
  /// Tokens before top-k.
  public var tokens: Double
  public var experts, topK: Double
  /// Experts that the tokens touch.
  public var distinct: Double
  /// Rows of all experts together: tokens × top-k, or whole buffers under a capacity factor.
  public var rows: Double
  /// Rows that one expert's buffer holds; nil without buffers.
  public var capacity: Double?
  /// The fewest experts that any routing touches.
  public var fewest: Double
  /// Width of a token's row.
  public var hidden: Double
  /// One expert.
  public var expert: DenseSpec

  /// `rows` is tokens × top-k where it is not given, and `fewest` top-k.
  @inline(__always)
  public init(
    tokens: Double, experts: Double, topK: Double, distinct: Double, rows: Double? = nil,
    capacity: Double? = nil, fewest: Double? = nil, hidden: Double, expert: DenseSpec
  ) {
    self.tokens = tokens
    self.experts = experts
    self.topK = topK
    self.distinct = distinct
    self.rows = rows ?? tokens * topK
    self.capacity = capacity
    self.fewest = fewest ?? min(topK, experts)
    self.hidden = hidden
    self.expert = expert
  }
}

/// What a row-wise kernel does.
public enum RowOperation: Hashable, Sendable {
  case norm, rotate, activate, add, quantize, embed
  /// Into the cache, `tokens` of each sequence.
  case cacheWrite(tokens: Double)
}

/// A kernel that passes once over `rows` rows.
public struct RowsCall: Hashable, Sendable {
  /// What is done to each row.
  public var operation: RowOperation
  /// How many rows.
  public var rows: Double
  /// Elements read and written of each row.
  public var readWidth, writeWidth: Double
  /// FLOPs per written element.
  public var flopsPerElement: Double
  /// Elements of weights, read once.
  public var weights: Double
  /// Bytes read for each row beside its elements.
  public var bytesPerRow: Double

  /// A pass over `rows` rows of `readWidth` elements.
  public init(
    _ operation: RowOperation, rows: Double, readWidth: Double, writeWidth: Double, flopsPerElement: Double,
    weights: Double = 0, bytesPerRow: Double = 0
  ) {
    self.operation = operation
    self.rows = rows
    self.readWidth = readWidth
    self.writeWidth = writeWidth
    self.flopsPerElement = flopsPerElement
    self.weights = weights
    self.bytesPerRow = bytesPerRow
  }

  /// Of many tokens a sequence, the cache is written by attention's own kernel.
  @inline(__always) var goesByRowsAlone: Bool {
    if case .cacheWrite(let tokens) = operation { tokens <= 1 } else { true }
  }
}

/// A kernel that carries a state along each sequence.
public struct ScanCall: Hashable, Sendable {
  /// Which recurrence.
  public var form: ScanForm
  public var sequences, queries: Double
  /// There is a state from earlier tokens.
  public var hasPast: Bool

  /// `form` over `queries` new tokens of each of `sequences`.
  public init(_ form: ScanForm, sequences: Double, queries: Double, hasPast: Bool) {
    self.form = form
    self.sequences = sequences
    self.queries = queries
    self.hasPast = hasPast
  }
}

/// Which recurrence.
public enum ScanForm: Hashable, Sendable {
  /// Depthwise causal convolution with its activation.
  case convolution(channels: Double, kernel: Double, bias: Bool)
  case stateSpace(StateSpaceSpec)
  case delta(DeltaSpec)
  case lightning(LightningSpec)
}
