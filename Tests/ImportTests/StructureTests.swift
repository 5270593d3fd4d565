import CostModel
import Testing

@testable import Import
@testable import Specs

/// What a config means beyond its sizes: which layer is which, how it rotates, what it sees.
@Suite struct StructureTests {
  private func kinds(_ name: String) throws -> [String] {
    let model = try ConfigFiles.read(name).model
    return zip(model.kinds, model.kindCounts).map { "\($0.1) \($0.0.name)" }
  }

  @Test(arguments: [
    ("gemma-2-27b", ["23 local", "23 global"]), ("gemma-3-27b", ["52 local", "10 global"]),
    ("gpt-oss-120b", ["18 local", "18 global"]), ("llama-4-scout", ["36 local", "12 global"]),
    ("llama-4-maverick", ["24 local_dense", "12 local_moe", "12 global_moe"]),
    ("deepseek-v3", ["3 dense", "58 moe"]), ("kimi-k2", ["1 dense", "60 moe"]),
    ("glm-4.5", ["3 dense", "89 moe"]), ("qwen3-next-80b-a3b", ["36 linear", "12 full"]),
    ("jamba-v0.1", ["12 mamba", "16 mamba_moe", "4 attention"]),
    ("nemotron-3-nano-30b-a3b", ["23 mamba", "23 moe", "6 attention"]),
    ("nemotron-h-56b", ["54 mamba", "54 mlp", "10 attention"]), ("smollm3-3b", ["27 rotary", "9 plain"]),
    ("command-r7b", ["24 local", "8 global"]), ("olmo-3-7b", ["24 local", "8 global"]),
    ("mistral-7b-v0.1", ["32 decoder"]), ("qwen2.5-72b", ["80 decoder"]),
  ])
  func layersByKind(name: String, expected: [String]) throws {
    #expect(try kinds(name).sorted() == expected.sorted())
  }

  private func attention(_ name: String, _ kind: String = "decoder") throws -> AttentionSpec {
    let found = try #require(try ConfigFiles.read(name).model.kinds.first { $0.name == kind })
    guard case .attention(let spec) = found.layer.mixer else { throw InputError(.data, "no attention") }
    return spec
  }

  @Test func windows() throws {
    #expect(try attention("mistral-7b-v0.1").span == .sliding(window: 4096))
    #expect(try attention("mistral-7b-v0.3").span == .full)
    #expect(try attention("phi-3-mini-4k").span == .sliding(window: 2047))
    // Qwen states a window and switches it off.
    #expect(try attention("qwen2.5-0.5b").span == .full)
    #expect(try attention("llama-4-scout", "local").span == .chunked(size: 8192))
    #expect(try attention("llama-4-scout", "global").span == .full)
    #expect(try attention("gemma-3-1b", "local").span == .sliding(window: 512))
  }

  @Test func positions() throws {
    #expect(
      try attention("llama-3.1-8b").position.rotary?.scaling
        == .llama3(factor: 8, originalContext: 8192, lowFrequency: 1, highFrequency: 4))
    #expect(
      try attention("phi-3.5-mini").position.rotary?.scaling == .longRoPE(factor: 32, originalContext: 4096))
    #expect(
      try attention("gpt-oss-20b", "global").position.rotary?.scaling
        == .yarn(factor: 32, originalContext: 4096, betaFast: 32, betaSlow: 1))
    // Gemma 3 stretches its global layers alone; the local ones have a base of their own.
    #expect(
      try attention("gemma-3-27b", "global").position.rotary
        == RotarySpec(theta: 1e6, scaling: .linear(factor: 8)))
    #expect(try attention("gemma-3-27b", "local").position.rotary == RotarySpec(theta: 10_000))
    #expect(try attention("gemma-3-1b", "global").position.rotary == RotarySpec(theta: 1e6))
    #expect(try attention("llama-4-scout", "global").position == .none)
    #expect(try attention("command-r7b", "global").position == .none)
    #expect(try attention("olmo-3-7b", "local").position.rotary == RotarySpec(theta: 500_000))
    #expect(try attention("phi-2").position.rotary?.rotatedDimensions(headDim: 80) == 32)
    #expect(try attention("glm-4.5", "moe").position.rotary?.partialFactor == 0.5)
    #expect(try attention("minimax-m2.5").position.rotary?.partialFactor == 0.5)
    #expect(try attention("bloom-7b1").position == .alibi)
    #expect(try attention("jamba-v0.1", "attention").position == .none)
    #expect(try ConfigFiles.read("opt-125m").model.embeddingPosition == .learned(length: 2050))
  }

  @Test func normsAndResiduals() throws {
    func layer(_ name: String) throws -> LayerSpec { try ConfigFiles.read(name).model.kinds[0].layer }
    #expect(try layer("gemma-2-2b").norms == .sandwich)
    #expect(try layer("olmo-2-7b").norms == .post)
    #expect(try layer("falcon-7b").norms == .shared)
    #expect(try layer("falcon-40b").norms == .pre)
    #expect(try layer("falcon-40b").parallel)
    #expect(try !layer("falcon-rw-1b").parallel)
    #expect(try layer("command-r-35b").norm == NormSpec(kind: .layer))
    #expect(try layer("olmo-7b").norm == NormSpec(kind: .layer, weight: false))
    #expect(try attention("qwen3-8b").queryKeyNorm == .perHead)
    #expect(try attention("olmo-2-7b").queryKeyNorm == .full)
    #expect(try attention("gpt-oss-20b", "local").sinks)
    #expect(try attention("gemma-2-2b", "local").logitSoftcap)
    #expect(try ConfigFiles.read("gemma-2-2b").model.logitSoftcap)
    #expect(try !ConfigFiles.read("gemma-3-4b").model.logitSoftcap)
  }

  /// What the text part leaves to its class is said.
  @Test func textPartsSaySo() throws {
    let imported = try ConfigFiles.read("gemma-3-4b")
    #expect(imported.family == "gemma3_text")
    #expect(imported.origins.contains { $0.key == "text_config.num_attention_heads" && $0.line == nil })
  }
}
