import Calibration
import CostModel
import Specs
import Testing

/// The shipped calibrations on whole models.
@Suite struct UseTests {
  static func calibrated(
    _ model: String, _ device: String, _ work: Workload, framework: String = "vllm",
    plan: PrecisionPlan = PrecisionPlan(uniform: .bf16)
  ) throws -> (ideal: Analysis, calibrated: Analysis) {
    let spec = try Catalogue.model(model)
    let profile = try Catalogue.hardware(device)
    let evaluator = try Evaluator(model: spec, profile: profile, precision: plan)
    let shipped = try Calibrations.shipped(for: profile)
    let predictor = try #require(Predictor(shipped, on: profile))
    let pricing = FittedPricing(predictor, framework: framework, for: evaluator)
    return (evaluator.analyze(work), evaluator.analyze(work, by: pricing))
  }

  @Test(
    arguments: ["llama-3-8b", "mixtral-8x7b", "mistral-7b", "gpt-3-175b"],
    ["h100-sxm", "a100-sxm-80gb", "l40s", "h200-sxm"])
  func timesAddUpInsideTheirIntervals(model: String, device: String) throws {
    for work in [Workload.prefill(batch: 1, inputLength: 2048), .decode(batch: 8, contextLength: 1024)] {
      let (ideal, result) = try Self.calibrated(model, device, work)
      let operators = result.operators
      #expect(abs(operators.reduce(0) { $0 + $1.seconds } / result.totals.seconds - 1) < 1e-12)
      #expect(result.totals.seconds > ideal.totals.seconds)
      #expect(
        result.totals.low < result.totals.seconds && result.totals.seconds < result.totals.high)
      #expect(result.totals.traffic == ideal.totals.traffic)
      for op in operators {
        #expect(op.time.low <= op.seconds && op.seconds <= op.time.high, "\(op.call.kind)")
      }
      // A calibrated model on a data-centre device runs within a factor of a few of its bound.
      #expect(result.totals.seconds < 8 * ideal.totals.seconds, "\(model) \(device) \(work.phase)")
    }
  }

  /// Published: Llama 3 8B in vLLM on one H100 decodes a single stream at 110–160 tokens/s (bf16).
  @Test func singleStreamDecodeIsWhereServersMeasureIt() throws {
    let (_, result) = try Self.calibrated("llama-3-8b", "h100-sxm", .decode(batch: 1, contextLength: 512))
    let rate = 1 / result.totals.seconds
    #expect(rate > 100 && rate < 180, "\(rate)")
  }

  @Test func anotherDeviceIsCarriedOver() throws {
    let (_, own) = try Self.calibrated("llama-3-8b", "h100-sxm", .decode(batch: 1, contextLength: 512))
    let (_, carried) = try Self.calibrated("llama-3-8b", "h200-sxm", .decode(batch: 1, contextLength: 512))
    #expect(own.operators.contains { [.nearest, .calibrated].contains($0.time.basis) })
    #expect(carried.totals.seconds < own.totals.seconds)
  }

  /// What a device is carried over from stands in its profile; its name is no reason.
  @Test func theProfileNamesItsRelativeNotItsLetters() throws {
    func seconds(_ name: String, _ relative: String?) throws -> Double {
      var profile = try Catalogue.hardware("h200-sxm")
      profile.name = name
      profile.relative = relative
      let predictor = try #require(Predictor(try Calibrations.shipped(for: profile), on: profile))
      let spec = try Catalogue.model("llama-3-8b")
      let plan = PrecisionPlan(uniform: .bf16)
      let evaluator = try Evaluator(model: spec, profile: profile, precision: plan)
      let pricing = FittedPricing(predictor, framework: "vllm", for: evaluator)
      return evaluator.totals(.decode(batch: 1, contextLength: 512), by: pricing).seconds
    }
    #expect(try seconds("arm-box", "h100-sxm") == seconds("my-box", "h100-sxm"))
    #expect(try seconds("my-box", "b200") == seconds("my-box", "h100-sxm"), "by way of b200's own relative")
    #expect(throws: InputError.self) { try seconds("my-box", nil) }
    #expect(throws: InputError.self) { try seconds("my-box", "h1000-sxm") }
  }

  /// Runs a tenth slower than predicted make a pass a tenth slower where they are; without runs there is no check.
  @Test func passesAreHeldAgainstTheNearestRuns() throws {
    let model = try Catalogue.model("llama-3-8b")
    let profile = try Catalogue.hardware("h100-sxm")
    let predictor = try #require(Predictor(try Calibrations.find("h100-sxm"), on: profile))
    let plan = PrecisionPlan(uniform: .bf16)
    let evaluator = try Evaluator(model: model, profile: profile, precision: plan)
    let work = Workload.prefill(batch: 1, inputLength: 2048)
    let group = try #require(
      predictor.calibration.groups.first {
        $0.group.kernel == .gemm && $0.group.framework == "vllm" && $0.group.dtype == "bfloat16"
      }
    ).group
    let shapes = [4096.0, 6144, 28_672].map { width -> KernelShape in
      var shape = KernelShape()
      (shape.m, shape.n, shape.k) = (2048, width, 4096)
      return shape
    }
    let rows = zip(shapes, predictor.predict(group, shapes)).map { shape, predicted in
      (
        run: Run(gpu: "h100", group: group, shape: shape, seconds: predicted.seconds * 1.1),
        predicted: predicted
      )
    }
    let check = try #require(
      predictor.check(
        work, of: evaluator, framework: "vllm", against: [(group: group, rows: rows)]))
    #expect(check.shareMeasured > 0.7 && check.shareMeasured < 1)
    #expect(abs(check.corrected / check.predicted - (1 + 0.1 * check.shareMeasured)) < 1e-9)
    #expect(
      predictor.check(
        work, of: evaluator, framework: "sglang", against: [(group: group, rows: rows)])
        == nil)
  }

  @Test func everyShippedFileReads() throws {
    #expect(Catalogue.calibrationNames == ["a100-sxm-80gb", "h100-sxm", "l40s"])
    for name in Catalogue.calibrationNames {
      let calibration = try Calibrations.find(name)
      #expect(calibration.hardware == name && calibration.groups.count > 20)
    }
  }
}
