import CostModel

/// What was measured, by its dimensions: a kernel's call, or what only measurements know, and how it was spread.
public struct RunShape: Hashable, Sendable {
  /// A call as models lower to it, a message between devices, or whole passes.
  public enum Measured: Hashable, Sendable {
    case call(Shape)
    case message(bytes: Double)
    case pass(WholePass)
  }

  /// What ran.
  public var measured: Measured
  /// Devices that took part; 0 where the row is silent.
  public var ranks = 0.0
  /// Over how many devices each expert's width, and the experts themselves, are spread.
  public var expertTensorParallel = 1.0, expertParallel = 1.0
  /// Exponent of the power law that tokens are spread over experts with; 0 is balanced.
  public var skew = 0.0
  /// Tokens were dealt to the experts in turn, so that no two meet while one is idle; else each chose by itself.
  public var dealt = false
  /// An element-wise kernel raises to powers.
  public var raises = false

  /// On one device, experts balanced.
  public init(_ measured: Measured) { self.measured = measured }

  /// A call on one device.
  public init(_ shape: Shape) { measured = .call(shape) }

  /// A message of that many bytes among `ranks` devices.
  public init(messageBytes: Double, ranks: Double) {
    measured = .message(bytes: messageBytes)
    self.ranks = ranks
  }
}

/// Passes of a whole dense model, one after the other.
public struct WholePass: Hashable, Sendable {
  /// How many, of `tokens` each.
  public var passes, tokens: Double
  /// Parameters, and their bytes.
  public var weights, weightBytes: Double
  /// Tokens in the cache on average.
  public var keys: Double

  /// All of it.
  public init(passes: Double, tokens: Double, weights: Double, weightBytes: Double, keys: Double = 0) {
    self.passes = passes
    self.tokens = tokens
    self.weights = weights
    self.weightBytes = weightBytes
    self.keys = keys
  }
}

/// Each kind of shape by itself, of no extent where the run is of another: what key paths of `Dimension` go through.
extension RunShape {
  /// A product.
  public var product: ProductCall {
    get {
      if case .call(.product(let call)) = measured { return call }
      return ProductCall(rows: 0, outputs: 0, inputs: 0)
    }
    set { measured = .call(.product(newValue)) }
  }

  /// Softmax attention.
  public var attention: AttentionCall {
    get {
      if case .call(.attention(let call)) = measured { return call }
      return AttentionCall(
        sequences: 0, queries: 0, prefix: 0, heads: 0, storedHeads: 0, keyWidth: 0, valueWidth: 0)
    }
    set { measured = .call(.attention(newValue)) }
  }

  /// An expert layer.
  public var experts: ExpertsCall {
    get {
      if case .call(.experts(let call)) = measured { return call }
      return ExpertsCall(
        tokens: 0, experts: 0, topK: 0, distinct: 0, hidden: 0, expert: DenseSpec(intermediate: 0))
    }
    set { measured = .call(.experts(newValue)) }
  }

  /// A row-wise kernel.
  public var rows: RowsCall {
    get {
      if case .call(.rows(let call)) = measured { return call }
      return RowsCall(.norm, rows: 0, readWidth: 0, writeWidth: 0, flopsPerElement: 0)
    }
    set { measured = .call(.rows(newValue)) }
  }

  /// Bytes of a message.
  public var messageBytes: Double {
    get {
      if case .message(let bytes) = measured { return bytes }
      return 0
    }
    set { measured = .message(bytes: newValue) }
  }

  /// Whole passes.
  public var pass: WholePass {
    get {
      if case .pass(let pass) = measured { return pass }
      return WholePass(passes: 0, tokens: 0, weights: 0, weightBytes: 0)
    }
    set { measured = .pass(newValue) }
  }
}
