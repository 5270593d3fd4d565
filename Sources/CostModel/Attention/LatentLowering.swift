/// Both forms' kernels, worked out for a machine.
final class LatentPlan: Sendable {
  let spec: LatentSpec
  let naive, absorbed: AttentionKernel

  init(_ spec: LatentSpec, under roofline: Roofline, formats: ModelFormats) {
    self.spec = spec
    let heads = Double(spec.heads)
    let rank = Double(spec.cacheRank)
    let stored = rank + Double(spec.rotaryDim)
    func call(
      storedHeads: Double, keyWidth: Double, valueWidth: Double, storedWidth: Double? = nil,
      expanded: Bool = false
    ) -> AttentionCall {
      AttentionCall(
        sequences: 0, queries: 0, prefix: 0, heads: heads, storedHeads: storedHeads, keyWidth: keyWidth,
        valueWidth: valueWidth, storedWidth: storedWidth, picked: spec.indexer.map { Double($0.topK) },
        expanded: expanded)
    }
    naive = AttentionKernel(
      call(
        storedHeads: heads, keyWidth: Double(spec.headDim), valueWidth: Double(spec.valueDim), expanded: true),
      formats.freshAttention, under: roofline)
    // One stored head of rank + rotary numbers; its first `rank` are the value too.
    absorbed = AttentionKernel(
      call(storedHeads: 1, keyWidth: stored, valueWidth: rank, storedWidth: stored), formats.attention,
      under: roofline)
  }
}

extension LatentSpec {
  func plan(under roofline: Roofline, _ formats: ModelFormats) -> MixerPlan {
    .latent(LatentPlan(self, under: roofline, formats: formats))
  }
}

extension Lowering {
  @inline(never)
  func latent<Sink: CallSink>(_ plan: LatentPlan, in step: Step, into sink: inout Sink) {
    let spec = plan.spec
    let heads = Double(spec.heads)
    let queryInputs = spec.queryRank.map(Double.init) ?? hidden
    quantize(.quantizeMixerInput, width: hidden, in: step, into: &sink)
    product(
      .latentDownProjection, outputs: spec.downWidth, inputs: hidden, bias: spec.bias ? spec.downWidth : 0,
      in: step, into: &sink)
    innerNorm(.latentNorm, width: spec.normParameters, in: step, into: &sink)
    product(.queryUpProjection, outputs: spec.queryWidth, inputs: queryInputs, in: step, into: &sink)
    if spec.rotary != nil { rotate(Double(spec.rotaryDim), heads: heads + 1, in: step, into: &sink) }
    writeCache(.cacheWrite, width: spec.storedWidth, in: step, into: &sink)
    if let indexer = spec.indexer { index(indexer, queryInputs: queryInputs, in: step, into: &sink) }
    step.eachSegment { attend(plan, over: $0, in: step, into: &sink) }
    let output = heads * Double(spec.valueDim)
    quantize(.quantizeMixerOutput, width: output, in: step, into: &sink)
    product(
      .outputProjection, outputs: hidden, inputs: output, bias: spec.bias ? hidden : 0, in: step, into: &sink)
  }

  /// One segment's attention, with the products of its form around it.
  @inline(__always)
  private func attend<Sink: CallSink>(
    _ plan: LatentPlan, over work: Workload.Segment, in step: Step, into sink: inout Sink
  ) {
    func formats(_ kind: OperatorKind) -> CallFormats { callFormats(kind, in: step) }
    switch step.work.latent ?? cheaperForm(plan, work, in: step) {
    case .naive:
      // Cached tokens are expanded again: the cache holds latents only.
      product(
        .latentExpansion, expansion(plan.spec, work), formats(.latentExpansion), in: step, into: &sink)
      attend(plan.naive, over: work, in: step, into: &sink)
    case .absorbed:
      product(
        .queryAbsorption, queryAbsorption(plan.spec, work), formats(.queryAbsorption), in: step, into: &sink)
      attend(plan.absorbed, over: work, in: step, into: &sink)
      product(
        .valueAbsorption, valueAbsorption(plan.spec, work), formats(.valueAbsorption), in: step, into: &sink)
    }
  }

  /// Keys and values of every head from the latents of all tokens.
  private func expansion(_ spec: LatentSpec, _ work: Workload.Segment) -> ProductCall {
    ProductCall(
      rows: work.batch * work.length, outputs: Double(spec.heads) * Double(spec.nopeDim + spec.valueDim),
      inputs: Double(spec.cacheRank))
  }

  /// Queries into the latent's space, each head with its own weights.
  private func queryAbsorption(_ spec: LatentSpec, _ work: Workload.Segment) -> ProductCall {
    ProductCall(
      rows: work.tokens, outputs: Double(spec.cacheRank), inputs: Double(spec.nopeDim),
      copies: Double(spec.heads))
  }

  /// Outputs out of it.
  private func valueAbsorption(_ spec: LatentSpec, _ work: Workload.Segment) -> ProductCall {
    ProductCall(
      rows: work.tokens, outputs: Double(spec.valueDim), inputs: Double(spec.cacheRank),
      copies: Double(spec.heads))
  }

  /// The form whose roofline is lower: what is expanded and what is absorbed have the same result.
  private func cheaperForm(_ plan: LatentPlan, _ work: Workload.Segment, in step: Step) -> LatentForm {
    func seconds(_ kind: OperatorKind, _ shape: Shape, _ formats: CallFormats, _ work: Work) -> Double {
      roofline.time(Call(kind, at: step.place, layers: 1, formats: formats, shape: shape), work).seconds
    }
    func seconds(_ kind: OperatorKind, _ shape: ProductCall) -> Double {
      let formats = callFormats(kind, in: step)
      return seconds(kind, .product(shape), formats, costs.product(shape, formats))
    }
    func seconds(_ kernel: AttentionKernel) -> Double {
      let (call, formats) = (kernel.call(work, in: step), kernel.formats)
      let cost = costs.attention(call, formats, kernel.blocks)
      return seconds(.attention, .attention(call), formats, cost.attention)
        + (cost.join.map { seconds(.attentionReduction, .join(call), formats, $0) } ?? 0)
    }
    let naive = seconds(.latentExpansion, expansion(plan.spec, work)) + seconds(plan.naive)
    let absorbed =
      seconds(.queryAbsorption, queryAbsorption(plan.spec, work)) + seconds(plan.absorbed)
      + seconds(.valueAbsorption, valueAbsorption(plan.spec, work))
    return naive <= absorbed ? .naive : .absorbed
  }

  /// Index queries, keys and weights; scores over all allowed pairs; the scan that keeps the best.
  func index<Sink: CallSink>(
    _ indexer: IndexerSpec, queryInputs: Double, in step: Step, into sink: inout Sink
  ) {
    if indexer.shared { return }
    let heads = Double(indexer.heads)
    let width = Double(indexer.headDim)
    product(.indexProjection, outputs: heads * width, inputs: queryInputs, in: step, into: &sink)
    product(
      .indexKeyProjection, outputs: indexer.keyProjectionWidth, inputs: hidden, in: step, into: &sink)
    writeCache(.indexCacheWrite, width: width, in: step, into: &sink)
    step.eachSegment { work in
      let call = IndexCall(
        sequences: work.batch, queries: work.queries, prefix: work.prefix, heads: heads, width: width,
        kept: Double(indexer.topK))
      emit(
        .indexScores, .index(call), formats.attention, costs.index(call, formats.attention),
        at: roofline.rates(.indexScores, formats.attention), in: step, into: &sink)
    }
  }
}
