extension LayerStep {
  /// Input projection, causal convolution, (step projection,) scan, gate and norm, output projection.
  @inline(never)
  func stateSpace<Sink: OperatorSink>(_ spec: StateSpaceSpec, into sink: inout Sink) {
    let inner = Double(spec.inner)
    let state = Double(spec.state)
    quantise(.quantiseMixerInput, width: hidden, into: &sink)
    product(
      .stateInProjection, outputs: spec.projectionWidth, inputs: hidden,
      bias: spec.projectionBias ? spec.projectionWidth : 0, into: &sink)
    convolution(
      channels: spec.convolved, kernel: Double(spec.kernel), bias: spec.convolutionBias, into: &sink)
    switch spec.version {
    case .mamba(let rank):
      let small = Double(rank) + 2 * state
      product(.stateStepProjection, outputs: small, inputs: inner, into: &sink)
      product(.stateStepExpansion, outputs: inner, inputs: Double(rank), bias: inner, into: &sink)
      // exp(ΔA)·h + ΔB·x, then C·h: 8 per state element; softplus of the step 3, skip 2, gate 5 a channel.
      scan(
        readWidth: 3 * inner + 2 * state, writeWidth: inner, stateElements: spec.stateElements,
        matmulFLOPs: 0, vectorFLOPs: work.tokens * (8 * spec.stateElements + 10 * inner), chunk: work.queries,
        into: &sink)
    case .mamba2(_, let groups, let chunk):
      // State-space duality (§6): within a chunk C·Bᵀ and its product with X over the allowed pairs, between
      // chunks a state built and read; one token at a time 5 per state element.
      let shared = Double(groups) * state
      let pairs =
        work.batch
        * CausalPairs.chunked(queries: work.queries, prefix: 0, size: Double(chunk))
      let products = pairs * 2 * (shared + inner) + work.tokens * 4 * spec.stateElements
      let single = work.queries <= 1
      scan(
        readWidth: 2 * inner + 2 * shared + spec.heads, writeWidth: inner, stateElements: spec.stateElements,
        matmulFLOPs: single ? 0 : products,
        vectorFLOPs: work.tokens * 10 * inner
          + (single ? work.tokens * 5 * spec.stateElements : pairs * 3 * spec.heads),
        chunk: Double(chunk), into: &sink)
      elementwise(
        .stateNorm, rows: work.tokens, readWidth: inner, writeWidth: inner,
        flops: NormSpec.rms.flopsPerElement, into: &sink)
    }
    quantise(.quantiseMixerOutput, width: inner, into: &sink)
    product(
      .outputProjection, outputs: hidden, inputs: inner, bias: spec.projectionBias ? hidden : 0, into: &sink)
  }

  @inline(never)
  func delta<Sink: OperatorSink>(_ spec: DeltaSpec, into sink: inout Sink) {
    let heads = Double(spec.valueHeads)
    let key = Double(spec.keyDim)
    let value = Double(spec.valueDim)
    quantise(.quantiseMixerInput, width: hidden, into: &sink)
    product(.stateInProjection, outputs: spec.projectionWidth, inputs: hidden, into: &sink)
    convolution(channels: spec.convolved, kernel: Double(spec.kernel), bias: false, into: &sink)
    // Chunked form (arXiv:2412.06464 §3.3): per allowed pair k·kᵀ, q·kᵀ, the corrected keys and values, and
    // the output; per token three products with the state. One token at a time: decay, recall, correct, read.
    let pairs = work.batch * CausalPairs.chunked(queries: work.queries, prefix: 0, size: DeltaSpec.chunk)
    let single = work.queries <= 1
    scan(
      readWidth: spec.convolved + 2 * heads, writeWidth: spec.valueWidth, stateElements: spec.stateElements,
      matmulFLOPs: single
        ? 0 : heads * (pairs * 2 * (3 * key + 2 * value)) + work.tokens * 6 * spec.stateElements,
      vectorFLOPs: single ? work.tokens * 7 * spec.stateElements : pairs * 3 * heads, chunk: DeltaSpec.chunk,
      into: &sink)
    elementwise(
      .stateNorm, rows: work.tokens, readWidth: 2 * spec.valueWidth, writeWidth: spec.valueWidth,
      flops: NormSpec.rms.flopsPerElement + Activation.silu.flops + 1, into: &sink)
    quantise(.quantiseMixerOutput, width: spec.valueWidth, into: &sink)
    product(.outputProjection, outputs: hidden, inputs: spec.valueWidth, into: &sink)
  }

  /// Depthwise causal convolution and its activation; the last taps of each sequence are kept.
  private func convolution<Sink: OperatorSink>(
    channels: Double, kernel: Double, bias: Bool, into sink: inout Sink
  ) {
    let tail = work.batch * channels * (kernel - 1) * bytes.activations
    let elements = work.tokens * channels
    emit(
      .causalConvolution,
      vectorFLOPs: elements * (2 * kernel + (bias ? 1 : 0) + Activation.silu.flops),
      traffic: Traffic(
        streamingReads: elements * bytes.activations + (work.prefix > 0 ? tail : 0)
          + channels * (kernel + (bias ? 1 : 0)) * bytes.small,
        writes: elements * bytes.activations + tail),
      shape: .rows(rows: work.tokens, width: channels), into: &sink)
  }

  /// The recurrence: the state is read once (if there is a past), passed on between chunks, written once.
  private func scan<Sink: OperatorSink>(
    readWidth: Double, writeWidth: Double, stateElements: Double, matmulFLOPs: Double, vectorFLOPs: Double,
    chunk: Double, into sink: inout Sink
  ) {
    let state = work.batch * stateElements * BytesPerElement.recurrentState
    let handovers = max(0, (work.queries / max(1, chunk)).rounded(.up) - 1)
    emit(
      .stateScan, matmulFLOPs: matmulFLOPs, vectorFLOPs: vectorFLOPs,
      traffic: Traffic(
        streamingReads: work.tokens * readWidth * bytes.activations + (work.prefix > 0 ? state : 0)
          + handovers * state,
        writes: work.tokens * writeWidth * bytes.activations + state + handovers * state),
      unit: .attention, shape: .rows(rows: work.tokens, width: readWidth), into: &sink)
  }
}
