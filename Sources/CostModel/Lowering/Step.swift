/// A part of a model within one pass: what its calls need to know.
struct Step {
  let lowering: Lowering
  let work: Workload
  let place: Place
  let layers: Double

  @inline(__always) var hidden: Double { lowering.outer.hidden }
  @inline(__always) var formats: ModelFormats { lowering.formats }

  /// Formats of a product, or of what quantizes its input, in this kind of layer.
  @inline(__always)
  func callFormats(_ kind: OperatorKind) -> CallFormats {
    var row = 0
    if lowering.formats.differs, case .kind(let index) = place { row = index * OperatorKind.count }
    return lowering.formats.layers[row + kind.rawValue]
  }

  /// Norm, mixer, residual; norm, feed-forward, residual.
  @inline(__always)
  func lower<Sink: CallSink>(_ layer: LayerPlan, into sink: inout Sink) {
    mix(layer, into: &sink)
    if case .none = layer.feedForward { return }
    if layer.normsBeforeFeedForward { norm(.feedForwardNorm, layer.norm, into: &sink) }
    switch layer.feedForward {
    case .dense(let spec): dense(spec, .layer, into: &sink)
    case .mixture(let plan): mixture(plan, into: &sink)
    case .none: break
    }
    if layer.norms == .post || layer.norms == .sandwich {
      norm(.postFeedForwardNorm, layer.norm, into: &sink)
    }
    residual(.feedForwardResidual, into: &sink)
  }

  @inline(__always)
  private func mix<Sink: CallSink>(_ layer: LayerPlan, into sink: inout Sink) {
    if case .none = layer.mixer { return }
    if layer.norms != .post { norm(.inputNorm, layer.norm, into: &sink) }
    switch layer.mixer {
    case .attention(let plan): attention(plan, into: &sink)
    case .latent(let plan): latent(plan, into: &sink)
    case .stateSpace(let spec): stateSpace(spec, into: &sink)
    case .delta(let spec): delta(spec, into: &sink)
    case .none: break
    }
    if layer.norms == .post || layer.norms == .sandwich { norm(.postMixerNorm, layer.norm, into: &sink) }
    residual(.mixerResidual, into: &sink)
  }
}

extension Step {
  @inline(__always)
  func norm<Sink: CallSink>(_ kind: OperatorKind, _ norm: NormSpec, into sink: inout Sink) {
    rows(
      kind,
      RowsCall(
        .norm, rows: work.tokens, readWidth: hidden, writeWidth: hidden,
        flopsPerElement: norm.flopsPerElement, weights: norm.parameters(width: hidden)), into: &sink)
  }

  /// x + y: two reads, one write, one FLOP an element.
  @inline(__always)
  func residual<Sink: CallSink>(_ kind: OperatorKind, into sink: inout Sink) {
    elementwise(kind, .add, readWidth: 2 * hidden, writeWidth: hidden, flops: 1, into: &sink)
  }

  /// A product's input brought to the matrix units' format by a kernel of its own, where it is stored wider.
  @inline(__always)
  func quantize<Sink: CallSink>(_ kind: OperatorKind, width: Double, into sink: inout Sink) {
    let formats = callFormats(kind)
    guard formats.outputBytes != formats.inputBytes else { return }
    rows(
      kind,
      RowsCall(
        .quantize, rows: work.tokens, readWidth: width, writeWidth: width,
        flopsPerElement: lowering.costs.quantizationFLOPs), formats, into: &sink)
  }

  /// `flops` per written element of every token's row.
  @inline(__always)
  func elementwise<Sink: CallSink>(
    _ kind: OperatorKind, _ operation: RowOperation, readWidth: Double, writeWidth: Double, flops: Double,
    into sink: inout Sink
  ) {
    rows(
      kind,
      RowsCall(
        operation, rows: work.tokens, readWidth: readWidth, writeWidth: writeWidth, flopsPerElement: flops),
      into: &sink)
  }

  @inline(__always)
  func rows<Sink: CallSink>(
    _ kind: OperatorKind, _ shape: RowsCall, _ formats: CallFormats? = nil, into sink: inout Sink
  ) {
    let formats = formats ?? self.formats.rows
    emit(kind, .rows(shape), formats, lowering.costs.rows(shape, formats), into: &sink)
  }

  /// Tokens times a weight matrix.
  @inline(__always)
  func product<Sink: CallSink>(
    _ kind: OperatorKind, outputs: Double, inputs: Double, bias: Double = 0, into sink: inout Sink
  ) {
    product(
      kind, ProductCall(rows: work.tokens, outputs: outputs, inputs: inputs, biases: bias), callFormats(kind),
      into: &sink)
  }

  @inline(__always)
  func product<Sink: CallSink>(
    _ kind: OperatorKind, _ shape: ProductCall, _ formats: CallFormats, into sink: inout Sink
  ) {
    emit(kind, .product(shape), formats, lowering.costs.product(shape, formats), into: &sink)
  }

  @inline(__always)
  func emit<Sink: CallSink>(
    _ kind: OperatorKind, _ shape: Shape, _ formats: CallFormats, _ work: Work, into sink: inout Sink
  ) {
    sink.add(Call(kind, at: place, layers: layers, formats: formats, shape: shape), work)
  }
}
