import CostModel
import Specs
import Testing

@testable import Calibration

/// A device made up for the tests, close to a large GPU.
func testDevice() throws -> DeviceQuantities {
  var profile = HardwareProfile(
    name: "test-gpu",
    levels: [
      MemoryLevel(name: "hbm", capacityBytes: 80e9, bytesPerSecond: 3e12),
      MemoryLevel(name: "l2", capacityBytes: 50e6, bytesPerSecond: 6e12),
    ],
    peaks: [Peak(.bf16, flopsPerSecond: 1e15), Peak(.fp8, flopsPerSecond: 2e15)],
    vectorFLOPsPerSecond: 6e13, cores: 128)
  profile.links = [Link(name: "link", bytesPerSecond: 4.5e11)]
  return try #require(DeviceQuantities(profile))
}

/// Runs of a product by the model itself, with parameters unlike the typical ones.
func syntheticRuns(_ device: DeviceQuantities, count: Int, noise: Double = 0) -> [MeasuredRun] {
  var p = GEMMModel.plain.parameters.map(\.typical)
  p[0] = 5
  p[1] = 0.6
  p[2] = 0.9
  var random = SplitMix(state: 7)
  let key = GroupKey(
    gpu: "test-gpu", kernel: .gemm, framework: "test", version: "1", format: .bfloat16, cacheFormat: "")
  return (0..<count).map { index in
    let shape = KernelShape.product(
      m: (exponential(random.unit() * 9)).rounded(.up), n: 128 * (1 + random.unit() * 100).rounded(),
      k: 128 * (1 + random.unit() * 60).rounded(), .bfloat16)
    let seconds = GEMMModel.plain.seconds(shape, device, p) * exponential(noise * (2 * random.unit() - 1))
    return MeasuredRun(key: key, shape: shape, seconds: seconds, file: "made", line: index + 2)
  }
}

@Suite struct FittingTests {
  @Test func runsMadeByTheModelAreExplainedByIt() throws {
    let device = try testDevice()
    let fitter = GroupFitter(device: device)
    let runs = syntheticRuns(device, count: 60)
    let group = fitter.fit(runs[0].key, runs)
    #expect(group.inSample.mape < 1.5)
    #expect(group.heldOut.mape < 4)
    #expect(abs(group.parameters[0] - 5) < 1)
    #expect(abs(group.parameters[2] - 0.9) < 0.07)
  }

  @Test func everyParameterStaysWithinItsBounds() throws {
    let device = try testDevice()
    var runs = syntheticRuns(device, count: 30)
    // Ten times slower than any datasheet: the fit must not leave the physical range to follow.
    for index in runs.indices { runs[index].seconds *= 10 }
    let group = GroupFitter(device: device).fit(runs[0].key, runs)
    for (parameter, value) in zip(group.model.parameters, group.parameters) {
      #expect(value >= parameter.lower * 0.99999 && value <= parameter.upper * 1.00001, "\(parameter.name)")
    }
  }

  @Test func orderAndUnitOfRunsChangeNothing() throws {
    let device = try testDevice()
    let runs = syntheticRuns(device, count: 25, noise: 0.05)
    func calibration(_ text: String) throws -> String {
      let set = try RunReader.read(SourceFile(name: "runs.csv", text: text))
      return CalibrationWriter.text(Calibrator(device: device, prior: nil).calibrate(set).calibration)
    }
    func csv(_ runs: [MeasuredRun], unit: String, scale: Double) -> String {
      "kernel,gpu,framework,version,dtype,m,n,k,time_\(unit)\n"
        + runs.map { run in
          guard case .product(let m, let n, let k, _) = run.shape else { return "" }
          return "gemm,test-gpu,test,1,bfloat16,\(m),\(n),\(k),\(run.seconds * scale)"
        }.joined(separator: "\n")
    }
    let straight = try calibration(csv(runs, unit: "us", scale: 1e6))
    #expect(try calibration(csv(runs.reversed(), unit: "us", scale: 1e6)) == straight)
    #expect(try calibration(csv(runs, unit: "ms", scale: 1e3)) == straight)
    #expect(straight.contains("framework: \"test\""))
  }

  @Test func wholeFamiliesAreHeldOutTogether() throws {
    let runs = syntheticRuns(try testDevice(), count: 50)
    let folds = GroupFitter.fold(runs + runs, 5)
    var place: [String: Int] = [:]
    for (run, fold) in zip(runs + runs, folds) {
      #expect(place[run.family] == nil || place[run.family] == fold)
      place[run.family] = fold
    }
    #expect(Set(folds).count == 5)
  }

  @Test func aPriorHelpsFiveRuns() throws {
    let device = try testDevice()
    let all = syntheticRuns(device, count: 80)
    let prior = GroupFitter(device: device).parameters(
      Array(all[40...]), model: .of(.gemm, .bfloat16), starts: 2)
    func error(_ fitter: GroupFitter) -> Double {
      let p = fitter.parameters(Array(all[..<5]), model: .of(.gemm, .bfloat16), starts: 2)
      return ErrorSummary(
        all[5..<40].map { (GEMMModel.plain.seconds($0.shape, device, p), $0.seconds, nil, nil) }
      ).mape
    }
    #expect(error(GroupFitter(device: device, prior: prior)) < error(GroupFitter(device: device)))
  }

  @Test func quantilesAndErrorsOfKnownNumbers() {
    #expect(Quantile.of([], 0.5).isNaN)
    #expect(Quantile.of([3, 1, 2], 0.5) == 2)
    let summary = ErrorSummary([(1, 2, 0.5, 1.5), (4, 2, 1, 3)])
    #expect(summary.mape == 75)
    #expect(summary.coverage == 0.5)
    #expect(abs(summary.geometricMeanRatio - 1) < 1e-12)
  }
}
