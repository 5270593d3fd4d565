import CostModel
import Specs
import Testing

@testable import Calibration

/// The shipped calibrations on whole models.
@Suite struct UseTests {
  static func calibrated(
    _ model: String, _ device: String, _ work: Workload, framework: Framework = .vllm,
    plan: PrecisionPlan = PrecisionPlan(uniform: .bf16)
  ) throws -> (ideal: Analysis, calibrated: Analysis) {
    let spec = try Catalogue.model(model)
    let profile = try Catalogue.hardware(device)
    let evaluator = try Evaluator(model: spec, profile: profile, precision: plan)
    let shipped = try #require(try Calibrations.shipped(for: profile))
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
      let shipped = try #require(try Calibrations.shipped(for: profile))
      let predictor = try #require(Predictor(shipped, on: profile))
      let spec = try Catalogue.model("llama-3-8b")
      let plan = PrecisionPlan(uniform: .bf16)
      let evaluator = try Evaluator(model: spec, profile: profile, precision: plan)
      let pricing = FittedPricing(predictor, framework: .vllm, for: evaluator)
      return evaluator.totals(.decode(batch: 1, contextLength: 512), by: pricing).seconds
    }
    #expect(try seconds("arm-box", "h100-sxm") == seconds("my-box", "h100-sxm"))
    #expect(try seconds("my-box", "b200") == seconds("my-box", "h100-sxm"), "by way of b200's own relative")
    // Without one, or with one of other cores, the prior alone is left.
    var mine = try Catalogue.hardware("h200-sxm")
    mine.name = "my-box"
    for relative in [nil, "l40s"] {
      mine.relative = relative
      #expect(try Calibrations.shipped(for: mine) == nil)
    }
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
        $0.group.kernel == .gemm && $0.group.framework == .vllm && $0.group.format.number == .bf16
      }
    ).group
    let shapes = [4096.0, 6144, 28_672].map {
      RunShape(.product(ProductCall(rows: 2048, outputs: $0, inputs: 4096)))
    }
    let rows = zip(shapes, predictor.predict(group, shapes)).map { shape, predicted in
      ValidatedRow(
        [Run(gpu: "h100", group: group, shape: shape, seconds: predicted.seconds * 1.1)], at: 0,
        predicted: predicted, bound: RunBound(group, shape, on: predictor.device))
    }
    let runs = NearestRuns([ValidatedGroup(gpu: "h100", group: group, rows: rows)])
    func check(_ framework: Framework) -> PassCheck? {
      FittedPricing(predictor, framework: framework, for: evaluator).check(work, of: evaluator, against: runs)
    }
    let vllm = try #require(check(.vllm))
    #expect(vllm.shareMeasured > 0.7 && vllm.shareMeasured < 1)
    #expect(abs(vllm.corrected / vllm.predicted - (1 + 0.1 * vllm.shareMeasured)) < 1e-9)
    #expect(check(.sglang) == nil)
  }

  /// Products of one fit err together: a pass that they make up is as uncertain as they are, not less.
  @Test func errorsOfOneFitAddUp() throws {
    let (_, result) = try Self.calibrated("llama-3-70b", "h100-sxm", .decode(batch: 1, contextLength: 2048))
    let products = result.operators.filter { $0.call.shape.isProduct && $0.call.kind != .lmHead }
    #expect(products.count == 4 && Set(products.map(\.time.fit)).count == 1)
    let seconds = products.reduce(0) { $0 + $1.seconds }
    let below = products.reduce(0) { $0 + $1.seconds - $1.time.low }
    #expect(seconds / result.totals.seconds > 0.8)
    #expect(below / seconds > 0.05 && below / seconds < 0.1, "\(below / seconds)")
    #expect(result.totals.seconds - result.totals.low >= below)
    // Fits are told apart, all of them.
    let fits = Set(result.operators.compactMap(\.time.fit))
    #expect(fits.count > 4 && fits.allSatisfy { (0..<16).contains($0) })
  }

  /// A smaller latent is another kernel: its time, its bounds and its roofline are others.
  @Test func latentWidthsAreTheModelsOwn() throws {
    let profile = try Catalogue.hardware("h100-sxm")
    let predictor = try #require(Predictor(try Calibrations.find("h100-sxm"), on: profile))
    func attention(_ rank: Int, _ work: Workload) throws -> Time {
      var model = try Catalogue.model("deepseek-v3")
      for index in model.kinds.indices {
        guard case .latent(var spec) = model.kinds[index].layer.mixer else { continue }
        spec.cacheRank = rank
        model.kinds[index].layer.mixer = .latent(spec)
      }
      let evaluator = try Evaluator(
        model: model, profile: profile, precision: PrecisionPlan(uniform: .bf16))
      let pricing = FittedPricing(predictor, framework: .trtllm, for: evaluator)
      let found = evaluator.analyze(work, by: pricing).operators.first { $0.call.kind == .attention }
      return try #require(found?.time)
    }
    let work = Workload.decode(batch: 64, contextLength: 8192)
    let (wide, narrow) = (try attention(512, work), try attention(128, work))
    #expect(narrow.seconds < 0.6 * wide.seconds && narrow.low < wide.low && narrow.high < wide.high)
    #expect(narrow.basis == wide.basis && narrow.fit == wide.fit)
  }

  /// No operator is promised to be faster than its roofline, not even at its low bound.
  @Test(arguments: ["deepseek-v3", "deepseek-v3.2", "glm-5", "gpt-oss-120b", "gemma-2-9b", "llama-3-70b"])
  func lowBoundsStayAboveTheRoofline(model: String) throws {
    for work in [
      Workload.prefill(batch: 1, inputLength: 4096), .prefill(batch: 2, inputLength: 300, prefix: 5000),
      .decode(batch: 1, contextLength: 4096), .decode(batch: 128, contextLength: 16_384),
    ] {
      let (ideal, result) = try Self.calibrated(model, "h100-sxm", work)
      for (bound, op) in zip(ideal.operators, result.operators) where op.seconds > 0 {
        #expect(op.time.low >= bound.seconds * (1 - 1e-12), "\(op.call.kind)")
      }
    }
  }

  /// Tables hold what they were made from, to the last bit, in prefill too.
  @Test(arguments: ["llama-3-8b", "mixtral-8x7b", "deepseek-v3"])
  func tablesChangeNothing(model: String) throws {
    let profile = try Catalogue.hardware("h100-sxm")
    let predictor = try #require(Predictor(try Calibrations.find("h100-sxm"), on: profile))
    let evaluator = try Evaluator(
      model: try Catalogue.model(model), profile: profile, precision: PrecisionPlan(uniform: .bf16))
    let fitted = FittedPricing(predictor, framework: .vllm, for: evaluator)
    let table = TabulatedPricing(fitted, for: evaluator, rows: 64)
    for work in [
      Workload.decode(batch: 1, contextLength: 100), .decode(batch: 64, contextLength: 3000),
      .decode(batch: 65, contextLength: 3000), .prefill(batch: 2, inputLength: 17),
      .prefill(batch: 1, inputLength: 64, prefix: 9), .prefill(batch: 1, inputLength: 3000),
    ] {
      #expect(evaluator.totals(work, by: table) == evaluator.totals(work, by: fitted), "\(work)")
    }
  }

  @Test func everyShippedFileReads() throws {
    #expect(Catalogue.calibrationNames == ["a100-sxm-80gb", "h100-sxm", "l40s"])
    for name in Catalogue.calibrationNames + [Catalogue.everyDevice] {
      let calibration = try Calibrations.find(name)
      #expect(calibration.hardware == name && calibration.groups.count > 20)
      // Line by line as by the parser of all YAML.
      let source = try Catalogue.calibrationSource(name)
      #expect(PlainCalibration.read(source.text) == calibration)
      #expect(try CalibrationFile.parsed(source) == calibration)
      #expect(CalibrationFile.text(calibration) == source.text)
    }
  }
}

extension Shape {
  fileprivate var isProduct: Bool {
    if case .product = self { return true }
    return false
  }
}
