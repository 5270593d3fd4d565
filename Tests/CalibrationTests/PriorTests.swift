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

  /// A T4 cannot keep up its sheet's fp32 rate at 70 W, nor an L4 (PyTorch's products there reach 10.7 to 12.5 TFLOP/s); an
  /// A100's limit binds at 250 W alone.
  @Test func powerLimitsProductsOnVectorUnits() throws {
    func device(_ name: String) throws -> DeviceQuantities {
      try #require(DeviceQuantities(try Catalogue.hardware(name)))
    }
    let (t4, l4, small) = (try device("t4"), try device("l4"), try device("a100-pcie-40gb"))
    #expect(t4.sustained(.fp32) < 0.7 * t4.peak32 && t4.sustained(.bf16) == t4.peak16)
    #expect((10.7e12...12.5e12).contains(l4.sustained(.fp32)))
    #expect((0.85...0.95).contains(small.sustained(.fp32) / small.peak32))
    for name in ["a100-sxm-80gb", "a100-pcie-80gb", "h100-sxm", "v100-pcie-32gb", "mi210"] {
      let device = try device(name)
      #expect(device.sustained(.fp32) == device.peak32, "\(name)")
    }
  }

  /// Times of eager PyTorch's kernel in fp32 by the shipped prior.
  private static func eager(_ kernel: KernelClass, on name: String, _ shapes: [RunShape]) throws -> [Double] {
    let predictor = try #require(
      Predictor(
        FittedDevice(hardware: "x", groups: []), prior: try .shipped(), on: try Catalogue.hardware(name)))
    return predictor.predict(RunGroup(kernel, .torch, format: RunFormat(.fp32)), shapes).map(\.seconds)
  }

  /// Rows of 64 K inputs lie so far apart that an MI250's products wait for addresses: 2.4 to 3.6 times as long on MI100
  /// and MI210, 1.0 to 3.6 times on NVIDIA's devices.
  @Test func distantRowsSlowProducts() throws {
    func slowdown(_ name: String) throws -> Double {
      let times = try Self.eager(.gemm, on: name, [8192.0, 65_536].map { FitTests.product(4096, 4096, $0) })
      return times[1] / times[0] / 8
    }
    #expect((1.8...3.6).contains(try slowdown("mi250-gcd")))
    #expect((1...1.8).contains(try slowdown("a100-pcie-80gb")))
  }

  /// cuBLAS mostly pads batches of products to one tile on vector units, of 64 rows and 128 outputs here: 70 outputs are
  /// hardly faster than 128. Libraries for matrix units choose smaller tiles for them.
  @Test func batchesArePaddedToOneTileOnVectorUnits() throws {
    func saved(_ name: String) throws -> Double {
      let times = try Self.eager(
        .batchedProduct, on: name,
        [70.0, 128].map {
          RunShape(.product(ProductCall(rows: 1024, outputs: $0, inputs: 1024, copies: 960)))
        })
      return 1 - times[0] / times[1]
    }
    let (vector, matrix) = (try saved("a100-pcie-80gb"), try saved("mi250-gcd"))
    #expect(vector < 0.6 * matrix && matrix > 0, "\(vector) \(matrix)")
  }

  /// Between one tile and the fastest, a batch takes no less than the fastest, and no longer where that is chosen.
  @Test func batchesLieBetweenOneTileAndTheFastest() throws {
    let device = try #require(DeviceQuantities(try Catalogue.hardware("a100-pcie-40gb")))
    let group = RunGroup(.batchedProduct, .torch, format: RunFormat(.fp32))
    let shape = RunShape(.product(ProductCall(rows: 33, outputs: 40, inputs: 200, copies: 3000)))
    func seconds(_ choice: Double) -> Double {
      var parameters = BatchedProductModel.Parameters()
      parameters.choice = choice
      return BatchedProductModel(parameters, for: group, on: device).seconds(shape)
    }
    let fastest = MatrixProductModel(.init(), for: group, on: device).seconds(shape)
    #expect(abs(seconds(1) / fastest - 1) < 1e-9)
    #expect(seconds(0.01) > seconds(0.5) && seconds(0.5) > seconds(1))
  }

  /// Raising to a power is arithmetic on AMD's devices, where it takes twice what a sum's bytes do, and hidden behind the
  /// bytes on NVIDIA's.
  @Test func powersAreArithmetic() throws {
    func slowdown(_ name: String) throws -> Double {
      var shape = KernelClass.elementwise.emptyShape
      (shape.rows.rows, shape.rows.readWidth, shape.rows.writeWidth) = (65_536, 8192, 4096)
      var power = shape
      power.raises = true
      let times = try Self.eager(.elementwise, on: name, [shape, power])
      return times[1] / times[0]
    }
    #expect((1.5...2.5).contains(try slowdown("mi210")))
    #expect((1...1.05).contains(try slowdown("a100-pcie-40gb")))
  }

  /// Runs of batches teach single products and are not judged with them; single ones teach no batches.
  @Test func batchesTeachSingleProducts() throws {
    let sources = try Self.sources().map { source in
      let group = RunGroup(.batchedProduct, .torch, format: RunFormat(.bf16))
      let runs = source.runs.map { Run(gpu: $0.gpu, group: group, shape: $0.shape, seconds: $0.seconds + 1) }
      return CalibrationStudy.Source(profile: source.profile, runs: source.runs + runs)
    }
    let (single, batch) = (
      PriorClass(RunGroup(.gemm, .vllm, format: RunFormat(.bf16)), vendor: "nvidia"),
      PriorClass(RunGroup(.batchedProduct, .vllm, format: RunFormat(.bf16)), vendor: "nvidia")
    )
    let (singles, batches) = (
      try #require(PooledRuns(single, sources)), try #require(PooledRuns(batch, sources))
    )
    #expect(singles.runs == 2 * batches.runs && singles.ownKeys == 2 && singles.keys.count == 3)
    #expect(batches.ownKeys == 1 && batches.keys.count == 1)
    let judged = singles.points(of: "h100-sxm", by: singles.fit())
    #expect(judged.count == batches.runs / 3 && judged.allSatisfy { $0.point.measured < 1 })
  }
}
