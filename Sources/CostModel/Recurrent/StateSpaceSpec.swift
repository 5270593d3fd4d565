/// A selective state-space layer: Mamba (arXiv:2312.00752) or Mamba-2 (arXiv:2405.21060).
///
/// The whole past is one state of `inner` × `state` numbers: no cache grows with the context.
public struct StateSpaceSpec: Hashable, Sendable {
  public enum Version: Hashable, Sendable {
    /// Every channel has its own decay; step sizes come through a bottleneck of `stepRank`.
    case mamba(stepRank: Int)
    /// One decay per head of `headDim` channels; B and C are shared by `groups` groups of heads.
    case mamba2(headDim: Int, groups: Int, chunk: Int)
  }

  public var version: Version
  /// Channels (`expand` × hidden).
  public var inner: Int
  /// Numbers kept per channel.
  public var state: Int
  /// Taps of the causal convolution.
  public var kernel: Int
  public var convolutionBias: Bool
  public var projectionBias: Bool
  /// RMS norms on step, B and C (Jamba, arXiv:2403.19887 §6.4).
  public var innerNorms: Bool

  public init(
    version: Version, inner: Int, state: Int, kernel: Int = 4, convolutionBias: Bool = true,
    projectionBias: Bool = false, innerNorms: Bool = false
  ) {
    self.version = version
    self.inner = inner
    self.state = state
    self.kernel = kernel
    self.convolutionBias = convolutionBias
    self.projectionBias = projectionBias
    self.innerNorms = innerNorms
  }

  /// Heads of Mamba-2; Mamba has a head per channel.
  var heads: Double {
    if case .mamba2(let headDim, _, _) = version { return Double(inner) / Double(headDim) }
    return Double(inner)
  }

  /// Channels that pass through the convolution: x, and in Mamba-2 B and C as well.
  var convolved: Double {
    if case .mamba2(_, let groups, _) = version { return Double(inner) + 2 * Double(groups) * Double(state) }
    return Double(inner)
  }

  /// Columns of the input projection: x and the gate z; in Mamba-2 also B, C and the steps.
  var projectionWidth: Double {
    if case .mamba2 = version { return Double(inner) + convolved + heads }
    return 2 * Double(inner)
  }

  public func parameters(hidden: Double) -> Double {
    hidden * projectionWidth + Double(inner) * hidden + stepProjection + smallParameters(hidden: hidden)
  }

  /// Mamba's products behind the convolution: x → step, B, C and step rank → channels.
  var stepProjection: Double {
    guard case .mamba(let rank) = version else { return 0 }
    return Double(inner) * (Double(rank) + 2 * Double(state)) + Double(rank) * Double(inner)
  }

  /// Kept at 16 bits or more under quantisation: convolution, decays, skips, biases, norms.
  func smallParameters(hidden: Double) -> Double {
    let channels = Double(inner)
    var sum = convolved * Double(kernel) + (convolutionBias ? convolved : 0)
    sum += projectionBias ? projectionWidth + hidden : 0
    switch version {
    case .mamba: sum += channels + channels * Double(state) + channels
    // Step bias, decay and skip per head, and the gated norm's weight.
    case .mamba2: sum += 3 * heads + channels
    }
    return sum + normParameters
  }

  var normParameters: Double {
    guard innerNorms, case .mamba(let rank) = version else { return 0 }
    return Double(rank) + 2 * Double(state)
  }

  /// Numbers of recurrent state one sequence keeps, and of the convolution's tail.
  public var stateElements: Double { Double(inner) * Double(state) }
  public var tailElements: Double { convolved * Double(kernel - 1) }
}
