import Calibration
import CostModel
import Specs
import Testing

/// The shipped calibrations on whole models.
@Suite struct UseTests {
  static func calibrated(
    _ model: String, _ device: String, _ work: Workload, framework: String = "vllm",
    plan: PrecisionPlan = PrecisionPlan(uniform: .bf16)
  ) throws -> (ideal: Analysis, calibrated: CalibratedAnalysis) {
    let spec = try Catalogue.model(model)
    let profile = try Catalogue.hardware(device)
    let evaluator = try #require(Evaluator(model: spec, profile: profile, precision: plan))
    let shipped = try #require(Calibrations.shipped(for: device))
    let predictor = try #require(Predictor(shipped, on: profile))
    let ideal = evaluator.analyze(work)
    return (ideal, predictor.apply(to: ideal, model: spec, precision: plan, framework: framework))
  }

  @Test(
    arguments: ["llama-3-8b", "mixtral-8x7b", "mistral-7b", "gpt-3-175b"],
    ["h100-sxm", "a100-sxm-80gb", "l40s", "h200-sxm"])
  func timesAddUpInsideTheirIntervals(model: String, device: String) throws {
    for work in [Workload.prefill(batch: 1, inputLength: 2048), .decode(batch: 8, contextLength: 1024)] {
      let (ideal, result) = try Self.calibrated(model, device, work)
      let operators = result.analysis.operators
      #expect(abs(operators.reduce(0) { $0 + $1.seconds } / result.analysis.totals.seconds - 1) < 1e-12)
      #expect(result.analysis.totals.seconds > ideal.totals.seconds)
      #expect(
        result.totalLow < result.analysis.totals.seconds && result.analysis.totals.seconds < result.totalHigh)
      #expect(result.analysis.totals.traffic == ideal.totals.traffic)
      for (index, op) in operators.enumerated() {
        #expect(result.low[index] <= op.seconds && op.seconds <= result.high[index], "\(op.op.kind)")
      }
      // A calibrated model on a data-centre device runs within a factor of a few of its bound.
      #expect(result.analysis.totals.seconds < 8 * ideal.totals.seconds, "\(model) \(device) \(work.phase)")
    }
  }

  /// Published: Llama 3 8B in vLLM on one H100 decodes a single stream at 110–160 tokens/s (bf16).
  @Test func singleStreamDecodeIsWhereServersMeasureIt() throws {
    let (_, result) = try Self.calibrated("llama-3-8b", "h100-sxm", .decode(batch: 1, contextLength: 512))
    let rate = 1 / result.analysis.totals.seconds
    #expect(rate > 100 && rate < 180, "\(rate)")
  }

  @Test func anotherDeviceIsCarriedOver() throws {
    let (_, own) = try Self.calibrated("llama-3-8b", "h100-sxm", .decode(batch: 1, contextLength: 512))
    let (_, carried) = try Self.calibrated("llama-3-8b", "h200-sxm", .decode(batch: 1, contextLength: 512))
    #expect(own.basis.contains(.nearest) || own.basis.contains(.calibrated))
    #expect(carried.analysis.totals.seconds < own.analysis.totals.seconds)
  }

  @Test func everyShippedFileReads() throws {
    #expect(Catalogue.calibrationNames == ["a100-sxm-80gb", "h100-sxm", "l40s"])
    for name in Catalogue.calibrationNames {
      let calibration = try Calibrations.find(name)
      #expect(calibration.hardware == name && calibration.groups.count > 20)
    }
  }
}
