/// A part of a model within one pass: what its calls need to know.
struct Step {
  /// The whole pass, where it lies: it is large.
  private let pass: UnsafePointer<Workload>
  let place: Place
  let layers: Double
  /// New tokens of the pass.
  let tokens: Double

  /// - Parameter pass: outlives the step.
  @inline(__always)
  init(_ pass: UnsafePointer<Workload>, place: Place, layers: Double) {
    self.pass = pass
    self.place = place
    self.layers = layers
    tokens = pass.pointee.tokens
  }

  @inline(__always) var work: Workload { pass.pointee }

  /// For what sees each sequence by itself: the pass's own sequences, then its prompts.
  @inline(__always)
  func eachSegment(_ body: (Workload.Segment) -> Void) {
    body(Workload.Segment(batch: work.batch, queries: work.queries, prefix: work.prefix))
    if let prompts = work.prompts, prompts.batch > 0 { body(prompts) }
  }
}

extension Lowering {
  @inline(__always) var hidden: Double { outer.hidden }

  /// Formats of a product, or of what quantizes its input, in a step's kind of layer.
  @inline(__always)
  func callFormats(_ kind: OperatorKind, in step: Step) -> CallFormats {
    if case .kind(let index) = step.place { return formats.layer(index, kind) }
    return formats.layer(0, kind)
  }

  /// Norm, mixer, residual; norm, feed-forward, residual.
  @inline(__always)
  func lower<Sink: CallSink>(_ layer: LayerPlan, in step: Step, into sink: inout Sink) {
    if layer.predicts { join(layer, in: step, into: &sink) }
    if let spec = outer.alternating { predictStreams(spec, layer.norm, in: step, into: &sink) }
    mix(layer, in: step, into: &sink)
    feed(layer, in: step, into: &sink)
    if let spec = outer.alternating { correctStreams(spec, layer.norm, in: step, into: &sink) }
    if let spec = outer.layerEmbedding { layerInput(spec, in: step, into: &sink) }
  }

  @inline(__always)
  private func feed<Sink: CallSink>(_ layer: LayerPlan, in step: Step, into sink: inout Sink) {
    if case .none = layer.feedForward { return }
    if layer.normsBeforeFeedForward { norm(.feedForwardNorm, layer.norm, in: step, into: &sink) }
    lower(layer.feedForward, in: step, into: &sink)
    if layer.norms.isBehindFeedForward {
      norm(.postFeedForwardNorm, layer.norm, in: step, into: &sink)
    }
    residual(.feedForwardResidual, streams: layer.streams, in: step, into: &sink)
    if layer.predicts { predict(layer, in: step, into: &sink) }
  }

  /// The last hidden state and the next token's embedding, each normed, into one.
  @inline(never)
  private func join<Sink: CallSink>(_ layer: LayerPlan, in step: Step, into sink: inout Sink) {
    for kind in [OperatorKind.predictionStateNorm, .predictionTokenNorm] {
      norm(kind, layer.norm, in: step, into: &sink)
    }
    product(.predictionInput, outputs: hidden, inputs: 2 * hidden, in: step, into: &sink)
  }

  /// A prediction layer's own norm and logits, by the model's head.
  @inline(never)
  private func predict<Sink: CallSink>(_ layer: LayerPlan, in step: Step, into sink: inout Sink) {
    norm(.finalNorm, layer.norm, in: step, into: &sink)
    product(
      .lmHead, ProductCall(rows: step.work.logitRows, outputs: outer.logits, inputs: hidden), formats.lmHead,
      in: step, into: &sink)
  }

  @inline(__always)
  private func mix<Sink: CallSink>(_ layer: LayerPlan, in step: Step, into sink: inout Sink) {
    if case .none = layer.mixer { return }
    if layer.norms != .post, layer.norms != .inherited { norm(.inputNorm, layer.norm, in: step, into: &sink) }
    lower(layer.mixer, in: step, into: &sink)
    if layer.norms == .post || layer.norms == .sandwich {
      norm(.postMixerNorm, layer.norm, in: step, into: &sink)
    }
    if let rank = outer.alternating?.lowRank {
      return lowRankResidual(rank, layer.norm, in: step, into: &sink)
    }
    residual(.mixerResidual, streams: layer.streams, in: step, into: &sink)
  }
}

extension Lowering {
  @inline(__always)
  func norm<Sink: CallSink>(_ kind: OperatorKind, _ norm: NormSpec, in step: Step, into sink: inout Sink) {
    rows(
      kind,
      RowsCall(
        .norm, rows: step.tokens, readWidth: hidden, writeWidth: hidden,
        flopsPerElement: norm.flopsPerElement, weights: norm.parameters(width: hidden)), formats.rows,
      in: step, into: &sink
    )
  }

  /// x + y: two reads, one write, one FLOP an element.
  @inline(__always)
  func residual<Sink: CallSink>(
    _ kind: OperatorKind, streams: Double, in step: Step, into sink: inout Sink
  ) {
    if streams > 1 { return mixStreams(streams, in: step, into: &sink) }
    elementwise(kind, .add, readWidth: 2 * hidden, writeWidth: hidden, flops: 1, in: step, into: &sink)
  }

  /// Weights out of all streams, their collapse into one before the block, their mixture with its output after it; the
  /// few rounds that make the weights doubly stochastic are left out.
  @inline(never)
  func mixStreams<Sink: CallSink>(_ streams: Double, in step: Step, into sink: inout Sink) {
    let width = streams * hidden
    product(.streamWeights, outputs: (2 + streams) * streams, inputs: width, in: step, into: &sink)
    elementwise(
      .streamMix, .add, readWidth: 2 * width + hidden, writeWidth: width + hidden,
      flops: (2 * width + width * (2 * streams + 1)) / (width + hidden), in: step, into: &sink)
  }

  /// A product's input brought to the matrix units' format by a kernel of its own, where it is stored wider.
  @inline(__always)
  func quantize<Sink: CallSink>(_ kind: OperatorKind, width: Double, in step: Step, into sink: inout Sink) {
    guard formats.quantizes else { return }
    let formats = callFormats(kind, in: step)
    guard formats.outputBytes != formats.inputBytes else { return }
    rows(
      kind,
      RowsCall(
        .quantize, rows: step.tokens, readWidth: width, writeWidth: width,
        flopsPerElement: costs.quantizationFLOPs), formats, in: step, into: &sink)
  }

  /// `flops` per written element of every token's row.
  @inline(__always)
  func elementwise<Sink: CallSink>(
    _ kind: OperatorKind, _ operation: RowOperation, readWidth: Double, writeWidth: Double, flops: Double,
    in step: Step, into sink: inout Sink
  ) {
    rows(
      kind,
      RowsCall(
        operation, rows: step.tokens, readWidth: readWidth, writeWidth: writeWidth,
        flopsPerElement: flops), formats.rows,
      in: step, into: &sink)
  }

  @inline(__always)
  func rows<Sink: CallSink>(
    _ kind: OperatorKind, _ shape: @autoclosure () -> RowsCall, _ formats: @autoclosure () -> CallFormats,
    in step: Step, into sink: inout Sink
  ) {
    // Made once more to be told: what is made before a branch is written to memory on either way.
    let known = shape()
    if known.goesByRowsAlone, sink.adds(kind, at: step.place, rows: known.rows) { return }
    told(kind, shape(), formats(), in: step, into: &sink)
  }

  /// Tokens times a weight matrix.
  @inline(__always)
  func product<Sink: CallSink>(
    _ kind: OperatorKind, outputs: Double, inputs: Double, bias: Double = 0, in step: Step,
    into sink: inout Sink
  ) {
    product(
      kind, ProductCall(rows: step.tokens, outputs: outputs, inputs: inputs, biases: bias),
      callFormats(kind, in: step),
      in: step, into: &sink)
  }

  @inline(__always)
  func product<Sink: CallSink>(
    _ kind: OperatorKind, _ shape: @autoclosure () -> ProductCall,
    _ formats: @autoclosure () -> CallFormats, in step: Step, into sink: inout Sink
  ) {
    if sink.adds(kind, at: step.place, rows: shape().rows) { return }
    told(kind, shape(), formats(), in: step, into: &sink)
  }

  /// For sinks that do not know the call; apart, so that the others' path is short.
  @inline(never)
  private func told<Sink: CallSink>(
    _ kind: OperatorKind, _ shape: RowsCall, _ formats: CallFormats, in step: Step, into sink: inout Sink
  ) {
    tell(kind, .rows(shape), formats, costs.rows(shape, formats), in: step, into: &sink)
  }

  @inline(never)
  private func told<Sink: CallSink>(
    _ kind: OperatorKind, _ shape: ProductCall, _ formats: CallFormats, in step: Step, into sink: inout Sink
  ) {
    tell(kind, .product(shape), formats, costs.product(shape, formats), in: step, into: &sink)
  }

  @inline(__always)
  func emit<Sink: CallSink>(
    _ kind: OperatorKind, _ shape: @autoclosure () -> Shape, _ formats: @autoclosure () -> CallFormats,
    _ work: Work, at rates: @autoclosure () -> CallRates, in step: Step, into sink: inout Sink
  ) {
    if sink.adds(work, layers: step.layers, rates()) { return }
    tell(kind, shape(), formats(), work, in: step, into: &sink)
  }

  @inline(never)
  private func tell<Sink: CallSink>(
    _ kind: OperatorKind, _ shape: Shape, _ formats: CallFormats, _ work: Work, in step: Step,
    into sink: inout Sink
  ) {
    sink.add(Call(kind, at: step.place, layers: step.layers, formats: formats, shape: shape), work)
  }
}
