import CostModel
import Specs
import Testing

@testable import Reporting

@Suite struct MorphTests {
  static let pairs = [
    ("gpt-3-175b", "llama-3-70b"), ("llama-3-70b", "mixtral-8x7b"), ("mistral-7b", "gpt-2"),
    ("mixtral-8x22b", "llama-2-7b"),
  ]

  /// The chain begins at A's cost, ends at B's, and its steps sum to the difference.
  @Test(arguments: pairs)
  func stepsAddUp(from: String, to: String) throws {
    let a = try Catalogue.model(from)
    let b = try Catalogue.model(to)
    let steps = Morph.steps(from: a, to: b)
    let last = try #require(steps.last?.model)
    #expect(last.parameters == b.parameters)
    let device = try Catalogue.hardware("h100-sxm")
    let plan = PrecisionPlan(uniform: .bf16)
    let work = Workload.decode(batch: 4, contextLength: 1000)
    let ends = try [a, b].map {
      try Evaluator(model: $0, profile: device, precision: plan).totals(work)
    }
    let chain = try steps.map {
      try Evaluator(model: $0.model, profile: device, precision: plan).totals(work)
    }
    #expect(chain.first == ends[0])
    #expect(chain.last?.traffic == ends[1].traffic)
    #expect(chain.last?.flops == ends[1].flops)
    let sum = zip(steps, steps.dropFirst()).reduce(a.parameters.total) {
      $0 + $1.1.model.parameters.total - $1.0.model.parameters.total
    }
    #expect(sum == b.parameters.total)
  }
}
