/// Multi-head, grouped-query or multi-query attention with the widths of what stands around it; 0 is none of it.
final class AttentionPlan: Sendable {
  let projectionWidth, projectionBiases, outputWidth: Double
  /// Keys and values of an encoder's tokens, and their biases.
  let sourceWidth, sourceBiases: Double
  /// Elements that q/k norms pass over, and that a token leaves in the cache.
  let normedWidth, cachedWidth: Double
  let rotatedDimensions, rotatedHeads: Double
  let outputBias: Bool
  let outputNorm: Bool
  let indexer: IndexerSpec?
  let kernel: AttentionKernel

  init(_ spec: AttentionSpec, under roofline: Roofline, formats: ModelFormats) {
    let query = Double(spec.heads) * Double(spec.headDim)
    let key = spec.sharesCache ? 0 : Double(spec.keyValueHeads) * Double(spec.headDim)
    projectionWidth = spec.projectionWidth
    let keyBiases = (spec.keyBias ? key : 0) + (spec.valueBias ? spec.keyValueWidth - key : 0)
    projectionBiases =
      (spec.queryBias ? query * (spec.outputGate ? 2 : 1) : 0) + (spec.crosses ? 0 : keyBiases)
    sourceWidth = spec.crosses ? spec.keyValueWidth : 0
    sourceBiases = spec.crosses ? keyBiases : 0
    outputWidth = Double(spec.heads) * Double(spec.valueHeadDim)
    normedWidth = spec.queryKeyNorm == .none ? 0 : query + (spec.crosses ? 0 : key)
    cachedWidth = spec.span.isCausal ? spec.keyValueWidth : 0
    if case .rotary(let rotary) = spec.position {
      rotatedDimensions = rotary.rotatedDimensions(headDim: spec.headDim)
      rotatedHeads = Double(spec.heads + (spec.sharesCache ? 0 : spec.keyValueHeads))
    } else {
      (rotatedDimensions, rotatedHeads) = (0, 0)
    }
    outputBias = spec.outputBias
    outputNorm = spec.outputNorm
    indexer = spec.indexer
    kernel = AttentionKernel(
      AttentionCall(
        sequences: 0, queries: 0, prefix: 0, heads: Double(spec.heads),
        storedHeads: Double(spec.keyValueHeads), keyWidth: Double(spec.headDim),
        valueWidth: Double(spec.valueHeadDim), span: spec.span, picked: spec.indexer.map { Double($0.topK) },
        flopsPerPair: AttentionArithmetic.flopsPerPair(spec), gated: spec.outputGate, sinks: spec.sinks),
      spec.span.isCausal || spec.crosses ? formats.attention : formats.freshAttention, under: roofline,
      crosses: spec.crosses)
  }
}

extension AttentionSpec {
  func plan(under roofline: Roofline, _ formats: ModelFormats) -> MixerPlan {
    .attention(AttentionPlan(self, under: roofline, formats: formats))
  }
}

/// Softmax attention without its workload, cut for one machine.
final class AttentionKernel: Sendable {
  let shape: AttentionCall
  let formats: CallFormats
  let blocks: AttentionBlocks
  let rates: CallRates
  let crosses: Bool

  init(_ shape: AttentionCall, _ formats: CallFormats, under roofline: Roofline, crosses: Bool = false) {
    self.shape = shape
    self.formats = formats
    self.crosses = crosses
    blocks = AttentionBlocks(shape, formats, on: roofline.machine)
    rates = roofline.rates(.attention, formats)
  }

  @inline(__always)
  func call(_ segment: Workload.Segment, in step: Step) -> AttentionCall {
    shape.span.isCausal ? causal(segment, in: step) : seeingBothWays(segment, in: step)
  }

  /// By itself, so that no call has to lie in memory to be returned from one of two.
  @inline(__always)
  func causal(_ segment: Workload.Segment, in step: Step) -> AttentionCall {
    over(segment, in: step).simplified
  }

  @inline(__always)
  private func over(_ segment: Workload.Segment, in step: Step) -> AttentionCall {
    var call = shape
    call.sequences = segment.batch
    call.queries = segment.queries
    call.prefix = segment.prefix
    call.algorithm = step.work.attentionAlgorithm
    return call
  }

  /// Pairs that no causal mask says.
  @inline(never)
  func seeingBothWays(_ segment: Workload.Segment, in step: Step) -> AttentionCall {
    var call = over(segment, in: step)
    if crosses { call.prefix = step.work.source - call.queries }
    call.visible = call.span.pairs(queries: call.queries, prefix: call.prefix)
    if case .windows(let side) = call.span, step.work.grid.rows > 0 {
      call.visible = step.work.grid.windowPairs(side: Double(side))
    }
    call.span = .full
    return call
  }
}

extension Lowering {
  /// Keys and values of an encoder's tokens, when the first of a sequence's own come in.
  @inline(never)
  private func source<Sink: CallSink>(_ plan: AttentionPlan, in step: Step, into sink: inout Sink) {
    step.eachSegment { segment in
      guard segment.prefix == 0 else { return }
      let source = step.work.source
      let rows = segment.batch * source
      product(
        .sourceProjection,
        ProductCall(rows: rows, outputs: plan.sourceWidth, inputs: hidden, biases: plan.sourceBiases),
        callFormats(.sourceProjection, in: step), in: step, into: &sink)
      self.rows(
        .sourceCacheWrite,
        RowsCall(
          .cacheWrite(tokens: source), rows: rows, readWidth: plan.sourceWidth,
          writeWidth: plan.sourceWidth, flopsPerElement: 0),
        formats.cacheWrite, in: step, into: &sink)
    }
  }

  /// Projection, q/k norm, rotation, cache write, attention, output projection.
  @inline(__always)
  func attention<Sink: CallSink>(_ plan: AttentionPlan, in step: Step, into sink: inout Sink) {
    quantize(.quantizeMixerInput, width: hidden, in: step, into: &sink)
    product(
      .qkvProjection, outputs: plan.projectionWidth, inputs: hidden, bias: plan.projectionBiases, in: step,
      into: &sink)
    if plan.sourceWidth > 0 { source(plan, in: step, into: &sink) }
    if plan.normedWidth > 0 { innerNorm(.queryKeyNorm, width: plan.normedWidth, in: step, into: &sink) }
    if plan.rotatedHeads > 0 {
      rotate(plan.rotatedDimensions, heads: plan.rotatedHeads, in: step, into: &sink)
    }
    if plan.cachedWidth > 0 { writeCache(.cacheWrite, width: plan.cachedWidth, in: step, into: &sink) }
    if let indexer = plan.indexer { index(indexer, queryInputs: hidden, in: step, into: &sink) }
    softmaxAttention(plan.kernel, in: step, into: &sink)
    if plan.outputNorm { innerNorm(.attentionNorm, width: plan.outputWidth, in: step, into: &sink) }
    quantize(.quantizeMixerOutput, width: plan.outputWidth, in: step, into: &sink)
    product(
      .outputProjection, outputs: hidden, inputs: plan.outputWidth, bias: plan.outputBias ? hidden : 0,
      in: step, into: &sink)
  }

  /// A norm inside a mixer, whose few weights are left out.
  @inline(__always)
  func innerNorm<Sink: CallSink>(_ kind: OperatorKind, width: Double, in step: Step, into sink: inout Sink) {
    elementwise(
      kind, .norm, readWidth: width, writeWidth: width, flops: NormSpec.rms.flopsPerElement, in: step,
      into: &sink)
  }

  /// q and k turned in place; one row of cosines and sines per token.
  @inline(__always)
  func rotate<Sink: CallSink>(_ dimensions: Double, heads: Double, in step: Step, into sink: inout Sink) {
    let turned = heads * dimensions
    elementwise(
      .rotaryEmbedding, .rotate, readWidth: turned + dimensions, writeWidth: turned,
      flops: RotarySpec.flopsPerElement, in: step, into: &sink)
  }

  /// What the new tokens leave in the cache, in its own format.
  @inline(__always)
  func writeCache<Sink: CallSink>(_ kind: OperatorKind, width: Double, in step: Step, into sink: inout Sink) {
    step.eachSegment { segment in
      rows(
        kind,
        RowsCall(
          .cacheWrite(tokens: segment.queries), rows: segment.tokens, readWidth: width, writeWidth: width,
          flopsPerElement: 0),
        formats.cacheWrite, in: step, into: &sink)
    }
  }

  @inline(__always)
  func softmaxAttention<Sink: CallSink>(_ kernel: AttentionKernel, in step: Step, into sink: inout Sink) {
    step.eachSegment { attend(kernel, over: $0, in: step, into: &sink) }
  }

  @inline(never)
  func attend<Sink: CallSink>(
    _ kernel: AttentionKernel, over segment: Workload.Segment, in step: Step, into sink: inout Sink
  ) {
    guard kernel.shape.span.isCausal else {
      return attendBothWays(kernel, over: segment, in: step, into: &sink)
    }
    let cost = costs.attention(kernel.causal(segment, in: step), kernel.formats, kernel.blocks)
    emit(kernel.causal(segment, in: step), cost, of: kernel, in: step, into: &sink)
  }

  @inline(never)
  private func attendBothWays<Sink: CallSink>(
    _ kernel: AttentionKernel, over segment: Workload.Segment, in step: Step, into sink: inout Sink
  ) {
    let call = kernel.seeingBothWays(segment, in: step)
    let cost = costs.attention(call, kernel.formats, kernel.blocks)
    emit(call, cost, of: kernel, in: step, into: &sink)
  }

  /// Attention, and what joins its splits.
  @inline(__always)
  func emit<Sink: CallSink>(
    _ call: @autoclosure () -> AttentionCall, _ cost: AttentionWork, of kernel: AttentionKernel,
    in step: Step,
    into sink: inout Sink
  ) {
    emit(
      .attention, .attention(call()), kernel.formats, cost.attention, at: kernel.rates, in: step, into: &sink)
    if let join = cost.join {
      emit(
        .attentionReduction, .join(call()), kernel.formats, join, at: kernel.rates, in: step, into: &sink)
    }
  }
}
