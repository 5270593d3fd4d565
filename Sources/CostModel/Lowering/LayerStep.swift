/// One kind of layer within one pass: what its operators need to know.
struct LayerStep {
  let lowering: Lowering
  let work: Workload
  let kind: Int
  let layers: Double

  @inline(__always) var hidden: Double { Double(lowering.model.hidden) }
  @inline(__always) var bytes: BytesPerElement { lowering.bytes }

  /// Norm, mixer, residual; norm, feed-forward, residual.
  @inline(__always)
  func lower<Sink: OperatorSink>(_ layer: LayerSpec, into sink: inout Sink) {
    switch layer.mixer {
    case .attention(let spec):
      if layer.norms != .post { norm(.inputNorm, layer.norm, into: &sink) }
      attention(spec, into: &sink)
      if layer.norms == .post || layer.norms == .sandwich { norm(.postMixerNorm, layer.norm, into: &sink) }
      residual(.mixerResidual, into: &sink)
    case .none: break
    }
    if case .none = layer.feedForward { return }
    if layer.norms != .post && layer.feedForwardNorms > 0 { norm(.feedForwardNorm, layer.norm, into: &sink) }
    switch layer.feedForward {
    case .dense(let spec): dense(spec, .gateUpProjection, .activation, .downProjection, into: &sink)
    case .mixture(let spec): mixture(spec, into: &sink)
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
    _ kind: OperatorKind, outputs: Double, inputs: Double, bias: Double = 0, weightBytes: Double? = nil,
    into sink: inout Sink
  ) {
    let rows = work.tokens
    emit(
      kind, matmulFLOPs: 2 * rows * outputs * inputs, vectorFLOPs: rows * bias,
      traffic: lowering.productTraffic(
        rows: rows, outputs: outputs, inputs: inputs, weightBytes: weightBytes ?? bytes.weights,
        biasBytes: bias * bytes.small),
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
