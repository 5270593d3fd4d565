/// Alternating updates (AltUp, arXiv:2301.13310): several residual streams of which each layer runs on one; before it a
/// small matrix made of that stream predicts all of them, behind it what the prediction missed corrects them.
///
/// As in Gemma 3n, which also adds a low-rank product of the mixer's input to its output (LAuReL, arXiv:2411.07501).
public struct AlternatingSpec: Hashable, Sendable {
  /// Streams (`altup_num_inputs`).
  public var streams: Int
  /// Rank of the product beside the mixer (`laurel_rank`); nil: none.
  public var lowRank: Int?

  /// `streams` of them.
  public init(streams: Int, lowRank: Int? = nil) {
    self.streams = streams
    self.lowRank = lowRank
  }

  /// Those that a layer does not run on.
  private var others: Double { Double(streams - 1) }
}

extension AlternatingSpec {
  /// Outside the layers: what makes all streams of the embedding, and one of all.
  func tensors<Sink: TensorSink>(
    _ name: String, _ reader: OperatorKind, into out: inout TensorWriter<Sink>
  ) {
    out.enter("model", .feedForward)
    out.matrix(
      name, rows: others * out.hidden, columns: out.hidden, reader: reader, split: .replicated)
  }

  /// In each layer.
  func layerTensors<Sink: TensorSink>(into out: inout TensorWriter<Sink>) {
    let count = Double(streams)
    out.enter("altup", .feedForward)
    out.matrix(
      "modality_router", rows: count, columns: out.hidden, storage: .small, reader: .streamWeights,
      split: .replicated)
    out.vector("prediction_coefs", count * count * count, .weight)
    out.vector("correction_coefs", count * count, .weight)
    out.vector("correct_output_scale", out.hidden)
    if let lowRank {
      let rank = Double(lowRank)
      out.enter("laurel", .feedForward)
      out.matrix(
        "linear_left", rows: rank, columns: out.hidden, reader: .lowRankDown, split: .replicated)
      out.matrix("linear_right", rows: out.hidden, columns: rank, reader: .lowRankUp, split: .replicated)
    }
    out.enter("", .norm)
    out.norm("altup.router_norm", width: out.hidden)
    if lowRank != nil { out.norm("laurel.post_laurel_norm", width: out.hidden) }
  }
}

extension Lowering {
  /// A product for each further stream, brought to the embedding's magnitude.
  @inline(never)
  func expandStreams<Sink: CallSink>(_ spec: AlternatingSpec, in step: Step, into sink: inout Sink) {
    let others = Double(spec.streams - 1)
    alternate(.streamExpansion, others, in: step, into: &sink)
    // Two FLOPs an element for each magnitude, one for the scale.
    elementwise(
      .streamScale, .add, readWidth: (others + 1) * hidden, writeWidth: others * hidden,
      flops: 3 + 2 / others, in: step, into: &sink)
  }

  /// The same the other way round, and the mean of all.
  @inline(never)
  func collapseStreams<Sink: CallSink>(_ spec: AlternatingSpec, in step: Step, into sink: inout Sink) {
    let others = Double(spec.streams - 1)
    alternate(.streamCollapse, others, in: step, into: &sink)
    elementwise(
      .streamMean, .add, readWidth: (others + 1) * hidden, writeWidth: hidden, flops: 4 * others + 3,
      in: step, into: &sink)
  }

  private func alternate<Sink: CallSink>(
    _ kind: OperatorKind, _ others: Double, in step: Step, into sink: inout Sink
  ) {
    product(
      kind, ProductCall(rows: step.tokens, outputs: hidden, inputs: hidden, copies: others),
      callFormats(kind, in: step), in: step, into: &sink)
  }

  /// The layer's stream normed, a tanh of its product with the router, n × n weights out of that, and all streams mixed
  /// by them and added to themselves.
  @inline(never)
  func predictStreams<Sink: CallSink>(
    _ spec: AlternatingSpec, _ own: NormSpec, in step: Step, into sink: inout Sink
  ) {
    let count = Double(spec.streams)
    norm(.streamNorm, own, in: step, into: &sink)
    weigh(.streamWeights, count, coefficients: count * count, flops: 0, in: step, into: &sink)
    elementwise(
      .streamMix, .add, readWidth: count * hidden, writeWidth: count * hidden, flops: 2 * count, in: step,
      into: &sink)
  }

  /// What the layer made of its stream, less its prediction, added to every stream by a weight of its own; that stream's
  /// trained scale.
  @inline(never)
  func correctStreams<Sink: CallSink>(
    _ spec: AlternatingSpec, _ own: NormSpec, in step: Step, into sink: inout Sink
  ) {
    let count = Double(spec.streams)
    norm(.streamNorm, own, in: step, into: &sink)
    weigh(.streamCorrectionWeights, count, coefficients: count, flops: count, in: step, into: &sink)
    elementwise(
      .streamCorrection, .add, readWidth: (count + 1) * hidden, writeWidth: count * hidden,
      flops: 2 + 2 / count, in: step, into: &sink)
  }

  /// hidden → streams, tanh, → coefficients: the last product is too small for a kernel of its own.
  private func weigh<Sink: CallSink>(
    _ kind: OperatorKind, _ count: Double, coefficients: Double, flops: Double, in step: Step,
    into sink: inout Sink
  ) {
    product(
      kind,
      ProductCall(
        rows: step.tokens, outputs: count, inputs: hidden,
        epilogueFLOPs: count + 2 * count * coefficients + flops), callFormats(.streamWeights, in: step),
      in: step, into: &sink)
  }

  /// The mixer's residual with a low-rank product of its input beside it, scaled together.
  @inline(never)
  func lowRankResidual<Sink: CallSink>(
    _ rank: Int, _ own: NormSpec, in step: Step, into sink: inout Sink
  ) {
    product(.lowRankDown, outputs: Double(rank), inputs: hidden, in: step, into: &sink)
    product(.lowRankUp, outputs: hidden, inputs: Double(rank), in: step, into: &sink)
    norm(.lowRankNorm, own, in: step, into: &sink)
    elementwise(
      .mixerResidual, .add, readWidth: 4 * hidden, writeWidth: hidden, flops: 4, in: step, into: &sink)
  }
}
