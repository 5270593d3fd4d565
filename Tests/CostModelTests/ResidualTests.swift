import CostModel
import Testing

/// What stands beside the residual stream: embeddings of each layer's own, alternating updates, low-rank residuals.
@Suite struct ResidualTests {
  /// 2 layers of 64, a table of 300 rows.
  private static func model(_ change: (inout ModelSpec) -> Void = { _ in }) -> ModelSpec {
    let layer = LayerSpec(
      mixer: .attention(AttentionSpec(heads: 4, keyValueHeads: 2, headDim: 16)),
      feedForward: .dense(DenseSpec(intermediate: 100, activation: .geluTanh)))
    var model = ModelSpec(
      name: "x", hidden: 64, vocabulary: 300, kinds: [LayerKind(name: "decoder", layer: layer)],
      pattern: [0, 0])
    change(&model)
    return model
  }

  private static func own(_ model: inout ModelSpec) {
    model.layerEmbedding = LayerEmbeddingSpec(width: 8, vocabulary: 200, layers: 2)
  }

  private static func streams(_ model: inout ModelSpec) {
    model.alternating = AlternatingSpec(streams: 4, lowRank: 6)
  }

  private func analysis(_ model: ModelSpec, _ work: Workload) throws -> Analysis {
    try Evaluator(model: model, profile: KnownModels.h100, precision: .init(uniform: .bf16)).analyze(work)
  }

  /// Calls by name, each of one layer, with what they read and write of far memory.
  private func calls(
    _ model: ModelSpec, _ work: Workload
  ) throws -> [String: (layers: Double, matmul: Double, vector: Double, bytes: Double)] {
    var found: [String: (layers: Double, matmul: Double, vector: Double, bytes: Double)] = [:]
    for op in try analysis(model, work).operators {
      let known = found[op.call.kind.name]
      found[op.call.kind.name] = (
        op.call.layers + (known?.layers ?? 0), op.work.matmulFLOPs, op.work.vectorFLOPs,
        op.work.traffic.total[0]
      )
    }
    return found
  }

  @Test func tables() {
    let (plain, own) = (Self.model().parameters, Self.model(Self.own).parameters)
    // A row of 2 · 8 for each of 200 words; 16 × 64; 8 × 64 twice a layer; norms of 8 and of 64 a layer.
    #expect(own.embedding - plain.embedding == 200 * 16)
    let products: Double = 16 * 64 + 2 * 2 * 8 * 64
    #expect(own.feedForward - plain.feedForward == products)
    #expect(own.norm - plain.norm == 8 + 2 * 64)
    #expect(own.active == own.total)
    let streams = Self.model(Self.streams).parameters
    // Three products of 64 × 64 in front, and behind; a layer's router, n³ and n² weights, scale, and both low-rank halves.
    let around: Double = 2 * 3 * 64 * 64
    let layer: Double = 4 * 64 + 64 + 16 + 64 + 2 * 6 * 64
    #expect(streams.feedForward - plain.feedForward == around + 2 * layer)
    #expect(streams.norm - plain.norm == 2 * 2 * 64)
  }

  @Test func callsOfLayersOwnEmbeddings() throws {
    let model = Self.model(Self.own)
    let calls = try calls(model, .decode(batch: 3, contextLength: 10))
    // One row of 16 numbers a token out of the table, whatever its size, and the token that says which.
    #expect(try #require(calls["layer_embedding"]).bytes == 3 * (16 * 2 + 16 * 2 + 4))
    #expect(try #require(calls["layer_input_projection"]).matmul == 2 * 3 * 64 * 16)
    #expect(
      try #require(calls["layer_input_norm"]).vector == 3 * 16 * (NormSpec.rms.flopsPerElement + 3))
    let gate = try #require(calls["layer_input_gate"])
    #expect(gate.layers == 2 && gate.matmul == 2 * 3 * 64 * 8)
    #expect(
      try #require(calls["layer_input_activation"]).vector == 3 * 8 * (Activation.geluTanh.flops + 1))
    #expect(try #require(calls["layer_output_projection"]).matmul == 2 * 3 * 8 * 64)
    #expect(try #require(calls["layer_input_residual"]).bytes == 3 * 3 * 64 * 2)
    // A larger table costs memory and no traffic.
    let wide = Self.model {
      Self.own(&$0)
      $0.layerEmbedding?.vocabulary = 200_000
    }
    let work = Workload.decode(batch: 3, contextLength: 10)
    #expect(try analysis(wide, work).totals.traffic == analysis(model, work).totals.traffic)
    #expect(
      wide.weightBytes(.init(uniform: .bf16)) - model.weightBytes(.init(uniform: .bf16))
        == 2 * 16 * 199_800)
  }

  @Test func callsOfStreams() throws {
    let calls = try calls(
      Self.model {
        Self.own(&$0)
        Self.streams(&$0)
      }, .prefill(batch: 1, inputLength: 5))
    let tokens = 5.0
    #expect(try #require(calls["stream_expansion"]).matmul == 2 * tokens * 3 * 64 * 64)
    #expect(try #require(calls["stream_collapse"]).matmul == 2 * tokens * 3 * 64 * 64)
    // Own magnitude and scale of three streams, the first one's magnitude.
    #expect(try #require(calls["stream_scale"]).vector == tokens * (3 * 64 * 3 + 2 * 64))
    let weights = try #require(calls["stream_weights"])
    #expect(weights.layers == 2 && weights.matmul == 2 * tokens * 64 * 4)
    #expect(weights.vector == tokens * (4 + 2 * 4 * 16))
    // [64, 4] × [4, 4] and the streams themselves.
    #expect(try #require(calls["stream_mix"]).vector == tokens * 64 * 4 * 8)
    #expect(try #require(calls["stream_correction_weights"]).vector == tokens * (4 + 2 * 4 * 4 + 4))
    #expect(try #require(calls["stream_correction"]).vector == tokens * 64 * (1 + 2 * 4 + 1))
    #expect(try #require(calls["low_rank_down"]).matmul == 2 * tokens * 64 * 6)
    #expect(try #require(calls["low_rank_up"]).matmul == 2 * tokens * 64 * 6)
    #expect(try #require(calls["attention_residual"]).bytes == tokens * 5 * 64 * 2)
    // To all streams but the layer's own.
    #expect(try #require(calls["layer_input_residual"]).bytes == tokens * (3 + 1 + 3) * 64 * 2)
  }

  @Test func cutGates() {
    var dense = DenseSpec(intermediate: 100, activation: .geluTanh)
    let whole = dense.flopsPerElement
    dense.sparsity = 0.95
    #expect(dense.flopsPerElement == whole + 6)
  }

  /// A norm behind the feed-forward alone.
  @Test func normBehindFeedForward() throws {
    let model = Self.model { $0.kinds[0].layer.norms = .output }
    #expect(model.parameters.norm == Self.model().parameters.norm + 2 * 64)
    let calls = try calls(model, .decode(batch: 1, contextLength: 1))
    #expect(calls["post_feed_forward_norm"]?.layers == 2 && calls["post_attention_norm"] == nil)
  }
}
