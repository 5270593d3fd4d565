import Calibration
import CostModel
import Specs
import Testing

@testable import Reporting

/// `--explain` says all of a figure: its terms add up to it, whatever the mechanism.
@Suite struct ExplanationTests {
  @Test(arguments: [
    "llama-3-8b", "deepseek-v3", "gpt-oss-20b", "jamba-v0.1", "qwen3-next-80b-a3b", "gemma-3-27b", "gpt-2",
    "deepseek-v4-flash",
  ])
  func termsAddUp(model: String) throws {
    var resolver = Resolver()
    for phase in [Workload.Phase.prefill, .decode] {
      var request = ScenarioRequest(model: model, device: "h200-sxm", phase: phase, batch: 3)
      request.precision.weights = NumberFormat(name: "int4")
      for op in try resolver.prediction(of: request).analysis.operators {
        let explained = ExplainedWork(op)
        let bytes = explained.bytesOnce.reduce(0) { $0 + $1.value }
        #expect(abs(bytes - op.call.compulsory.bytes) <= 1e-9 * bytes, "\(model) \(op.call.kind)")
        let flops = explained.elementWise.reduce(0) { $0 + $1.value }
        #expect(abs(flops - op.work.vectorFLOPs) <= 1 + 1e-9 * flops, "\(model) \(op.call.kind)")
        #expect(explained.bytesOnce.allSatisfy { $0.value > 0 }, "\(model) \(op.call.kind)")
      }
    }
  }

  /// The widths of a plain layer come from fields of its spec.
  @Test func productsNameTheirFields() throws {
    var resolver = Resolver()
    let request = ScenarioRequest(model: "llama-3-8b", device: "h100-sxm", phase: .decode)
    let prediction = try resolver.prediction(of: request)
    let products = prediction.analysis.operators.filter {
      if case .product = $0.call.shape { true } else { false }
    }
    #expect(products.count >= 5)
    for op in products { #expect(ExplainedWork(op).fields(of: prediction.model) != nil, "\(op.call.kind)") }
  }
}
