/// Gated delta-rule linear attention (Gated DeltaNet, arXiv:2412.06464), as in Qwen3-Next: each value head
/// keeps a matrix of `keyDim` × `valueDim` that decays and is corrected towards the newest value.
public struct DeltaSpec: Hashable, Sendable {
  public var keyHeads: Int
  public var valueHeads: Int
  public var keyDim: Int
  public var valueDim: Int
  public var kernel: Int

  public init(keyHeads: Int, valueHeads: Int, keyDim: Int, valueDim: Int, kernel: Int = 4) {
    self.keyHeads = keyHeads
    self.valueHeads = valueHeads
    self.keyDim = keyDim
    self.valueDim = valueDim
    self.kernel = kernel
  }

  /// Tokens that one block of the chunked form takes together (flash-linear-attention).
  public static let chunk = 64.0

  var keyWidth: Double { Double(keyHeads) * Double(keyDim) }
  var valueWidth: Double { Double(valueHeads) * Double(valueDim) }
  /// Queries, keys and values pass through the convolution.
  var convolved: Double { 2 * keyWidth + valueWidth }
  /// Columns of the input projection: q, k, v, the output gate, and per value head a rate and a decay.
  var projectionWidth: Double { convolved + valueWidth + 2 * Double(valueHeads) }

  public func parameters(hidden: Double) -> Double {
    hidden * projectionWidth + valueWidth * hidden + smallParameters
  }

  /// Convolution, decay and step bias per head, and the gated norm's weight.
  var smallParameters: Double { convolved * Double(kernel) + 2 * Double(valueHeads) + Double(valueDim) }

  public var stateElements: Double { Double(valueHeads) * Double(keyDim) * Double(valueDim) }
  public var tailElements: Double { convolved * Double(kernel - 1) }
}
