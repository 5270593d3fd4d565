/// Both forms' kernels, worked out for a machine.
struct LatentPlan: Sendable {
  let spec: LatentSpec
  let naive, absorbed: AttentionPlan

  init(_ spec: LatentSpec, machine: Machine, bytes: BytesPerElement) {
    self.spec = spec
    let heads = Double(spec.heads)
    let picked = spec.indexer.map { Double($0.topK) }
    naive = AttentionPlan(
      heads: heads, storedHeads: heads, queryWidth: Double(spec.headDim), outputWidth: Double(spec.valueDim),
      keyWidth: Double(spec.headDim + spec.valueDim), span: .full, picked: picked,
      flopsPerPair: AttentionArithmetic.softmax, machine: machine, bytes: bytes.withCacheAsActivations)
    // One stored head of rank + rotary numbers; its first `rank` are the value too.
    absorbed = AttentionPlan(
      heads: heads, storedHeads: 1, queryWidth: Double(spec.cacheRank + spec.rotaryDim),
      outputWidth: Double(spec.cacheRank), keyWidth: Double(spec.cacheRank + spec.rotaryDim), span: .full,
      picked: picked, flopsPerPair: AttentionArithmetic.softmax, machine: machine, bytes: bytes)
  }
}

extension LayerStep {
  @inline(never)
  func latent<Sink: OperatorSink>(_ plan: LatentPlan, into sink: inout Sink) {
    let spec = plan.spec
    let heads = Double(spec.heads)
    let rank = Double(spec.cacheRank)
    quantise(.quantiseMixerInput, width: hidden, into: &sink)
    product(
      .latentDownProjection, outputs: spec.downWidth, inputs: hidden, bias: spec.bias ? spec.downWidth : 0,
      into: &sink)
    let normed = spec.normParameters
    elementwise(
      .latentNorm, rows: work.tokens, readWidth: normed, writeWidth: normed,
      flops: NormSpec.rms.flopsPerElement, into: &sink)
    product(
      .queryUpProjection, outputs: spec.queryWidth, inputs: spec.queryRank.map(Double.init) ?? hidden,
      into: &sink)
    rotate(Double(spec.rotaryDim), heads: heads + 1, into: &sink)
    writeCache(width: spec.cacheWidth, into: &sink)
    if let indexer = spec.indexer { index(indexer, spec, into: &sink) }
    switch work.latentForm {
    case .naive:
      // Cached tokens are expanded again: the cache holds latents only.
      perHead(
        .latentExpansion, rows: work.batch * work.length, heads: 1,
        outputs: heads * Double(spec.nopeDim + spec.valueDim),
        inputs: rank, readBytes: bytes.cache, into: &sink)
      softmaxAttention(plan.naive, into: &sink)
    case .absorbed:
      perHead(
        .queryAbsorption, rows: work.tokens, heads: heads, outputs: rank, inputs: Double(spec.nopeDim),
        readBytes: bytes.activations, into: &sink)
      softmaxAttention(plan.absorbed, into: &sink)
      perHead(
        .valueAbsorption, rows: work.tokens, heads: heads, outputs: Double(spec.valueDim), inputs: rank,
        readBytes: bytes.activations, into: &sink)
    }
    let output = heads * Double(spec.valueDim)
    quantise(.quantiseMixerOutput, width: output, into: &sink)
    product(
      .outputProjection, outputs: hidden, inputs: output, bias: spec.bias ? hidden : 0, into: &sink)
  }

  /// `heads` products [rows, inputs] × [inputs, outputs], each head with its own weights.
  private func perHead<Sink: OperatorSink>(
    _ kind: OperatorKind, rows: Double, heads: Double, outputs: Double, inputs: Double, readBytes: Double,
    into sink: inout Sink
  ) {
    let one = lowering.productTraffic(
      rows: rows, outputs: outputs, inputs: inputs, weightBytes: bytes.weights, biasBytes: 0,
      inputBytes: readBytes)
    emit(
      kind, matmulFLOPs: 2 * rows * heads * outputs * inputs,
      vectorFLOPs: heads
        * lowering.expansionFLOPs(
          elements: outputs * inputs, rows: rows, perElement: bytes.weightExpansion), traffic: one * heads,
      shape: .matmul(rows: rows * heads, outputs: outputs, inputs: inputs), into: &sink)
  }

  /// Index queries, keys and weights; scores over all allowed pairs; the scan that keeps the best.
  private func index<Sink: OperatorSink>(_ indexer: IndexerSpec, _ spec: LatentSpec, into sink: inout Sink) {
    let heads = Double(indexer.heads)
    let width = Double(indexer.headDim)
    product(
      .indexProjection, outputs: heads * width, inputs: spec.queryRank.map(Double.init) ?? hidden, into: &sink
    )
    product(.indexKeyProjection, outputs: width + heads, inputs: hidden, into: &sink)
    let pairs =
      work.batch
      * CausalPairs.sliding(
        queries: work.queries, prefix: work.prefix, window: work.length)
    let keys = work.batch * work.length * width * bytes.cache
    let queries = work.tokens * heads * width * bytes.activations
    // One 32-bit score per pair is written and scanned, k indices a query are kept.
    let scores = pairs * 4
    let kept = work.tokens * Double(indexer.topK) * 4
    emit(
      .indexScores, matmulFLOPs: 2 * pairs * heads * width, vectorFLOPs: pairs * (3 * heads + 1),
      traffic: Traffic(streamingReads: keys + queries + scores, writes: scores + kept), unit: .attention,
      shape: .attention(sequences: work.batch, queries: work.queries, keys: work.length), into: &sink)
  }
}
