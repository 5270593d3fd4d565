/// Attention over a short window and over entries that each stand for many earlier tokens (DeepSeek-V4, 2026, §2.3): one
/// key/value head whose entries are key and value at once, queries and output through low-rank products.
///
/// `rate` tokens make one entry by a softmax over their own weights; with an indexer (CSA) entries overlap, and a query
/// takes the best `topK`; without (HCA) it takes all.
public struct CompressedSpec: Hashable, Sendable {
  /// Query heads.
  public var heads: Int
  /// Width of a query and of an entry.
  public var headDim: Int
  /// `q_lora_rank`.
  public var queryRank: Int
  /// Groups of heads whose outputs are projected apart (`o_groups`).
  public var outputGroups: Int
  /// What each group is projected to (`o_lora_rank`).
  public var outputRank: Int
  /// Tokens that are kept one by one (`sliding_window`).
  public var window: Int
  /// Tokens that one entry stands for; nil: the window is all.
  public var rate: Int?
  /// Picks among the entries.
  public var indexer: IndexerSpec?
  /// Rotation of the last part of a head.
  public var rotary: RotarySpec

  /// A layer that sees its window alone unless a rate is given.
  public init(
    heads: Int, headDim: Int, queryRank: Int, outputGroups: Int, outputRank: Int, window: Int,
    rate: Int? = nil,
    indexer: IndexerSpec? = nil, rotary: RotarySpec = RotarySpec()
  ) {
    self.heads = heads
    self.headDim = headDim
    self.queryRank = queryRank
    self.outputGroups = outputGroups
    self.outputRank = outputRank
    self.window = window
    self.rate = rate
    self.indexer = indexer
    self.rotary = rotary
  }

  var queryWidth: Double { Double(heads) * Double(headDim) }
  var outputWidth: Double { Double(outputGroups) * Double(outputRank) }
  /// Entries overlap where an indexer picks among them: each is made of two halves.
  var compressorWidth: Double { Double(headDim) * (indexer == nil ? 1 : 2) }

  /// (query, key) pairs of one sequence: the window, and the entries that are complete by then, counted in fractions.
  @inline(__always)
  func pairs(queries: Double, prefix: Double) -> Double {
    let near = CausalPairs.sliding(queries: queries, prefix: prefix, window: Double(window))
    guard let rate else { return near }
    let most = indexer.map { Double($0.topK) } ?? (prefix + queries)
    return near
      + CausalPairs.cappedSum(queries, start: prefix / Double(rate), step: 1 / Double(rate), cap: most)
  }

  /// Keys of one sequence that are stored: the window behind the first query, and all entries.
  @inline(__always)
  func stored(queries: Double, prefix: Double) -> Double {
    let length = prefix + queries
    return min(length, Double(window) + queries - 1) + (rate.map { length / Double($0) } ?? 0)
  }
}

extension CompressedSpec: Mixer {
  var traits: MixerTraits {
    let entry = Double(headDim) + (indexer.map { Double($0.headDim) } ?? 0)
    return MixerTraits(
      cacheWidth: Double(headDim), lastingWidth: rate.map { entry / Double($0) } ?? 0,
      kept: .sliding(window: window), reach: rate == nil ? .sliding(window: window) : .full)
  }

  func widestActivation(_ work: Workload) -> Double { 2 * queryWidth + Double(queryRank) + outputWidth }

  func tensors<Sink: TensorSink>(into out: inout TensorWriter<Sink>) {
    let (rank, width) = (Double(queryRank), Double(headDim))
    out.enter("self_attn", .attention)
    out.matrix("q_a_proj", rows: rank, columns: out.hidden, reader: .latentDownProjection, split: .replicated)
    out.norm("q_a_norm", width: rank)
    out.matrix("q_b_proj", rows: queryWidth, columns: rank, reader: .queryUpProjection, split: .outputs)
    out.matrix("kv_proj", rows: width, columns: out.hidden, reader: .latentDownProjection, split: .replicated)
    out.norm("kv_norm", width: width)
    out.matrix(
      "o_a_proj", rows: outputWidth, columns: queryWidth / Double(outputGroups),
      reader: .outputDownProjection,
      split: .outputs)
    out.matrix("o_b_proj", rows: out.hidden, columns: outputWidth, reader: .outputProjection, split: .inputs)
    out.vector("sinks", Double(heads), split: .outputs)
    guard let rate else { return }
    compressor("self_attn.compressor", entry: width, width: compressorWidth, rate: Double(rate), into: &out)
    guard let indexer else { return }
    let index = Double(indexer.headDim)
    compressor("self_attn.compressor.indexer", entry: index, width: 2 * index, rate: Double(rate), into: &out)
    out.matrix(
      "q_b_proj", rows: Double(indexer.heads) * index, columns: rank, reader: .indexProjection,
      split: .replicated)
    out.matrix(
      "weights_proj", rows: Double(indexer.heads), columns: out.hidden, reader: .indexKeyProjection,
      split: .replicated)
  }

  /// Entries, the weights that sum them up, a bias for each of the tokens in one, and a norm.
  private func compressor<Sink: TensorSink>(
    _ module: String, entry: Double, width: Double, rate: Double, into out: inout TensorWriter<Sink>
  ) {
    let reader = module.hasSuffix("indexer") ? OperatorKind.indexKeyProjection : .compression
    out.enter(module, .attention)
    for name in ["kv_proj", "gate_proj"] {
      out.matrix(name, rows: width, columns: out.hidden, reader: reader, split: .replicated)
    }
    out.matrix(
      "position_bias", rows: rate, columns: width, suffix: .none, storage: .small, reader: reader,
      split: .replicated)
    out.norm("kv_norm", width: entry)
  }

  func plan(under roofline: Roofline, _ formats: ModelFormats) -> MixerPlan {
    .compressed(
      CompressedPlan(
        spec: self,
        kernel: AttentionKernel(
          AttentionCall(
            sequences: 0, queries: 0, prefix: 0, heads: Double(heads), storedHeads: 1,
            keyWidth: Double(headDim),
            valueWidth: Double(headDim), storedWidth: Double(headDim), sinks: true),
          formats.attention, under: roofline)))
  }
}

/// Compressed attention with its kernel cut for a machine.
struct CompressedPlan: Sendable {
  let spec: CompressedSpec
  let kernel: AttentionKernel
}

extension Lowering {
  @inline(never)
  func compressed<Sink: CallSink>(_ plan: CompressedPlan, in step: Step, into sink: inout Sink) {
    let spec = plan.spec
    let (rank, width) = (Double(spec.queryRank), Double(spec.headDim))
    quantize(.quantizeMixerInput, width: hidden, in: step, into: &sink)
    product(.latentDownProjection, outputs: rank + width, inputs: hidden, in: step, into: &sink)
    innerNorm(.latentNorm, width: rank + width, in: step, into: &sink)
    product(.queryUpProjection, outputs: spec.queryWidth, inputs: rank, in: step, into: &sink)
    innerNorm(.queryKeyNorm, width: spec.queryWidth, in: step, into: &sink)
    // Queries, the entry, and the output turned back.
    rotate(
      spec.rotary.rotatedDimensions(headDim: spec.headDim), heads: Double(2 * spec.heads + 1), in: step,
      into: &sink)
    writeCache(.cacheWrite, width: width, in: step, into: &sink)
    if let rate = spec.rate { compress(spec, rate: Double(rate), in: step, into: &sink) }

    step.eachSegment { work in
      var call = plan.kernel.call(work, in: step)
      call.visible = spec.pairs(queries: work.queries, prefix: work.prefix)
      call.prefix = spec.stored(queries: work.queries, prefix: work.prefix) - work.queries
      let cost = costs.attention(call, plan.kernel.formats, plan.kernel.blocks)
      emit(call, cost, of: plan.kernel, in: step, into: &sink)
    }
    let groups = Double(spec.outputGroups)
    quantize(.quantizeMixerOutput, width: spec.queryWidth, in: step, into: &sink)
    product(
      .outputDownProjection,
      ProductCall(
        rows: step.tokens, outputs: Double(spec.outputRank), inputs: spec.queryWidth / groups,
        copies: groups),
      callFormats(.outputDownProjection, in: step), in: step, into: &sink)
    product(.outputProjection, outputs: hidden, inputs: spec.outputWidth, in: step, into: &sink)
  }

  /// Entries and their weights for each token, softmax and sum over those of one entry, and the indexer's the same way.
  private func compress<Sink: CallSink>(
    _ spec: CompressedSpec, rate: Double, in step: Step, into sink: inout Sink
  ) {
    product(.compression, outputs: 2 * spec.compressorWidth, inputs: hidden, in: step, into: &sink)
    elementwise(
      .compressionSum, .activate, readWidth: 2 * spec.compressorWidth,
      writeWidth: Double(spec.headDim) / rate,
      flops: 8 * spec.compressorWidth / Double(spec.headDim) * rate, in: step, into: &sink)
    guard let indexer = spec.indexer else { return }
    let (heads, width) = (Double(indexer.heads), Double(indexer.headDim))
    product(.indexProjection, outputs: heads * width, inputs: Double(spec.queryRank), in: step, into: &sink)
    product(.indexKeyProjection, outputs: 4 * width + heads, inputs: hidden, in: step, into: &sink)
    writeCache(.indexCacheWrite, width: width / rate, in: step, into: &sink)
    // Every complete entry is scored: a call over entries instead of tokens.
    step.eachSegment { work in
      let scored = IndexCall(
        sequences: work.batch * rate, queries: work.queries / rate, prefix: work.prefix / rate, heads: heads,
        width: width, kept: Double(indexer.topK))
      var cost = costs.index(scored, formats.attention)
      // The keys of a sequence are read once, not `rate` times.
      let again = (rate - 1) * work.batch * (work.length / rate) * width * formats.attention.storedBytes
      cost.traffic.reads -= SIMD4(repeating: again)
      emit(
        .indexScores, .index(scored), formats.attention, cost,
        at: roofline.rates(.indexScores, formats.attention), in: step, into: &sink)
    }
  }
}
