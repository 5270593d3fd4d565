/// How a layer learns where a token stands.
///
/// Learned and sinusoidal positions are added once, after the embedding; the others act inside attention.
public enum PositionSpec: Hashable, Sendable {
  /// A table of `length` rows, trained.
  case learned(length: Int)
  /// Fixed sines (arXiv:1706.03762 §3.5): a computed table, no parameters.
  case sinusoidal
  /// Queries and keys turned by their position.
  case rotary(RotarySpec)
  /// Linear biases on scores (arXiv:2108.12409): one slope a head, fixed.
  case alibi
  /// Trained biases on scores by distance, a number for each of `buckets` and head (T5, arXiv:1910.10683 §2.1); 0: the
  /// table of an earlier layer.
  case relative(buckets: Int)
  /// Nothing tells a position, or an earlier layer did.
  case none

  /// The rotation, where there is one.
  public var rotary: RotarySpec? {
    if case .rotary(let spec) = self { return spec }
    return nil
  }
}

/// Rotary embedding (RoFormer, arXiv:2104.09864 §3.2): dimension pair i turns by position · θ^(−2i/d).
public struct RotarySpec: Hashable, Sendable {
  /// Base of the wavelengths (`rope_theta`).
  public var theta: Double
  /// Share of head_dim that is rotated (GPT-NeoX 0.25, Phi 0.4, most 1).
  public var partialFactor: Double
  /// How it is stretched past the trained context.
  public var scaling: RotaryScaling

  /// Plain rotation of the whole head with base 10,000 unless told otherwise.
  public init(theta: Double = 10_000, partialFactor: Double = 1, scaling: RotaryScaling = .none) {
    self.theta = theta
    self.partialFactor = partialFactor
    self.scaling = scaling
  }

  /// Rotated elements of a head, an even number.
  @inline(__always)
  public func rotatedDimensions(headDim: Int) -> Double {
    (Double(headDim) * partialFactor / 2).rounded(.down) * 2
  }

  /// x₁cos − x₂sin, x₂cos + x₁sin: 4 products and 2 sums for two elements.
  public static let flopsPerElement = 3.0
}

/// How a rotary model is stretched past the context it was trained on.
public enum RotaryScaling: Hashable, Sendable {
  /// As trained.
  case none
  /// Positions divided by `factor` (arXiv:2306.15595).
  case linear(factor: Double)
  /// θ grows with the length served (NTK-aware, dynamic).
  case dynamicNTK(factor: Double)
  /// arXiv:2309.00071: per-wavelength ramp between interpolating and leaving alone.
  case yarn(factor: Double, originalContext: Int, betaFast: Double, betaSlow: Double)
  /// Llama 3.1's ramp (wavelength against original context ÷ low/high_freq_factor).
  case llama3(factor: Double, originalContext: Int, lowFrequency: Double, highFrequency: Double)
  /// arXiv:2402.13753: searched per-dimension factors, a short and a long set.
  case longRoPE(factor: Double, originalContext: Int)
}
