import Calibration
import CostModel
import Specs
import Testing

@Suite struct PredictionTests {
  /// What a client writes for a time with its interval.
  @Test func fiveLines() throws {
    var resolver = Resolver()
    var request = ScenarioRequest(model: "llama-3-8b", device: "h100-sxm", phase: .decode, batch: 8)
    request.pricing.engine = .vllm
    let totals = try resolver.prediction(of: request).totals
    #expect(totals.low < totals.seconds && totals.seconds < totals.high)
    #expect(totals.floor.seconds < totals.low)
    // vLLM's kernels were measured there: nobody has to name them.
    request.pricing = PricingRequest()
    #expect(try resolver.prediction(of: request).totals == totals)
    request.pricing.calibration = PricingRequest.noCalibration
    let prior = try resolver.prediction(of: request)
    #expect(prior.basis == .prior && prior.totals.high / prior.totals.low > totals.high / totals.low)
  }

  /// Both phases of each request, in order, with the same answers as one by one.
  @Test func phases() throws {
    var resolver = Resolver()
    let requests = ["gpt-2", "mistral-7b"].map { ScenarioRequest(model: $0, device: "l4", inputLength: 100) }
    let cells = try resolver.phases(of: requests, ownPrecision: true)
    #expect(cells.map(\.model.name) == ["gpt-2", "mistral-7b"])
    #expect(cells.map(\.prefill.scenario.workload.phase) == [.prefill, .prefill])
    for (cell, request) in zip(cells, requests) {
      #expect(try resolver.prediction(of: request).totals == cell.prefill.totals)
    }
  }
}
