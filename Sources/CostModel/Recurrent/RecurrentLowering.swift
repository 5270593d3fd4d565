extension Step {
  /// Input projection, causal convolution, (step projection,) scan, gate and norm, output projection.
  @inline(never)
  func stateSpace<Sink: CallSink>(_ spec: StateSpaceSpec, into sink: inout Sink) {
    let inner = Double(spec.inner)
    quantize(.quantizeMixerInput, width: hidden, into: &sink)
    product(
      .stateInProjection, outputs: spec.projectionWidth, inputs: hidden,
      bias: spec.projectionBias ? spec.projectionWidth : 0, into: &sink)
    scan(
      .causalConvolution,
      .convolution(channels: spec.convolved, kernel: Double(spec.kernel), bias: spec.convolutionBias),
      into: &sink)
    if case .mamba(let rank) = spec.version {
      product(
        .stateStepProjection, outputs: Double(rank) + 2 * Double(spec.state), inputs: inner, into: &sink)
      product(.stateStepExpansion, outputs: inner, inputs: Double(rank), bias: inner, into: &sink)
    }
    scan(.stateScan, .stateSpace(spec), into: &sink)
    if case .mamba2 = spec.version { innerNorm(.stateNorm, width: inner, into: &sink) }
    quantize(.quantizeMixerOutput, width: inner, into: &sink)
    product(
      .outputProjection, outputs: hidden, inputs: inner, bias: spec.projectionBias ? hidden : 0, into: &sink)
  }

  @inline(never)
  func delta<Sink: CallSink>(_ spec: DeltaSpec, into sink: inout Sink) {
    quantize(.quantizeMixerInput, width: hidden, into: &sink)
    product(.stateInProjection, outputs: spec.projectionWidth, inputs: hidden, into: &sink)
    scan(
      .causalConvolution,
      .convolution(channels: spec.convolved, kernel: Double(spec.kernel), bias: false), into: &sink)
    scan(.stateScan, .delta(spec), into: &sink)
    elementwise(
      .stateNorm, .norm, readWidth: 2 * spec.valueWidth, writeWidth: spec.valueWidth,
      flops: NormSpec.rms.flopsPerElement + Activation.silu.flops + 1, into: &sink)
    quantize(.quantizeMixerOutput, width: spec.valueWidth, into: &sink)
    product(.outputProjection, outputs: hidden, inputs: spec.valueWidth, into: &sink)
  }

  private func scan<Sink: CallSink>(_ kind: OperatorKind, _ form: ScanForm, into sink: inout Sink) {
    let call = ScanCall(
      form, sequences: work.batch, queries: work.queries, hasPast: work.prefix > 0)
    emit(kind, .scan(call), formats.scan, lowering.costs.scan(call, formats.scan), into: &sink)
  }
}
