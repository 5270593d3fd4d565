import CostModel
import Specs
import Testing

/// Totals as published: papers, vendors' model cards, and public instantiations of the released configs.
@Suite struct CatalogueTests {
  @Test(arguments: [
    ("gpt-2", 124_439_808.0, 124_439_808.0), ("gpt-2-xl", 1_557_611_200, 1_557_611_200),
    ("gpt-3-175b", 174_604_259_328, 174_604_259_328),
    ("llama-2-7b", 6_738_415_616, 6_738_415_616), ("llama-2-13b", 13_015_864_320, 13_015_864_320),
    ("llama-2-70b", 68_976_648_192, 68_976_648_192), ("llama-3-8b", 8_030_261_248, 8_030_261_248),
    ("llama-3-70b", 70_553_706_496, 70_553_706_496),
    ("llama-3.1-405b", 405_853_388_800, 405_853_388_800),
    ("mistral-7b", 7_241_732_096, 7_241_732_096),
    ("mixtral-8x7b", 46_702_792_704, 12_879_925_248),
    ("mixtral-8x22b", 140_620_634_112, 39_152_031_744),
  ])
  func publishedTotals(name: String, total: Double, active: Double) throws {
    let model = try Catalogue.model(name)
    #expect(model.parameters.total == total)
    #expect(model.parameters.active == active)
  }

  @Test func everyEntryReadsAndEvaluates() throws {
    let profiles = try Catalogue.hardwareNames.map(Catalogue.hardware)
    #expect(profiles.map(\.name) == Catalogue.hardwareNames)
    for (index, modelName) in Catalogue.modelNames.enumerated() {
      let model = try Catalogue.model(modelName)
      #expect(model.name == modelName)
      // Each device has some of the models, each model some of the devices.
      for place in stride(from: index % 9, to: profiles.count, by: 9) {
        let profile = profiles[place]
        let evaluator = try Evaluator(
          model: model, profile: profile, precision: PrecisionPlan(uniform: .bf16))
        for work in [Workload.decode(batch: 2, contextLength: 1000), .prefill(batch: 1, inputLength: 3000)] {
          let analysis = evaluator.analyze(work)
          let seconds = analysis.totals.seconds
          #expect(seconds > 0 && seconds.isFinite, "\(modelName) on \(profile.name)")
          #expect(
            analysis.operators.allSatisfy { $0.floor.seconds <= $0.seconds }
              && analysis.totals.floor.seconds > 0,
            "\(modelName) on \(profile.name)")
        }
      }
    }
  }

  @Test func gpt4IsMarkedSpeculative() throws {
    #expect(try Catalogue.model("gpt-4").provenance == .speculative)
  }

  @Test(arguments: ["H100 SXM", "h100_sxm", "h100-80gb", "h100"])
  func namesResolveHoweverWritten(name: String) throws {
    #expect(try Catalogue.hardware(name).name == "h100-sxm")
  }

  /// A repository's name without its owner finds the alias, and so does another owner's copy.
  @Test func ownersMayBeLeftOut() throws {
    #expect(try Catalogue.model("Llama-3.1-70B-Instruct").name == "llama-3.1-70b")
    #expect(try Catalogue.model("somebody/llama-3-8b").name == "llama-3-8b")
    let problem = #expect(throws: InputError.self) { try Catalogue.model("somebody/llama-3-9b") }
    #expect(problem?.message.contains("did you mean “llama-3-8b”") == true)
  }

  @Test func unknownNamesAreRefusedWithTheNearest() {
    #expect {
      _ = try Catalogue.model("llama-3-7b")
    } throws: { error in
      (error as? InputError)?.kind == .missing && "\(error)".contains("llama-3-8b")
    }
  }
}
