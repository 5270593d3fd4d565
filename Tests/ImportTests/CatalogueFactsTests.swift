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

  /// The only entries without a config among the facts, and what their makers state.
  @Test func restOfTheCatalogue() throws {
    let configs = Set(InstantiatedFact.all.map(\.name))
    let rest = Catalogue.modelNames.filter { !configs.contains(Self.otherNames[$0] ?? $0) }
    #expect(rest == ["gpt-4", "grok-1"])
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
    #expect(try names(["mla", "sparse"]) == ["deepseek-v3.2", "glm-5"])
    #expect(try names(["hybrid", "moe"]).contains("jamba-v0.1"))
    #expect(try names(["chunked"]) == ["llama-4-maverick", "llama-4-scout"])
    #expect(try names(["alibi"]) == ["bloom-176b", "mpt-30b", "mpt-7b"])
    #expect(try names(["MoE"], .parameters, descending: true).first == "gpt-4")
    #expect(
      try names(["qwen2.5"], .parameters)
        == ["0.5b", "1.5b", "7b", "14b", "32b", "72b"].map { "qwen2.5-\($0)" })
    #expect(Set(try names(["moe"]) + names(["dense"])).count == all.count)
    #expect(throws: InputError.self) { try names(["mow"]) }
  }
}

extension Substring {
  fileprivate var trimmed: String { String(self.drop { $0 == " " }) }
}
