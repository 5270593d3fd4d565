/// A normalisation over the last axis.
public struct NormSpec: Hashable, Sendable {
  /// RMSNorm or LayerNorm.
  public enum Kind: String, Sendable, CaseIterable { case rms, layer }
  /// Which of the two.
  public var kind: Kind
  /// Learned scale; OLMo's LayerNorm has none.
  public var weight: Bool
  /// Learned offset beside the scale.
  public var bias: Bool

  /// A norm with a learned scale and no offset unless told otherwise.
  public init(kind: Kind, weight: Bool = true, bias: Bool = false) {
    self.kind = kind
    self.weight = weight
    self.bias = bias
  }

  /// RMSNorm with a scale.
  public static let rms = NormSpec(kind: .rms)
  /// LayerNorm with scale and offset.
  public static let layer = NormSpec(kind: .layer, bias: true)

  /// Learned numbers for a row of `width`.
  @inline(__always)
  public func parameters(width: Double) -> Double { width * ((weight ? 1 : 0) + (bias ? 1 : 0)) }

  /// RMSNorm (arXiv:1910.07467): square, add, scale (3) + weight; LayerNorm (arXiv:1607.06450): mean,
  /// subtract, square, add, scale (5) + weight + bias. Per element; the one root per row is not counted.
  @inline(__always) public var flopsPerElement: Double {
    (kind == .rms ? 3 : 5) + (weight ? 1 : 0) + (bias ? 1 : 0)
  }
}
