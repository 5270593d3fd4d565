import Basics

/// Which of a rotary embedding's wavelengths have been seen whole in training, and what scaling does to each.
///
/// Pair i of d/2 turns once every λ = 2π·θ^(2i/d) tokens (RoFormer, arXiv:2104.09864 §3.2.2). A pair whose
/// wavelength exceeds the trained context never completed a turn there: positions beyond it are new to it.
public struct RotaryReach: Hashable, Sendable {
  /// Rotated pairs of a head.
  public var pairs: Int
  /// Context of the original training, tokens.
  public var trained: Double
  /// Wavelengths of the fastest and the slowest pair, tokens.
  public var shortest, longest: Double
  /// Pairs whose wavelength exceeds `trained`.
  public var beyondTrained: Int
  /// Pairs that scaling leaves alone, blends, and interpolates by the whole factor.
  public var unchanged, blended, interpolated: Int
  /// Longest context over the trained one that scaling was made for.
  public var factor: Double

  /// `maxPositions` is the model's stated context, taken as trained where scaling names none.
  public init(_ spec: RotarySpec, headDim: Int, maxPositions: Double) {
    let dimensions = spec.rotatedDimensions(headDim: headDim)
    let count = Int(dimensions / 2)
    let trained = spec.scaling.originalContext ?? maxPositions / spec.scaling.statedFactor
    let wavelengths = (0..<count).map { 2 * Double.pi * power(spec.theta, 2 * Double($0) / dimensions) }
    pairs = count
    self.trained = trained
    factor = spec.scaling.factor
    shortest = wavelengths.first ?? 0
    longest = wavelengths.last ?? 0
    beyondTrained = wavelengths.count { $0 > trained }
    let shares = wavelengths.enumerated().map { index, wavelength in
      spec.scaling.interpolation(
        pair: Double(index), wavelength: wavelength, theta: spec.theta, dimensions: dimensions)
    }
    unchanged = shares.count { $0 <= 0 }
    interpolated = shares.count { $0 >= 1 }
    blended = count - unchanged - interpolated
  }
}

extension RotaryScaling {
  /// Length of the training before stretching, where the scaling names it.
  public var originalContext: Double? {
    switch self {
    case .yarn(_, let original, _, _), .llama3(_, let original, _, _), .longRoPE(_, let original):
      Double(original)
    case .none, .linear, .dynamicNTK: nil
    }
  }

  /// How many times the trained context it stretches to.
  public var factor: Double {
    switch self {
    case .none: 1
    case .linear(let factor), .dynamicNTK(let factor), .yarn(let factor, _, _, _),
      .llama3(let factor, _, _, _), .longRoPE(let factor, _):
      factor
    }
  }

  /// Linear scaling is stated beside the stretched context; dynamic NTK beside the trained one.
  var statedFactor: Double {
    if case .linear(let factor) = self { return factor }
    return 1
  }

  /// 0: the pair turns as trained; 1: its positions are divided by the whole factor; between: blended.
  func interpolation(pair: Double, wavelength: Double, theta: Double, dimensions: Double) -> Double {
    switch self {
    case .none: return 0
    case .linear(let factor): return factor > 1 ? 1 : 0
    case .dynamicNTK(let factor):
      // θ grows so that the slowest pair is stretched by the whole factor and the fastest not at all.
      return factor > 1 ? pair / max(1, dimensions / 2 - 1) : 0
    case .yarn(_, let original, let fast, let slow):
      // arXiv:2309.00071 §3.2: pairs are ranked by how often they turn in the original context.
      func boundary(_ turns: Double) -> Double {
        dimensions * logarithm(Double(original) / (turns * 2 * .pi)) / (2 * logarithm(theta))
      }
      let low = max(0, boundary(fast).rounded(.down))
      let high = min(dimensions - 1, boundary(slow).rounded(.up))
      return min(1, max(0, (pair - low) / max(0.001, high - low)))
    case .llama3(_, let original, let lowFrequency, let highFrequency):
      let turns = Double(original) / wavelength
      return min(1, max(0, (highFrequency - turns) / (highFrequency - lowFrequency)))
    case .longRoPE:
      // Every pair has a searched factor of its own (arXiv:2402.13753 §3.2): counted as blended.
      return 0.5
    }
  }
}
