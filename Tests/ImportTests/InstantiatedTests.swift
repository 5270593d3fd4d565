import CostModel
import Testing

@testable import Import
@testable import Specs

/// Configs as users have them.
enum ConfigFiles {
  static var folder: String { ModelFiles.folder(of: #filePath) + "/Configs" }

  static func read(_ name: String) throws -> ImportedModel {
    try ConfigImport.read(try SourceFile(path: "\(folder)/\(name).json"), name: name)
  }
}

@Suite struct InstantiatedTests {
  @Test(arguments: InstantiatedFact.all)
  func parametersByComponent(fact: InstantiatedFact) throws {
    let count = try ConfigFiles.read(fact.name).model.parameters
    #expect(
      [
        count.embedding, count.attention, count.recurrent, count.feedForward, count.router, count.norm,
        count.lmHead,
      ] == fact.components)
    #expect(count.total == fact.total)
    #expect(count.active == fact.active)
  }

  @Test(arguments: InstantiatedFact.all)
  func cacheBytesPerToken(fact: InstantiatedFact) throws {
    #expect(try ConfigFiles.read(fact.name).model.cacheBytesPerToken(.bf16) == fact.cache)
  }

  /// config → YAML → model is config → model, and the YAML says where its figures come from.
  @Test(arguments: InstantiatedFact.all)
  func roundTrip(fact: InstantiatedFact) throws {
    let imported = try ConfigFiles.read(fact.name)
    let yaml = ModelWriter.yaml(imported)
    let back = try ModelReader.read(SourceFile(name: "\(fact.name).yaml", text: yaml))
    #expect(back == imported.model)
    #expect(yaml.contains("# From the file:"))
    for origin in imported.origins.prefix(5) {
      #expect(yaml.contains(origin.key))
    }
  }

  /// Totals that vendors publish: model cards and papers, the same numbers by another way.
  @Test(arguments: [
    ("phi-2", 2_779_683_840.0), ("phi-3.5-moe", 41_873_153_344), ("phi-4", 14_659_507_200),
    ("falcon-7b", 6_921_720_704), ("qwen3-4b", 4_022_468_096), ("qwen3-14b", 14_768_307_200),
    ("qwen3-30b-a3b", 30_532_122_624), ("starcoder2-15b", 15_957_889_024), ("llama-3.2-3b", 3_212_749_824),
    ("mistral-small-24b", 23_572_403_200), ("deepseek-v3", 671_026_419_200), ("glm-4-9b", 9_399_951_360),
    ("gpt-j-6b", 6_050_882_784), ("gpt2-large", 774_030_080), ("gpt2-medium", 354_823_168),
    ("smollm3-3b", 3_075_098_624), ("command-r-plus", 103_810_674_688), ("gemma-2-9b", 9_241_705_984),
    ("qwen2.5-1.5b", 1_543_714_304), ("qwen2.5-3b", 3_085_938_688),
    ("mamba-codestral-7b", 7_285_403_648),
  ])
  func publishedTotals(name: String, total: Double) throws {
    #expect(try ConfigFiles.read(name).model.parameters.total == total)
  }
}
