extension LayerStep {
  /// Projection, q/k norm, rotation, cache write, attention, output projection.
  @inline(__always)
  func attention<Sink: OperatorSink>(_ layer: AttentionLayer, into sink: inout Sink) {
    quantise(.quantiseMixerInput, width: hidden, into: &sink)
    product(
      .qkvProjection, outputs: layer.projectionWidth, inputs: hidden, bias: layer.projectionBiases,
      into: &sink)
    if layer.normedWidth > 0 {
      elementwise(
        .queryKeyNorm, rows: work.tokens, readWidth: layer.normedWidth, writeWidth: layer.normedWidth,
        flops: NormSpec.rms.flopsPerElement, into: &sink)
    }
    if layer.rotatedHeads > 0 { rotate(layer.rotatedDimensions, heads: layer.rotatedHeads, into: &sink) }
    if layer.cachedWidth > 0 { writeCache(width: layer.cachedWidth, into: &sink) }
    softmaxAttention(layer.plan, into: &sink)
    quantise(.quantiseMixerOutput, width: layer.outputWidth, into: &sink)
    product(
      .outputProjection, outputs: hidden, inputs: layer.outputWidth, bias: layer.outputBias ? hidden : 0,
      into: &sink)
  }

  /// q and k turned in place; one row of cosines and sines per token.
  @inline(__always)
  func rotate<Sink: OperatorSink>(_ dimensions: Double, heads: Double, into sink: inout Sink) {
    let turned = heads * dimensions
    elementwise(
      .rotaryEmbedding, rows: work.tokens, readWidth: turned + dimensions, writeWidth: turned,
      flops: RotarySpec.flopsPerElement, into: &sink)
  }

  /// What the new tokens leave in the cache, in its own format.
  @inline(__always)
  func writeCache<Sink: OperatorSink>(width: Double, into sink: inout Sink) {
    emit(
      .cacheWrite,
      traffic: Traffic(
        streamingReads: work.tokens * width * bytes.activations, writes: work.tokens * width * bytes.cache),
      shape: .rows(rows: work.tokens, width: width), into: &sink)
  }

  /// Scores, softmax, weighted sum: 2·(d_qk + d_v) products' FLOPs per allowed pair and head.
  @inline(__always)
  func softmaxAttention<Sink: OperatorSink>(_ plan: AttentionPlan, into sink: inout Sink) {
    let pairs = work.batch * plan.heads * plan.pairs(work)
    let outputs = work.tokens * plan.heads * plan.outputWidth
    // Dividing by the sum, the sinks' share of it, and the output's gate: by whichever kernel ends the sum.
    let ending =
      outputs + work.tokens * plan.sinkFLOPs + (plan.gated ? outputs * (Activation.silu.flops + 1) : 0)
    let tiling = AttentionTiling(plan, work: work, machine: lowering.machine, bytes: bytes)
    emit(
      .attention, matmulFLOPs: 2 * pairs * (plan.queryWidth + plan.outputWidth),
      vectorFLOPs: pairs * plan.flopsPerPair + (tiling.splits == nil ? ending : 0)
        + tiling.loadedElements * plan.flopsPerLoadedElement,
      traffic: tiling.traffic, unit: .attention, occupancy: tiling.occupancy,
      shape: .attention(sequences: work.batch, queries: work.queries, keys: work.length), into: &sink)
    if let splits = tiling.splits {
      // Every split's row is scaled to the common maximum and added: 3 FLOPs an element.
      emit(
        .attentionReduction, vectorFLOPs: ending + outputs * splits * 3, traffic: tiling.reduction,
        shape: .rows(rows: work.tokens * plan.heads, width: plan.outputWidth), into: &sink)
    }
  }
}

extension AttentionPlan {
  /// Allowed (query, key) pairs of one sequence and head.
  @inline(__always)
  func pairs(_ work: Workload) -> Double {
    if let picked {
      return CausalPairs.sliding(queries: work.queries, prefix: work.prefix, window: picked)
    }
    return span.pairs(queries: work.queries, prefix: work.prefix)
  }
}
