import CostModel
import Testing

@testable import Import
@testable import Specs

/// The catalogue's specs are the released models: the same layers as their configs.
@Suite struct CatalogueFactsTests {
  /// Catalogue entries whose config goes by another name.
  static let otherNames = [
    "gpt-2": "gpt2-small", "gpt-2-xl": "gpt2-xl", "gpt-3-175b": "gpt3-175b", "mistral-7b": "mistral-7b-v0.1",
  ]

  @Test func sameLayersAsTheConfig() throws {
    var compared = 0
    let configs = Set(InstantiatedFact.all.map(\.name))
    for name in Catalogue.modelNames {
      let config = Self.otherNames[name] ?? name
      guard configs.contains(config) else { continue }
      let model = try Catalogue.model(name)
      let imported = try ConfigFiles.read(config).model
      compared += 1
      #expect(model.parameters == imported.parameters, "\(name)")
      #expect(model.kinds.map(\.layer) == imported.kinds.map(\.layer), "\(name)")
      #expect(model.pattern == imported.pattern, "\(name)")
      #expect(model.maxPositions == imported.maxPositions || name == "gpt-3-175b", "\(name)")
    }
    #expect(compared >= 100)
  }

  /// Entries without a config among the facts: their configs instantiated with transformers 5.24 on the meta device; MPT's
  /// sizes, which it builds without biases, and the composites by parts in `TowerTests`' way.
  static let totals: [String: Double] = [
    "bert-base": 109_514_298, "bert-large": 335_174_458, "modernbert-large": 395_881_664,
    "stablelm-alpha-3b": 3_637_321_728, "t5-3b": 2_851_598_336, "t5-xxl": 11_135_332_352,
    "whisper-large-v3": 1_543_490_560, "qwen2.5-vl-7b": 8_292_166_656, "deepseek-v4-flash": 284_332_240_471,
    "deepseek-v4-pro": 1_572_997_201_763, "glm-5.2": 743_377_019_904, "mimo-v2-flash": 308_778_780_864,
    "nemotron-3-super-120b-a12b": 120_668_707_840, "nemotron-3-ultra-550b-a55b": 549_308_993_536,
    "gemma-4-26b-a4b": 25_233_141_760, "minimax-m3": 426_174_572_928, "llama-2-34b": 33_743_970_304,
    // 12d² + 13d a layer, V + 2,048 rows, a last norm.
    "mpt-125m": mpt(768, 12), "mpt-350m": mpt(1024, 24), "mpt-760m": mpt(1536, 24), "mpt-1b": mpt(2048, 24),
    "mpt-3b": mpt(2560, 32), "mpt-13b": mpt(5120, 40), "mpt-70b": mpt(8192, 80),
  ]

  static func mpt(_ width: Double, _ layers: Double) -> Double {
    let layer = 12 * width * width + 13 * width
    return layers * layer + 52_418 * width
  }

  /// Shapes say all there is to a GPT (Megatron-LM, arXiv:2104.04473 table 1).
  @Test func shapes() throws {
    let model = try Catalogue.model("GPT 22B (h6144 L48 a64 V51200)")
    // 48 layers of 12h² + 13h, 53,248 rows of both tables, a last norm.
    let (h, layers) = (6144.0, 48.0)
    let layer = 12 * h * h + 13 * h
    #expect(model.parameters.total == layers * layer + 53_250 * h)
    #expect(try Catalogue.model("GPT 22B (h6144 L48 a64)").parameters == model.parameters)
    #expect(throws: InputError.self) { try Catalogue.model("GPT 22B (h6144 L48 a65)") }
    #expect(try Catalogue.model("Nemotron V3 Super 120B (26.02)").name == "nemotron-3-super-120b-a12b")
  }

  /// The only entries without a config among the facts, and what their makers state.
  @Test func restOfTheCatalogue() throws {
    let configs = Set(InstantiatedFact.all.map(\.name))
    let rest = Catalogue.modelNames.filter { !configs.contains(Self.otherNames[$0] ?? $0) }
    #expect(Set(rest) == Set(Self.totals.keys).union(["gpt-4", "grok-1"]))
    for (name, total) in Self.totals {
      #expect(try Catalogue.model(name).parameters.total == total, "\(name)")
    }
    // xAI: 314 billion, eight experts of which two are used.
    let grok = try Catalogue.model("grok-1").parameters
    #expect(abs(grok.total / 314e9 - 1) < 0.01)
  }

  /// A name means one entry, however it is written.
  @Test func namesAndAliasesAreUnique() throws {
    for files in [EmbeddedFiles.models, EmbeddedFiles.hardware] {
      var owners: [String: String] = [:]
      for entry in files {
        for name in Set(([entry.name] + entry.aliases).map(Catalogue.folded)) {
          #expect(owners[name] == nil, "\(name) is \(owners[name] ?? "") and \(entry.name)")
          owners[name] = entry.name
        }
      }
    }
  }

  @Test(arguments: [
    ("meta-llama/Llama-3.1-70B", "llama-3.1-70b"), ("Qwen/Qwen3-30B-A3B", "qwen3-30b-a3b"),
    ("openai/gpt-oss-120b", "gpt-oss-120b"), ("deepseek-ai/DeepSeek-V3", "deepseek-v3"),
    ("Llama 3.1 8B", "llama-3.1-8b"), ("google/gemma-3-27b-it", "gemma-3-27b"),
  ])
  func aliasesResolve(alias: String, name: String) throws {
    #expect(try Catalogue.model(alias).name == name)
  }

  @Test func expertsOfGPTOSSAloneAreNarrow() throws {
    let model = try Catalogue.model("gpt-oss-20b")
    #expect(model.checkpointFormat == .bf16)
    #expect(model.expertFormat == .mxfp4)
  }

  @Test func queries() throws {
    let all = try Catalogue.modelNames.map(Catalogue.model)
    func names(_ words: [String], _ order: ModelQuery.Order = .name, descending: Bool = false) throws
      -> [String]
    {
      try ModelQuery(words: words, order: order, descending: descending, among: all).apply(all).map(\.name)
    }
    #expect(try names(["mla", "sparse"]) == ["deepseek-v3.2", "glm-5", "glm-5.2"])
    #expect(try names(["hybrid", "moe"]).contains("jamba-v0.1"))
    #expect(try names(["chunked"]) == ["llama-4-maverick", "llama-4-scout"])
    #expect(try names(["alibi"]) == ["bloom-176b", "mpt-30b", "mpt-7b"])
    #expect(try names(["MoE"], .parameters, descending: true).first == "gpt-4")
    #expect(
      try names(["qwen2.5"], .parameters)
        == ["0.5b", "1.5b", "7b", "vl-7b", "14b", "32b", "72b"].map { "qwen2.5-\($0)" })
    #expect(Set(try names(["moe"]) + names(["dense"])).count == all.count)
    #expect(throws: InputError.self) { try names(["mow"]) }
  }
}

extension Substring {
  fileprivate var trimmed: String { String(self.drop { $0 == " " }) }
}
