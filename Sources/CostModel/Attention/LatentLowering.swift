/// Both forms' kernels, worked out for a machine.
struct LatentPlan: Sendable {
  let spec: LatentSpec
  let naive, absorbed: AttentionKernel

  init(_ spec: LatentSpec, machine: Machine, formats: ModelFormats) {
    self.spec = spec
    let heads = Double(spec.heads)
    let rank = Double(spec.cacheRank)
    let stored = rank + Double(spec.rotaryDim)
    func call(
      storedHeads: Double, keyWidth: Double, valueWidth: Double, storedWidth: Double? = nil
    ) -> AttentionCall {
      AttentionCall(
        sequences: 0, queries: 0, prefix: 0, heads: heads, storedHeads: storedHeads, keyWidth: keyWidth,
        valueWidth: valueWidth, storedWidth: storedWidth, picked: spec.indexer.map { Double($0.topK) })
    }
    naive = AttentionKernel(
      call(storedHeads: heads, keyWidth: Double(spec.headDim), valueWidth: Double(spec.valueDim)),
      formats.freshAttention, on: machine)
    // One stored head of rank + rotary numbers; its first `rank` are the value too.
    absorbed = AttentionKernel(
      call(storedHeads: 1, keyWidth: stored, valueWidth: rank, storedWidth: stored), formats.attention,
      on: machine)
  }
}

extension LatentSpec {
  /// How engines compute `work` where the user does not say: expanded keys where queries are many, the latent
  /// itself for a single query and where each query gathers keys of its own (arXiv:2512.02556 §2.1).
  @inline(__always)
  public func form(_ work: Workload) -> LatentForm {
    if let form = work.latent { return form }
    if let indexer, Double(indexer.topK) < work.length { return .absorbed }
    return work.queries <= 1 ? .absorbed : .naive
  }
}

extension Step {
  @inline(never)
  func latent<Sink: CallSink>(_ plan: LatentPlan, into sink: inout Sink) {
    let spec = plan.spec
    let heads = Double(spec.heads)
    let rank = Double(spec.cacheRank)
    let queryInputs = spec.queryRank.map(Double.init) ?? hidden
    quantize(.quantizeMixerInput, width: hidden, into: &sink)
    product(
      .latentDownProjection, outputs: spec.downWidth, inputs: hidden, bias: spec.bias ? spec.downWidth : 0,
      into: &sink)
    innerNorm(.latentNorm, width: spec.normParameters, into: &sink)
    product(.queryUpProjection, outputs: spec.queryWidth, inputs: queryInputs, into: &sink)
    rotate(Double(spec.rotaryDim), heads: heads + 1, into: &sink)
    writeCache(width: spec.cacheWidth, into: &sink)
    if let indexer = spec.indexer { index(indexer, queryInputs: queryInputs, into: &sink) }
    switch spec.form(work) {
    case .naive:
      // Cached tokens are expanded again: the cache holds latents only.
      product(
        .latentExpansion,
        ProductCall(
          rows: work.batch * work.length, outputs: heads * Double(spec.nopeDim + spec.valueDim), inputs: rank),
        formats.latentExpansion, into: &sink)
      softmaxAttention(plan.naive, into: &sink)
    case .absorbed:
      absorb(.queryAbsorption, outputs: rank, inputs: Double(spec.nopeDim), heads: heads, into: &sink)
      softmaxAttention(plan.absorbed, into: &sink)
      absorb(.valueAbsorption, outputs: Double(spec.valueDim), inputs: rank, heads: heads, into: &sink)
    }
    let output = heads * Double(spec.valueDim)
    quantize(.quantizeMixerOutput, width: output, into: &sink)
    product(
      .outputProjection, outputs: hidden, inputs: output, bias: spec.bias ? hidden : 0, into: &sink)
  }

  /// `heads` products [tokens, inputs] × [inputs, outputs], each head with its own weights.
  private func absorb<Sink: CallSink>(
    _ kind: OperatorKind, outputs: Double, inputs: Double, heads: Double, into sink: inout Sink
  ) {
    product(
      kind, ProductCall(rows: work.tokens, outputs: outputs, inputs: inputs, copies: heads),
      formats.absorption, into: &sink)
  }

  /// Index queries, keys and weights; scores over all allowed pairs; the scan that keeps the best.
  private func index<Sink: CallSink>(
    _ indexer: IndexerSpec, queryInputs: Double, into sink: inout Sink
  ) {
    let heads = Double(indexer.heads)
    let width = Double(indexer.headDim)
    product(.indexProjection, outputs: heads * width, inputs: queryInputs, into: &sink)
    product(.indexKeyProjection, outputs: width + heads, inputs: hidden, into: &sink)
    let call = IndexCall(
      sequences: work.batch, queries: work.queries, prefix: work.prefix, heads: heads, width: width,
      kept: Double(indexer.topK))
    emit(
      .indexScores, .index(call), formats.attention, lowering.costs.index(call, formats.attention),
      into: &sink)
  }
}
