extension LayerStep {
  /// Projection, q/k norm, rotation, cache write, attention, output projection.
  @inline(__always)
  func attention<Sink: OperatorSink>(_ spec: AttentionSpec, into sink: inout Sink) {
    let tokens = work.tokens
    let query = Double(spec.heads) * Double(spec.headDim)
    let key = spec.sharesCache ? 0 : Double(spec.keyValueHeads) * Double(spec.headDim)
    let output = Double(spec.heads) * Double(spec.valueHeadDim)
    let value = spec.keyValueWidth - key
    let bias =
      (spec.queryBias ? query * (spec.outputGate ? 2 : 1) : 0) + (spec.keyBias ? key : 0)
      + (spec.valueBias ? value : 0)
    product(.qkvProjection, outputs: spec.projectionWidth, inputs: hidden, bias: bias, into: &sink)
    if spec.queryKeyNorm != .none {
      elementwise(
        .queryKeyNorm, rows: tokens, readWidth: query + key, writeWidth: query + key,
        flops: NormSpec.rms.flopsPerElement, into: &sink)
    }
    if let rotary = spec.position.rotary { rotate(spec, rotary, into: &sink) }
    if !spec.sharesCache {
      // k and v of the new tokens leave for the cache in its own format.
      emit(
        .cacheWrite,
        traffic: Traffic(
          streamingReads: tokens * (key + value) * bytes.activations,
          writes: tokens * (key + value) * bytes.cache),
        shape: .rows(rows: tokens, width: key + value), into: &sink)
    }
    softmaxAttention(spec, into: &sink)
    product(
      .outputProjection, outputs: hidden, inputs: output, bias: spec.outputBias ? hidden : 0, into: &sink)
  }

  /// q and k turned in place; one row of cosines and sines per token.
  @inline(__always)
  private func rotate<Sink: OperatorSink>(
    _ spec: AttentionSpec, _ rotary: RotarySpec, into sink: inout Sink
  ) {
    let dimensions = Double(rotary.rotatedDimensions(headDim: spec.headDim))
    let turned = Double(spec.heads + (spec.sharesCache ? 0 : spec.keyValueHeads)) * dimensions
    elementwise(
      .rotaryEmbedding, rows: work.tokens, readWidth: turned + dimensions, writeWidth: turned,
      flops: RotarySpec.flopsPerElement, into: &sink)
  }

  /// Scores, softmax, weighted sum: 2·(d_qk + d_v) products' FLOPs per allowed pair and head.
  @inline(__always)
  private func softmaxAttention<Sink: OperatorSink>(_ spec: AttentionSpec, into sink: inout Sink) {
    let heads = Double(spec.heads)
    let pairs = work.batch * heads * spec.span.pairs(queries: work.queries, prefix: work.prefix)
    let widths = Double(spec.headDim + spec.valueHeadDim)
    let outputs = work.tokens * heads * Double(spec.valueHeadDim)
    let gate = spec.outputGate ? outputs * (Activation.silu.flops + 1) : 0
    let vector =
      pairs * AttentionArithmetic.flopsPerPair(spec) + outputs + gate
      + (spec.sinks ? work.tokens * heads * 2 : 0)
    let tiling = AttentionTiling(spec, work: work, machine: lowering.machine, bytes: bytes)
    emit(
      .attention, matmulFLOPs: 2 * pairs * widths, vectorFLOPs: vector, traffic: tiling.traffic,
      unit: .attention, occupancy: tiling.occupancy,
      shape: .attention(sequences: work.batch, queries: work.queries, keys: work.length), into: &sink)
  }
}

/// Element-wise work of softmax attention.
enum AttentionArithmetic {
  /// Scale, running maximum, subtract, exponential, running sum: 5. ALiBi adds a product and a sum, a
  /// soft cap a division, tanh and a product. Dividing by the sum is one more per output element.
  @inline(__always)
  static func flopsPerPair(_ spec: AttentionSpec) -> Double {
    var flops = 5.0
    if spec.logitSoftcap { flops += 3 }
    if case .alibi = spec.position { flops += 2 }
    return flops
  }
}
