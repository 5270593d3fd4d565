/// Gated delta-rule linear attention (Gated DeltaNet, arXiv:2412.06464), as in Qwen3-Next: each value head
/// keeps a matrix of `keyDim` × `valueDim` that decays and is corrected towards the newest value.
public struct DeltaSpec: Hashable, Sendable {
  /// Heads of queries and keys; divides `valueHeads`.
  public var keyHeads: Int
  /// Heads of values, each with a state.
  public var valueHeads: Int
  /// Width of a query and a key.
  public var keyDim: Int
  /// Width of a value.
  public var valueDim: Int
  /// Taps of the causal convolution.
  public var kernel: Int
  /// Decay per channel instead of per head, it and the output gate through products of this rank (Kimi Delta
  /// Attention, arXiv:2510.26692 §3), 0 for whole ones (Ling 3); nil: Gated DeltaNet.
  public var channelRank: Int?

  /// A layer with four taps unless told otherwise.
  public init(
    keyHeads: Int, valueHeads: Int, keyDim: Int, valueDim: Int, kernel: Int = 4, channelRank: Int? = nil
  ) {
    self.keyHeads = keyHeads
    self.valueHeads = valueHeads
    self.keyDim = keyDim
    self.valueDim = valueDim
    self.kernel = kernel
    self.channelRank = channelRank
  }

  /// Tokens that one block of the chunked form takes together (flash-linear-attention).
  public static let chunk = 64.0

  var keyWidth: Double { Double(keyHeads) * Double(keyDim) }
  var valueWidth: Double { Double(valueHeads) * Double(valueDim) }
  /// Queries, keys and values pass through the convolution.
  var convolved: Double { 2 * keyWidth + valueWidth }
  /// Columns of the input projection: q, k, v, and per value head a rate; the output gate and a decay per head, or
  /// the narrow halves of both.
  var projectionWidth: Double {
    let gates = channelRank == nil ? Double(valueHeads) + valueWidth : decays + valueWidth
    return convolved + Double(valueHeads) + (narrow.map { 2 * $0 } ?? gates)
  }
  /// The rank of both gates' products, where they have one.
  var narrow: Double? { channelRank.flatMap { $0 > 0 ? Double($0) : nil } }
  /// Decays of a token.
  var decays: Double { channelRank == nil ? Double(valueHeads) : keyWidth }

  /// Numbers of recurrent state that one sequence keeps.
  public var stateElements: Double { Double(valueHeads) * Double(keyDim) * Double(valueDim) }
  /// Inputs of the convolution that one sequence keeps.
  public var tailElements: Double { convolved * Double(kernel - 1) }
}

extension DeltaSpec: Mixer {
  var traits: MixerTraits { MixerTraits(stateElements: stateElements, tailElements: tailElements) }

  func widestActivation(_ work: Workload) -> Double { projectionWidth + convolved + valueWidth }

  func tensors<Sink: TensorSink>(into out: inout TensorWriter<Sink>) {
    let heads = Double(valueHeads)
    if channelRank != nil { return channelTensors(into: &out) }
    out.enter("linear_attn", .recurrent)
    out.matrix(
      "in_proj_qkvz", rows: convolved + valueWidth, columns: out.hidden, reader: .stateInProjection,
      split: .outputs)
    out.matrix(
      "in_proj_ba", rows: 2 * heads, columns: out.hidden, reader: .stateInProjection, split: .outputs)
    out.matrix(
      "conv1d", rows: convolved, columns: Double(kernel), storage: .small, reader: .causalConvolution,
      split: .outputs)
    out.vector("dt_bias", heads, split: .outputs)
    out.vector("A_log", heads, split: .outputs)
    out.norm("norm", width: Double(valueDim))
    out.matrix("out_proj", rows: out.hidden, columns: valueWidth, reader: .outputProjection, split: .inputs)
  }

  /// As in Kimi Linear's checkpoints.
  private func channelTensors<Sink: TensorSink>(into out: inout TensorWriter<Sink>) {
    let heads = Double(valueHeads)
    out.enter("self_attn", .recurrent)
    let gates =
      narrow.map { [("f_a_proj", $0), ("g_a_proj", $0)] } ?? [("f_proj", decays), ("g_proj", valueWidth)]
    for (name, width) in [
      ("q_proj", keyWidth), ("k_proj", keyWidth), ("v_proj", valueWidth), ("b_proj", heads),
    ] + gates {
      out.matrix(name, rows: width, columns: out.hidden, reader: .stateInProjection, split: .outputs)
    }
    for (name, width) in [("f_b_proj", keyWidth), ("g_b_proj", valueWidth)] {
      guard let narrow else { break }
      out.matrix(name, rows: width, columns: narrow, reader: .stateStepExpansion, split: .outputs)
    }
    out.matrix(
      "conv1d", rows: convolved, columns: Double(kernel), storage: .small, reader: .causalConvolution,
      split: .outputs)
    out.vector("dt_bias", decays, split: .outputs)
    out.vector("A_log", heads, split: .outputs)
    out.norm("o_norm", width: Double(valueDim))
    out.matrix("o_proj", rows: out.hidden, columns: valueWidth, reader: .outputProjection, split: .inputs)
  }
}
