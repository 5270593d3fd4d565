extension StateSpaceSpec {
  func plan(under roofline: Roofline, _ formats: ModelFormats) -> MixerPlan { .stateSpace(self) }
}

extension DeltaSpec {
  func plan(under roofline: Roofline, _ formats: ModelFormats) -> MixerPlan { .delta(self) }
}

extension Lowering {
  /// Input projection, causal convolution, (step projection,) scan, gate and norm, output projection.
  @inline(never)
  func stateSpace<Sink: CallSink>(_ spec: StateSpaceSpec, in step: Step, into sink: inout Sink) {
    let inner = Double(spec.inner)
    quantize(.quantizeMixerInput, width: hidden, in: step, into: &sink)
    product(
      .stateInProjection, outputs: spec.projectionWidth, inputs: hidden,
      bias: spec.projectionBias ? spec.projectionWidth : 0, in: step, into: &sink)
    scan(
      .causalConvolution,
      .convolution(channels: spec.convolved, kernel: Double(spec.kernel), bias: spec.convolutionBias),
      in: step, into: &sink)
    if case .mamba(let rank) = spec.version {
      product(
        .stateStepProjection, outputs: Double(rank) + 2 * Double(spec.state), inputs: inner, in: step,
        into: &sink)
      product(.stateStepExpansion, outputs: inner, inputs: Double(rank), bias: inner, in: step, into: &sink)
    }
    scan(.stateScan, .stateSpace(spec), in: step, into: &sink)
    if case .mamba2 = spec.version, spec.outputNorm {
      innerNorm(.stateNorm, width: inner, in: step, into: &sink)
    }
    quantize(.quantizeMixerOutput, width: inner, in: step, into: &sink)
    product(
      .outputProjection, outputs: hidden, inputs: inner, bias: spec.projectionBias ? hidden : 0, in: step,
      into: &sink)
  }

  @inline(never)
  func delta<Sink: CallSink>(_ spec: DeltaSpec, in step: Step, into sink: inout Sink) {
    quantize(.quantizeMixerInput, width: hidden, in: step, into: &sink)
    product(
      .stateInProjection, outputs: spec.projectionWidth, inputs: hidden,
      bias: spec.channelRank == 0 ? spec.decays : 0, in: step, into: &sink)
    scan(
      .causalConvolution,
      .convolution(channels: spec.convolved, kernel: Double(spec.kernel), bias: false), in: step, into: &sink)
    if let rank = spec.narrow {
      product(
        .stateStepExpansion, outputs: spec.keyWidth + spec.valueWidth, inputs: rank, bias: spec.decays,
        in: step, into: &sink)
    }
    scan(.stateScan, .delta(spec), in: step, into: &sink)
    elementwise(
      .stateNorm, .norm, readWidth: 2 * spec.valueWidth, writeWidth: spec.valueWidth,
      flops: NormSpec.rms.flopsPerElement + Activation.silu.flops + 1, in: step, into: &sink)
    quantize(.quantizeMixerOutput, width: spec.valueWidth, in: step, into: &sink)
    product(.outputProjection, outputs: hidden, inputs: spec.valueWidth, in: step, into: &sink)
  }

  func scan<Sink: CallSink>(
    _ kind: OperatorKind, _ form: ScanForm, in step: Step, into sink: inout Sink
  ) {
    step.eachSegment { work in
      let call = ScanCall(form, sequences: work.batch, queries: work.queries, hasPast: work.prefix > 0)
      emit(
        kind, .scan(call), formats.scan, costs.scan(call, formats.scan),
        at: roofline.rates(kind, formats.scan), in: step, into: &sink)
    }
  }
}
