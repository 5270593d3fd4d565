import Basics
import CostModel
import Specs
import Testing

@testable import Calibration

/// What is expected of devices that nobody measured.
@Suite struct PriorTests {
  /// Three devices of other clocks, core counts and balances whose products follow one law.
  private static func sources() throws -> [CalibrationStudy.Source] {
    try ["a100-sxm-80gb", "h100-sxm", "l40s"].map { name in
      let profile = try Catalogue.hardware(name)
      let device = try #require(DeviceQuantities(profile))
      let group = RunGroup(.gemm, Framework(name == "l40s" ? "b" : "a"), format: RunFormat(.bf16))
      var law = MatrixProductModel.Parameters()
      law.tile.launchSeconds = name == "l40s" ? 6e-6 : 3e-6
      law.tile.computeEfficiency = 0.6
      law.tile.bandwidthEfficiency = 0.9
      let shapes = [1.0, 16, 128, 700, 4096, 9000].flatMap { m in
        [1024.0, 4096, 14_336].map { FitTests.product(m, $0, 4096) }
      }
      let times = MatrixProductModel.seconds(
        law.on(device), shapes, for: group, on: device)
      return CalibrationStudy.Source(
        profile: profile,
        runs: zip(shapes, times).map { Run(gpu: name, group: group, shape: $0, seconds: $1) })
    }
  }

  @Test func theLawOfTwoDevicesHoldsOnAThird() async throws {
    let study = await PriorStudy(try Self.sources()) {}
    let row = try #require(study.rows.first)
    #expect(study.rows.count == 1 && row.cells.count == 3)
    // l40s runs software whose launch nobody else tells: that is what is left.
    for cell in row.cells where cell.device != "l40s" {
      #expect(cell.errors.reduce(0, +) / Double(cell.errors.count) < 3, "\(cell.device)")
    }
    #expect(row.median(\.errors) < 3 && row.median(\.errors) < row.median(\.roofline) / 5)
  }

  @Test func sharedParametersAreFoundAndReadBack() async throws {
    let prior = await PriorFitting.fit(try Self.sources()) {}
    #expect(prior.isPrior && prior.groups.map(\.group.framework.name) == ["", "a", "b"])
    for fit in prior.groups {
      let values = MatrixProductModel.Parameters(fit.parameters)
      #expect(
        abs(values.tile.computeEfficiency - 0.6) < 0.03 && abs(values.tile.bandwidthEfficiency - 0.9) < 0.05)
    }
    let launches = prior.groups.map { $0.parameters[0] }
    #expect(abs(launches[1] / 3e-6 - 1) < 0.15 && abs(launches[2] / 6e-6 - 1) < 0.15, "\(launches)")
    let source = SourceFile(name: "p.yaml", text: CalibrationFile.text(prior))
    #expect(try CalibrationFile.read(source) == CalibrationFile.parsed(source))
    #expect(try CalibrationFile.read(source).groups.allSatisfy { $0.taughtBalance != nil })
  }

  /// Latencies are cycles; what a core pulls alone is its part of far memory's bandwidth where runs of slower memory say
  /// less; what it pulls of the shared level stays.
  @Test func sharedParametersMeetTheDevice() throws {
    for name in ["b200", "l40s", "t4"] {
      let device = try #require(DeviceQuantities(try Catalogue.hardware(name)))
      var shared = DecodeModel.Parameters()
      (shared.coreBytesPerClock, shared.unitSeconds) = (16, 2e-6)
      let own = shared.on(device)
      let part = device.farBandwidth / (device.cores * device.clock)
      #expect(own.coreBytesPerClock == max(16, part) && (name == "b200") == (part > 16), "\(name) \(part)")
      #expect(abs(own.unitSeconds / 2e-6 - power(1.83e9 / device.clock, 0.8)) < 1e-12)
      #expect(
        RowwiseModel.Parameters().on(device).cachedBytesPerClock
          == RowwiseModel.Parameters().cachedBytesPerClock)
    }
  }

  private static func prediction(_ device: String, _ change: (inout ScenarioRequest) -> Void = { _ in })
    throws
    -> Prediction
  {
    var resolver = Resolver()
    var request = ScenarioRequest(model: "llama-3-8b", device: device, phase: .decode, batch: 8)
    change(&request)
    return try resolver.prediction(of: request)
  }

  /// Every device of the catalogue has an expectation that no bound exceeds, and operators that add up, the host's too.
  @Test(arguments: Array(Catalogue.hardwareNames.enumerated()))
  func everyDeviceIsAnswered(index: Int, device: String) throws {
    let prediction = try Self.prediction(device)
    // Every model is asked of some device, in both phases.
    for place in stride(from: index % 40, to: Catalogue.modelNames.count, by: 40) {
      let model = Catalogue.modelNames[place]
      for phase in [Workload.Phase.prefill, .decode] {
        if phase == .decode, try Catalogue.model(model).isEncoder { continue }
        let other = try Self.prediction(device) {
          ($0.model, $0.phase, $0.contextLength) = (model, phase, 900)
          $0.precision.dtype = .bf16
        }
        for op in other.analysis.operators where op.seconds > 0 {
          #expect(op.floor.seconds <= op.seconds * (1 + 1e-12), "\(model), \(phase), \(op.call.kind)")
          #expect(op.floor.seconds <= op.time.low * (1 + 1e-12), "\(model), \(phase), \(op.call.kind)")
        }
      }
    }
    let totals = prediction.totals
    let operators = prediction.analysis.operators
    #expect(abs(operators.reduce(0) { $0 + $1.seconds } / totals.seconds - 1) < 1e-12)
    #expect(totals.low < totals.seconds && totals.seconds < totals.high)
    for op in operators where op.seconds > 0 {
      #expect(op.time.low >= op.floor.seconds && op.time.basis != .upperBound, "\(op.call.kind)")
    }
    #expect(operators.last?.call.kind == .overhead && operators.last?.bound == .launch)
    // Nothing of the roofline's size is passed off as many times that.
    #expect(totals.seconds < 12 * totals.kernelFloor, "\(totals.seconds / totals.kernelFloor)")
  }

  @Test func whatIsKnownIsUsedAndTheRestIsThePriors() throws {
    #expect(try Self.prediction("h100-sxm").basis == .calibrated)
    #expect(try Self.prediction("h200-sxm").basis == .carriedOver)
    #expect(try Self.prediction("h100-sxm") { $0.pricing.calibration = "none" }.basis == .prior)
    // Its relative has other cores.
    #expect(try Self.prediction("b200").basis == .prior)
    #expect(try Self.prediction("mi300x").basis == .prior)
  }

  /// A tighter interval would be a promise that nobody tested.
  @Test func intervalsWidenFarFromWhatWasTaught() throws {
    func width(_ change: (inout HardwareProfile) -> Void) throws -> Double {
      var profile = try Catalogue.hardware("b200")
      change(&profile)
      let predictor = try #require(
        Predictor(FittedDevice(hardware: "x", groups: []), prior: try .shipped(), on: profile))
      let known = try #require(predictor.expectation(of: RunGroup(.gemm, .vllm, format: RunFormat(.bf16))))
      return known.usual.high / known.usual.low
    }
    let near = try width { _ in }
    #expect(try width { $0.levels[0].bytesPerSecond /= 8 } > 1.5 * near)
    #expect(try width { $0.vendor = "amd" } > 1.1 * near)
  }

  /// A device of any balance is told that nobody of its kind taught the prior.
  @Test(arguments: [1e-9, 1e-300, 1e30])
  func balancesOfAnySizeAreNamed(bytesPerSecond: Double) throws {
    var profile = try Catalogue.hardware("b200")
    profile.levels[0].bytesPerSecond = bytesPerSecond
    let predictor = try #require(
      Predictor(FittedDevice(hardware: "x", groups: []), prior: try .shipped(), on: profile))
    let said = predictor.extrapolations(of: PrecisionPlan(uniform: .bf16))
    #expect(said.contains { $0.contains("FLOPs for a byte are outside") }, "\(said)")
  }

  @Test(arguments: [("mi300x", PricingRequest.Engine.trtllm), ("m2-ultra", .vllm), ("tpu-v5e", .trtllm)])
  func softwareOfOtherVendorsIsRefused(device: String, engine: PricingRequest.Engine) throws {
    let error = #expect(throws: InputError.self) {
      _ = try Self.prediction(device) { $0.pricing.engine = engine }
    }
    #expect(error?.kind == .usage)
  }

  /// Copies reach three quarters of a P100's bandwidth where others' reach nine tenths: expected times know it, bounds do
  /// not, and what the user says goes before.
  @Test func whatCopiesReachIsExpected() throws {
    let known = try Catalogue.hardware("p100-pcie-16gb")
    var silent = known
    silent.levels[0].copyBytesPerSecond = nil
    let (a, b) = (try #require(DeviceQuantities(known)), try #require(DeviceQuantities(silent)))
    #expect(abs(a.farBandwidth / b.farBandwidth - 543.1 / 732.16 / 0.89) < 1e-3)
    let model = try Catalogue.model("gpt-2")
    let (with, without) = (
      try Evaluator(model: model, profile: known, precision: PrecisionPlan(uniform: .fp32)),
      try Evaluator(model: model, profile: silent, precision: PrecisionPlan(uniform: .fp32))
    )
    let work = Workload.decode(batch: 1, contextLength: 512)
    #expect(with.totals(work) == without.totals(work))
    let asked = try #require(known.set(to: OperatingPoint(bandwidthEfficiency: 0.5)))
    #expect(DeviceQuantities(asked)?.farBandwidth == 0.5 * known.levels[0].bytesPerSecond)
  }

  /// A T4 cannot keep up its sheet's fp32 rate at 70 W; an A100's limit is out of reach.
  @Test func powerLimitsProductsOnVectorUnits() throws {
    let (t4, a100) = (
      try #require(DeviceQuantities(try Catalogue.hardware("t4"))),
      try #require(DeviceQuantities(try Catalogue.hardware("a100-sxm-80gb")))
    )
    #expect(t4.sustained(.fp32) < 0.7 * t4.peak32 && a100.sustained(.fp32) == a100.peak32)
    #expect(t4.sustained(.bf16) == t4.peak16)
  }
}
