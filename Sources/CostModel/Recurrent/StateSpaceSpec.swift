/// A selective state-space layer: Mamba (arXiv:2312.00752) or Mamba-2 (arXiv:2405.21060).
///
/// The whole past is one state of `inner` × `state` numbers: no cache grows with the context.
public struct StateSpaceSpec: Hashable, Sendable {
  /// The two generations differ in what shares a decay.
  public enum Version: Hashable, Sendable {
    /// Every channel has its own decay; step sizes come through a bottleneck of `stepRank`.
    case mamba(stepRank: Int)
    /// One decay per head of `headDim` channels; B and C are shared by `groups` groups of heads.
    case mamba2(headDim: Int, groups: Int, chunk: Int)
  }

  /// Mamba or Mamba-2, with what only one of them has.
  public var version: Version
  /// Channels (`expand` × hidden).
  public var inner: Int
  /// Numbers kept per channel.
  public var state: Int
  /// Taps of the causal convolution.
  public var kernel: Int
  /// A bias on the convolution.
  public var convolutionBias: Bool
  /// Biases on input and output projection.
  public var projectionBias: Bool
  /// RMS norms on step, B and C (Jamba, arXiv:2403.19887 §6.4).
  public var innerNorms: Bool
  /// Mamba-2 norms its gated output (not in most of Falcon-H1).
  public var outputNorm = true

  /// Four taps, a bias on the convolution alone, no inner norms unless told otherwise.
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

  /// Numbers of recurrent state that one sequence keeps.
  public var stateElements: Double { Double(inner) * Double(state) }
  /// Inputs of the convolution that one sequence keeps.
  public var tailElements: Double { convolved * Double(kernel - 1) }
}

extension StateSpaceSpec: Mixer {
  var traits: MixerTraits { MixerTraits(stateElements: stateElements, tailElements: tailElements) }

  func widestActivation(_ work: Workload) -> Double { projectionWidth + convolved + Double(inner) }

  /// Named as in hybrids (Jamba, Bamba); pure state-space checkpoints call the module `mixer`.
  func tensors<Sink: TensorSink>(into out: inout TensorWriter<Sink>) {
    let channels = Double(inner)
    let state = Double(state)
    out.enter("mamba", .recurrent)
    out.matrix(
      "in_proj", rows: projectionWidth, columns: out.hidden, bias: projectionBias,
      reader: .stateInProjection, split: .outputs)
    out.matrix(
      "conv1d", rows: convolved, columns: Double(kernel), bias: convolutionBias, storage: .small,
      reader: .causalConvolution, split: .outputs)
    switch version {
    case .mamba(let rank):
      let rank = Double(rank)
      out.matrix(
        "x_proj", rows: rank + 2 * state, columns: channels, reader: .stateStepProjection, split: .inputs)
      out.matrix(
        "dt_proj", rows: channels, columns: rank, bias: true, reader: .stateStepExpansion, split: .outputs)
      out.matrix(
        "A_log", rows: channels, columns: state, suffix: .none, storage: .small, reader: .stateScan,
        split: .outputs)
      out.vector("D", channels, split: .outputs)
      if innerNorms {
        out.norm("dt_layernorm", width: rank)
        out.norm("b_layernorm", width: state)
        out.norm("c_layernorm", width: state)
      }
    case .mamba2:
      out.vector("dt_bias", heads, split: .outputs)
      out.vector("A_log", heads, split: .outputs)
      out.vector("D", heads, split: .outputs)
      if outputNorm { out.norm("norm", width: channels, split: .outputs) }
    }
    out.matrix(
      "out_proj", rows: out.hidden, columns: channels, bias: projectionBias, reader: .outputProjection,
      split: .inputs)
  }
}
