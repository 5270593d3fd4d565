import CostModel
import Testing

/// Cache sizes that engines logged, each with where; within 0.5 %.
@Suite struct EngineCacheTests {
  static let mebibyte = 1_048_576.0

  static func attention(_ heads: Int, _ kvHeads: Int, _ headDim: Int, window: Int? = nil) -> MixerSpec {
    .attention(
      AttentionSpec(
        heads: heads, keyValueHeads: kvHeads, headDim: headDim,
        span: window.map { .sliding(window: $0) } ?? .full))
  }

  static func model(_ layers: [(MixerSpec, Int)]) -> ModelSpec {
    ModelSpec(
      name: "layers", hidden: 1024, vocabulary: 1000,
      kinds: layers.enumerated().map {
        LayerKind(
          name: "\($0.offset)",
          layer: LayerSpec(mixer: $0.element.0, feedForward: .dense(DenseSpec(intermediate: 64))))
      }, pattern: layers.enumerated().flatMap { Array(repeating: $0.offset, count: $0.element.1) })
  }

  func plan(_ cache: NumberFormat) -> PrecisionPlan {
    var plan = PrecisionPlan(uniform: .fp16)
    plan.kvCache = cache
    return plan
  }

  func close(_ value: Double, _ logged: Double, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(abs(value / logged - 1) < 0.005, "\(value) against \(logged)", sourceLocation: sourceLocation)
  }

  /// vLLM paper (arXiv:2309.06180 §3): OPT-13B, 800 KB a token, 2 · 5,120 · 40 · 2 bytes.
  @Test func plain() {
    let opt = Self.model([(Self.attention(40, 40, 128), 40)])
    close(opt.cacheBytesPerToken(.fp16), 800 * 1024)
    // llama.cpp, JamePeng/llama-cpp-python PR 1: 28 layers of n_embd_k_gqa 512 at n_ctx 2,048: 112.00 MiB.
    let qwen = Self.model([(Self.attention(28, 4, 128), 28)])
    close(
      ReservedCache.cells(qwen, batch: 1, length: 2048, precision: plan(.fp16)), 112 * Self.mebibyte)
    // llama.cpp, SciSharp/LLamaSharp issue 1099: 36 layers of n_embd_k_gqa 256 at n_ctx 4,096: 144.00 MiB.
    let small = Self.model([(Self.attention(16, 2, 128), 36)])
    close(
      ReservedCache.cells(small, batch: 1, length: 4096, precision: plan(.fp16)), 144 * Self.mebibyte)
  }

  static let deepSeekV3: MixerSpec = .latent(
    LatentSpec(heads: 128, queryRank: 1536, cacheRank: 512, nopeDim: 128, rotaryDim: 64, valueDim: 128))

  /// ikawrakow/ik_llama.cpp PR 259 and issue 296: DeepSeek-V3-0324, q8_0, 32,768 tokens: 1,166.62 MiB.
  @Test func latent() {
    let model = Self.model([(Self.deepSeekV3, 61)])
    close(
      ReservedCache.cells(model, batch: 1, length: 32_768, precision: plan(.gguf(.q8_0))),
      1166.62 * Self.mebibyte)
    #expect(model.cacheBytesPerToken(.bf16) == 70_272)
    // DeepSeek-V2 (arXiv:2405.04434, appendix): 15.6K elements a token for 27 layers, 34.6K for 60.
    close(27 * Self.deepSeekV3.traits.cacheWidth, 15_600)
    close(60 * Self.deepSeekV3.traits.cacheWidth, 34_600)
  }

  /// qualcomm/GenieX PR 1346: Gemma 4 E4B in llama.cpp, n_ctx 4,096: 16 KiB a cell for the full layers, 64 MiB;
  /// the 20 sliding ones took 160 MiB at 4,096 cells, 60 MiB at 1,536.
  @Test func sliding() {
    let full = Self.model([(Self.attention(8, 2, 512), 4)])
    close(ReservedCache.cells(full, batch: 1, length: 4096, precision: plan(.fp16)), 64 * Self.mebibyte)
    // Its micro-batch was 1,024 (512 more than the default): a window of 1,024 reserves as much.
    let local = Self.model([(Self.attention(8, 2, 256, window: 1024), 20)])
    close(ReservedCache.cells(local, batch: 1, length: 4096, precision: plan(.fp16)), 60 * Self.mebibyte)
    let unlimited = Self.model([(Self.attention(8, 2, 256), 20)])
    close(ReservedCache.cells(unlimited, batch: 1, length: 4096, precision: plan(.fp16)), 160 * Self.mebibyte)
    // unslothai/unsloth PR 7530: Gemma 3 270M at 1,024 cells, window 512 + micro-batch 512: 18.0 MiB.
    let tiny = Self.model([(Self.attention(4, 1, 256, window: 512), 15), (Self.attention(4, 1, 256), 3)])
    close(ReservedCache.cells(tiny, batch: 1, length: 1024, precision: plan(.fp16)), 18 * Self.mebibyte)
  }

  /// llama.cpp's recurrent memory: JamePeng/llama-cpp-python issue 78 (Qwen3.5, 24 of 32 layers: R 2.25 MiB,
  /// S 48.00 MiB) and ggml-org/llama.cpp PR 23792 (48 of 64 layers, 3 sequences: R 16.88 MiB, S 432.00 MiB).
  @Test func recurrent() {
    let small = Self.model([
      (.delta(DeltaSpec(keyHeads: 16, valueHeads: 32, keyDim: 128, valueDim: 128)), 24)
    ])
    close(small.stateBytes(batch: 1, activations: .fp32), 50.25 * Self.mebibyte)
    let large = Self.model([
      (.delta(DeltaSpec(keyHeads: 16, valueHeads: 48, keyDim: 128, valueDim: 128)), 48)
    ])
    close(large.stateBytes(batch: 3, activations: .fp32), 448.88 * Self.mebibyte)
  }

  /// Cache a token and in all, minimum and reserved, of layers as the released configs declare them.
  @Test func knownArchitectures() {
    // Gemma 3 27B: 62 layers, every sixth global, 16 KV heads of 128, window 1,024.
    let gemma = Self.model([
      (Self.attention(32, 16, 128, window: 1024), 52), (Self.attention(32, 16, 128), 10),
    ])
    let width = 2.0 * 16 * 128 * 2
    #expect(gemma.cacheBytesPerToken(.bf16) == 62 * width)
    let held: Double = width * (52 * 1024 + 10 * 131_072)
    #expect(gemma.cacheBytes(batch: 1, length: 131_072, format: .bf16) == held)
    // vLLM's windows: 1,023 tokens, those of a step of 8,192, a page more; all without the hybrid allocator.
    let all: Double = width * 62 * 131_072
    let plan16 = plan(.fp16)
    #expect(ReservedCache.paged(gemma, batch: 1, length: 131_072, precision: plan16, hybrid: false) == all)
    let windows: Double = width * (52 * 16 * (576 + 1) + 10 * 131_072)
    #expect(ReservedCache.paged(gemma, batch: 1, length: 131_072, precision: plan16) == windows)
    // gpt-oss-120b: 36 layers, half with a window of 128, 8 KV heads of 64: 73,728 B a token in vLLM.
    let oss = Self.model([(Self.attention(64, 8, 64, window: 128), 18), (Self.attention(64, 8, 64), 18)])
    #expect(oss.cacheBytesPerToken(.bf16) == 73_728)
    let kept: Double = 18 * 2048 * (128 + 10_000)
    #expect(oss.cacheBytes(batch: 1, length: 10_000, format: .bf16) == kept)
    // Qwen3-Next 80B: 12 of 48 layers attend, 2 KV heads of 256: 24,576 B a token.
    let next = Self.model([
      (.delta(DeltaSpec(keyHeads: 16, valueHeads: 32, keyDim: 128, valueDim: 128)), 36),
      (Self.attention(16, 2, 256), 12),
    ])
    #expect(next.cacheBytesPerToken(.bf16) == 24_576)
    let state: Double = 36 * (32 * 128 * 128 * 4 + 8192 * 3 * 2)
    #expect(next.stateBytes(batch: 1, activations: .bf16) == state)
    // Qwen3.5-27B in vLLM: pages of 784 tokens, each as large as one of its 48 layers' states.
    let qwen = Self.model([
      (.delta(DeltaSpec(keyHeads: 16, valueHeads: 48, keyDim: 128, valueDim: 128)), 48),
      (Self.attention(24, 4, 256), 16),
    ])
    let page: Double = 784 * 2 * 4 * 256 * 2
    #expect(
      ReservedCache.paged(qwen, batch: 2, length: 785, precision: PrecisionPlan(uniform: .bf16))
        == 2 * page * (48 + 16 * 2))
  }
}
