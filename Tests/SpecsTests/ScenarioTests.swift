import CostModel
import Specs
import Testing

/// A request becomes a scenario without a command line.
@Suite struct ScenarioTests {
  static let request = ScenarioRequest(model: "mixtral-8x7b", device: "h100-sxm", phase: .decode, batch: 4)

  @Test func gapsAreFilledAndNamed() throws {
    let scenario = try Self.request.resolve()
    #expect(scenario.workload == .decode(batch: 4, contextLength: 2048))
    #expect(scenario.precision == PrecisionPlan(uniform: .bf16))
    #expect(scenario.assumptions == [.checkpointFormat(.bf16), .contextLength(2048)])
    #expect(scenario.evaluator.router == .balanced)
  }

  @Test func whatIsSaidIsTaken() throws {
    var request = Self.request
    request.contextLength = 100
    request.precision.dtype = .fp16
    request.router = try RouterRequest("zipf:0.5")
    let scenario = try request.resolve()
    #expect(scenario.assumptions.isEmpty)
    #expect(scenario.workload.prefix == 100)
    #expect(scenario.evaluator.router == .zipf(exponent: 0.5))
  }

  @Test(arguments: ["", "=", "==", "a=", "=1", ".=1", "a.=2", "a", "a.b.c.d.e.f.g.h.i=1"])
  func changesThatAreNone(text: String) {
    let error = #expect(throws: InputError.self) { try SpecChange(text) }
    #expect(error?.kind == .usage)
  }

  /// Of a step there is one position a sequence anyway.
  @Test func logitsOfAllPositionsArePromptsAlone() throws {
    var request = Self.request
    request.logits = .all
    #expect(throws: InputError.self) { try request.resolve() }
    (request.phase, request.inputLength) = (.prefill, 100)
    #expect(try request.resolve().workload.allLogits)
  }

  /// A prompt's length stands in for a context's, and one past the model's range is named.
  @Test func lengths() throws {
    var request = ScenarioRequest(model: "gpt-2", device: "h100-sxm", phase: .decode, inputLength: 3000)
    let decode = try request.resolve()
    #expect(decode.workload.prefix == 3000 && decode.assumptions.contains(.contextFromInput))
    #expect(decode.assumptions.first == .range(.beyondLearned(length: 3001, rows: 1024)))
    request.inputLength = nil
    #expect(try request.resolve().workload.length == 1024)
  }

  @Test(arguments: [
    ("nope", "h100-sxm", 1, InputError.Kind.missing), ("gpt-2", "nope", 1, .missing),
    ("gpt-2", "h100-sxm", 0, .usage), ("gpt-2", "h100-sxm", 2_000_000_000, .usage),
  ])
  func impossibleRequests(model: String, device: String, batch: Int, kind: InputError.Kind) {
    let error = #expect(throws: InputError.self) {
      try ScenarioRequest(model: model, device: device, batch: batch).resolve()
    }
    #expect(error?.kind == kind)
  }

  @Test(arguments: [
    "", "zipf", "zipf:", "zipf:-1", "zipf:11", "zipf:x", "measured", "measured:", "balanced:",
  ])
  func routersThatAreNone(text: String) {
    #expect(throws: InputError.self) { try RouterRequest(text) }
  }
}
