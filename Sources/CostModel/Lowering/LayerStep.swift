/// One kind of layer within one pass: what its operators need to know.
struct LayerStep {
  let lowering: Lowering
  let work: Workload
  let kind: Int
  let layers: Double

  @inline(__always) var hidden: Double { lowering.outer.hidden }
  @inline(__always) var bytes: BytesPerElement { lowering.bytes }

  /// Norm, mixer, residual; norm, feed-forward, residual.
  @inline(__always)
  func lower<Sink: OperatorSink>(_ layer: LayerPlan, into sink: inout Sink) {
    if layer.hasMixer {
      if layer.norms != .post { norm(.inputNorm, layer.norm, into: &sink) }
      switch layer.mixer {
      case .attention(let attention): self.attention(attention, into: &sink)
      case .latent(let plan): latent(plan, into: &sink)
      case .stateSpace(let spec): stateSpace(spec, into: &sink)
      case .delta(let spec): delta(spec, into: &sink)
      case .none: break
      }
      if layer.norms == .post || layer.norms == .sandwich { norm(.postMixerNorm, layer.norm, into: &sink) }
      residual(.mixerResidual, into: &sink)
    }
    if case .none = layer.feedForward { return }
    if layer.normsBeforeFeedForward { norm(.feedForwardNorm, layer.norm, into: &sink) }
    switch layer.feedForward {
    case .dense(let spec):
      quantise(.quantiseFeedForwardInput, width: hidden, into: &sink)
      dense(
        spec, .gateUpProjection, .activation, .quantiseFeedForwardInner, .downProjection, into: &sink)
    case .mixture(let spec): mixture(spec, skewed: layer.skewedRouter, into: &sink)
    case .none: break
    }
    if layer.norms == .post || layer.norms == .sandwich {
      norm(.postFeedForwardNorm, layer.norm, into: &sink)
    }
    residual(.feedForwardResidual, into: &sink)
  }

  @inline(__always)
  func norm<Sink: OperatorSink>(_ kind: OperatorKind, _ norm: NormSpec, into sink: inout Sink) {
    emit(
      kind, vectorFLOPs: norm.flopsPerElement * work.tokens * hidden,
      traffic: lowering.normTraffic(norm, rows: work.tokens, width: hidden),
      shape: .rows(rows: work.tokens, width: hidden), into: &sink)
  }

  /// x + y: two reads, one write, one FLOP an element.
  @inline(__always)
  func residual<Sink: OperatorSink>(_ kind: OperatorKind, into sink: inout Sink) {
    elementwise(kind, rows: work.tokens, readWidth: 2 * hidden, writeWidth: hidden, flops: 1, into: &sink)
  }

  /// A product's input brought to the matrix units' format by a kernel of its own, where it is stored wider.
  @inline(__always)
  func quantise<Sink: OperatorSink>(_ kind: OperatorKind, width: Double, into sink: inout Sink) {
    guard bytes.quantisesOperands else { return }
    let elements = work.tokens * width
    emit(
      kind, vectorFLOPs: elements * OperandQuantisation.flopsPerElement,
      traffic: Traffic(streamingReads: elements * bytes.activations, writes: elements * bytes.operand),
      shape: .rows(rows: work.tokens, width: width), into: &sink)
  }

  /// `flops` per written element.
  @inline(__always)
  func elementwise<Sink: OperatorSink>(
    _ kind: OperatorKind, rows: Double, readWidth: Double, writeWidth: Double, flops: Double,
    into sink: inout Sink
  ) {
    emit(
      kind, vectorFLOPs: flops * rows * writeWidth,
      traffic: Traffic(
        streamingReads: rows * readWidth * bytes.activations, writes: rows * writeWidth * bytes.activations),
      shape: .rows(rows: rows, width: readWidth), into: &sink)
  }

  /// Tokens times a weight matrix.
  @inline(__always)
  func product<Sink: OperatorSink>(
    _ kind: OperatorKind, outputs: Double, inputs: Double, bias: Double = 0,
    into sink: inout Sink
  ) {
    let rows = work.tokens
    emit(
      kind, matmulFLOPs: 2 * rows * outputs * inputs,
      vectorFLOPs: rows * bias
        + lowering.expansionFLOPs(elements: outputs * inputs, rows: rows, perElement: bytes.weightExpansion),
      traffic: lowering.productTraffic(
        rows: rows, outputs: outputs, inputs: inputs, weightBytes: bytes.weights,
        biasBytes: bias * bytes.small, inputBytes: bytes.operand),
      shape: .matmul(rows: rows, outputs: outputs, inputs: inputs), into: &sink)
  }

  @inline(__always)
  func emit<Sink: OperatorSink>(
    _ kind: OperatorKind, matmulFLOPs: Double = 0, vectorFLOPs: Double = 0, traffic: Traffic,
    unit: MatrixUnit = .linear, occupancy: Double = 1, shape: OperatorShape, into sink: inout Sink
  ) {
    sink.add(
      Operator(
        kind, layerKind: self.kind, layers: layers, matmulFLOPs: matmulFLOPs, vectorFLOPs: vectorFLOPs,
        traffic: traffic, unit: unit, occupancy: occupancy, shape: shape))
  }
}
