/// An encoder that runs before a decoder: pixels, sound or text in, tokens that the decoder reads or looks at out.
///
/// Its layers are layers like any other, seeing both ways; what makes tokens of its input and what brings them to the
/// decoder are products.
public struct Tower: Hashable, Sendable {
  /// What it reads.
  public enum Input: Hashable, Sendable {
    case image(ImageTokens)
    case audio(AudioTokens)
    /// The prompt itself (T5): its table is the decoder's.
    case text
  }

  /// What it reads.
  public var input: Input
  /// Products that make tokens of it: patches, convolutions.
  public var stem: [TowerProduct]
  /// Layers, the norms before and behind them, learned positions. Its vocabulary counts for nothing.
  public var body: ModelSpec
  /// Products that bring its tokens to the decoder.
  public var projector: [TowerProduct]
  /// Trained numbers that stand in no product: class tokens, scales, further tables.
  public var extras: Double
  /// The decoder looks at its tokens (`crosses`) instead of reading them in its prompt.
  public var isLookedAt: Bool

  /// A tower that the prompt takes in.
  public init(
    input: Input, stem: [TowerProduct] = [], body: ModelSpec, projector: [TowerProduct] = [],
    extras: Double = 0,
    isLookedAt: Bool = false
  ) {
    self.input = input
    self.stem = stem
    self.body = body
    self.projector = projector
    self.extras = extras
    self.isLookedAt = isLookedAt
  }

  /// Name in reports.
  public var name: String {
    switch input {
    case .image: "vision"
    case .audio: "audio"
    case .text: "encoder"
    }
  }

  var component: Tensor.Component? {
    switch input {
    case .image: .vision
    case .audio: .audio
    case .text: nil
    }
  }

  /// Its tokens that a prompt gains, or that the decoder looks at, for each sequence of `work`.
  public func outputTokens(_ work: Workload) -> Double {
    switch input {
    case .image(let tokens):
      guard work.images > 0 else { return 0 }
      if isLookedAt { return work.images * tokens.grid(work.imageSize).passes * pass(work).queries }
      return work.images * tokens.promptTokens(work.imageSize)
    case .audio(let tokens):
      guard work.audioSeconds > 0 else { return 0 }
      let pieces = tokens.pieces(work.audioSeconds)
      return pieces.count * (pieces.tokens / Double(tokens.merge)).rounded(.down)
    case .text: return work.source
    }
  }

  /// Its own pass within `work`; no sequences where there is nothing to read.
  func pass(_ work: Workload) -> Workload {
    var own = Workload.prefill(batch: 0, inputLength: 1)
    own.allLogits = true
    guard work.prefix == 0 || work.phase == .prefill else { return own }
    switch input {
    case .image(let tokens):
      let grid = tokens.grid(work.imageSize)
      own.grid = grid
      own.queries = grid.rows * grid.columns + Double(tokens.extra)
      own.batch = work.batch * work.images * grid.passes
    case .audio(let tokens):
      let pieces = tokens.pieces(work.audioSeconds)
      (own.batch, own.queries) = (work.batch * pieces.count, pieces.tokens)
    case .text: (own.batch, own.queries) = (work.batch, work.source)
    }
    own.attention = work.attention
    return own
  }
}

/// One product of a tower's stem or projector.
public struct TowerProduct: Hashable, Sendable {
  /// Its tensor's name.
  public var name: String
  /// Inputs and outputs of a row.
  public var inputs, outputs: Int
  /// A bias on each output.
  public var bias: Bool
  /// Tokens of the tower that one row stands for; below 1 where several rows make one.
  public var merge: Double
  /// A norm over the row before it, or over each of `merge` parts.
  public var norm: NormSpec?
  /// Elements that norm's weights stand for.
  public var normWidth: Int
  /// On each output.
  public var activation: Activation?
  /// A product of the same sizes runs beside it and gates it.
  public var gated: Bool

  /// A product without bias, norm and activation unless told otherwise.
  public init(
    _ name: String, inputs: Int, outputs: Int, bias: Bool = false, merge: Double = 1, norm: NormSpec? = nil,
    normWidth: Int? = nil, activation: Activation? = nil, gated: Bool = false
  ) {
    self.name = name
    self.inputs = inputs
    self.outputs = outputs
    self.bias = bias
    self.merge = merge
    self.norm = norm
    self.normWidth = normWidth ?? inputs
    self.activation = activation
    self.gated = gated
  }

  func tensors<Sink: TensorSink>(into out: inout TensorWriter<Sink>) {
    if let norm { out.norm("\(name)_norm", norm, width: Double(normWidth)) }
    for name in gated ? [name, "\(name)_gate"] : [name] {
      out.matrix(
        name, rows: Double(outputs), columns: Double(inputs), bias: bias, reader: .towerProduct,
        split: .replicated)
    }
  }
}

extension ModelSpec {
  /// Tokens that images and sound add to each sequence's prompt.
  public func promptTokens(_ work: Workload) -> Double {
    towers.filter { !$0.isLookedAt }.reduce(0) { $0 + $1.outputTokens(work) }
  }

  /// An encoder's tokens that each sequence looks at.
  public func sourceTokens(_ work: Workload) -> Double {
    towers.filter(\.isLookedAt).reduce(0) { $0 + $1.outputTokens(work) }
  }

  /// Every layer sees both ways: one pass is all there is (BERT).
  public var isEncoder: Bool {
    !kinds.isEmpty
      && kinds.allSatisfy {
        guard case .attention(let spec) = $0.layer.mixer else { return false }
        return !spec.span.isCausal && !spec.crosses
      }
  }
}
