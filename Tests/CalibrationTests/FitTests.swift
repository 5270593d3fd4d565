import CostModel
import Specs
import Testing

@testable import Calibration

@Suite struct FitTests {
  static let header = "gpu,framework,version,kernel,dtype,m,n,k,time_us\n"

  static func device() throws -> DeviceQuantities {
    try #require(DeviceQuantities(try Catalogue.hardware("h100-sxm")))
  }

  static let group = RunGroup(.gemm, Framework("f"), version: "1", format: RunFormat(spelled: "bfloat16"))
  static let truth: MatrixProductModel.Parameters = {
    var truth = MatrixProductModel.Parameters()
    truth.tile.launchSeconds = 4e-6
    truth.tile.computeEfficiency = 0.7
    truth.tile.bandwidthEfficiency = 0.85
    truth.tile.prologueInputs = 100
    truth.tile.operandBytesPerClock = 40
    truth.tile.waveShare = 0.3
    truth.tile.overlap = 3
    truth.splitSeconds = 1e-6
    return truth
  }()

  static func product(_ m: Double, _ n: Double, _ k: Double) -> RunShape {
    RunShape(.product(ProductCall(rows: m, outputs: n, inputs: k)))
  }

  /// Runs that the model itself made: known parameters come back.
  static func made() throws -> [Run] {
    var shapes: [RunShape] = []
    for m in [1.0, 8, 33, 64, 200, 512, 1000, 4096] {
      for n in [512.0, 1024, 4096, 14_336] {
        for k in [128.0, 1024, 4096] { shapes.append(product(m, n, k)) }
      }
    }
    let times = MatrixProductModel.seconds(truth, shapes, for: group, on: try device())
    return zip(shapes, times).map { Run(gpu: "h100", group: group, shape: $0, seconds: $1) }
  }

  /// What is learned from `made`, once for all.
  private static let learned = Result {
    try #require(GroupFitting.fit(group, try made(), on: try device()))
  }

  @Test func knownParametersComeBack() throws {
    let fit = try Self.learned.get()
    #expect(fit.inSampleMAPE < 1 && fit.heldOutMAPE < 3, "\(fit)")
    let found = MatrixProductModel.Parameters(fit.parameters).tile
    for path in [\TileParameters.launchSeconds, \.computeEfficiency, \.bandwidthEfficiency] {
      #expect(abs(found[keyPath: path] / Self.truth.tile[keyPath: path] - 1) < 0.1, "\(found)")
    }
  }

  /// The order of rows, and the unit they are in, change nothing, to the last bit.
  @Test func shufflingAndUnitsChangeNothing() throws {
    let runs = try Self.made()
    let device = try Self.device()
    let other = try #require(GroupFitting.fit(Self.group, runs.reversed(), on: device))
    #expect(try Self.learned.get() == other)
    func text(_ unit: String, _ factor: Double) -> String {
      "gpu,framework,version,kernel,dtype,m,n,k,\(unit)\n"
        + (1...40).map { "h,f,1,gemm,bfloat16,\($0),1024,512,\(Double($0) * factor)\n" }.joined()
    }
    let inMicroseconds = try RunsReader.read(SourceFile(name: "a.csv", text: text("time_us", 8.37)))
    for (unit, factor) in [("time_ms", 0.00837), ("time_s", 8.37e-6), ("time_ns", 8370.0)] {
      let other = try RunsReader.read(SourceFile(name: "b.csv", text: text(unit, factor)))
      #expect(other.runs.count == 40)
      for (a, b) in zip(inMicroseconds.runs, other.runs) {
        #expect(a.seconds == b.seconds && a.shape == b.shape, "\(unit) \(a.seconds) \(b.seconds)")
      }
    }
  }

  @Test func filesReadBackAsTheyWereWritten() throws {
    let fit = try Self.learned.get()
    let calibration = FittedDevice(hardware: "h100-sxm", groups: [fit])
    let text = CalibrationFile.text(calibration)
    let back = try CalibrationFile.read(SourceFile(name: "c.yaml", text: text))
    #expect(CalibrationFile.text(back) == text)
    #expect(back.groups[0].group == Self.group)
  }

  /// Intervals of the others stand in the file where they differ, and a file without them has one for all.
  @Test func smallShapesHaveAnIntervalOfTheirOwn() throws {
    var fit = try Self.learned.get()
    fit.interval = ErrorInterval(low: 0.9, high: 1.1)
    fit.otherInterval = ErrorInterval(low: 0.5, high: 2)
    let text = CalibrationFile.text(FittedDevice(hardware: "h100-sxm", groups: [fit]))
    let back = try CalibrationFile.read(SourceFile(name: "c.yaml", text: text))
    #expect(back.groups[0].interval == fit.interval && back.groups[0].otherInterval == fit.otherInterval)
    let predictor = try #require(Predictor(back, on: try Catalogue.hardware("h100-sxm")))
    let times = predictor.predict(Self.group, [Self.product(16, 4096, 4096), Self.product(16, 256, 4096)])
    #expect(abs(times[0].high / times[0].seconds - 1.1) < 1e-12)
    #expect(abs(times[1].high / times[1].seconds - 2) < 1e-12)
    let lines = text.split(separator: "\n").filter { !$0.contains("interval_other") }
    let older = try CalibrationFile.read(SourceFile(name: "c.yaml", text: lines.joined(separator: "\n")))
    #expect(older.groups[0].otherInterval == fit.interval)
  }

  /// An optional line that is spelled otherwise is read by the parser of all YAML, never passed over.
  @Test(arguments: ["    interval_other: [0.5,2]\n", "    interval_other:  [0.5, 2.0]\n"])
  func optionalLinesAreNeverPassedOver(line: String) throws {
    var fit = try Self.learned.get()
    (fit.interval, fit.otherInterval) = (ErrorInterval(low: 0.9, high: 1.1), ErrorInterval(low: 0.5, high: 2))
    let text = CalibrationFile.text(FittedDevice(hardware: "h100-sxm", groups: [fit]))
    let written = try #require(text.split(separator: "\n").first { $0.hasPrefix("    interval_other") })
    let spelled = text.replacing(written + "\n", with: line)
    #expect(PlainCalibration.read(text) != nil && PlainCalibration.read(spelled) == nil)
    let back = try CalibrationFile.read(SourceFile(name: "c.yaml", text: spelled))
    #expect(back.groups[0].otherInterval == fit.otherInterval)
    let named = text.replacing("\ngroups:", with: "\nstarted_from: 'a100-sxm-80gb'\ngroups:")
    #expect(PlainCalibration.read(named) == nil)
    #expect(try CalibrationFile.read(SourceFile(name: "c.yaml", text: named)).startedFrom == "a100-sxm-80gb")
  }

  /// Numbers too small to scale are nothing; the smallest that scale keep their digits.
  @Test(arguments: [
    (.leastNonzeroMagnitude, "0"), (-2e-308, "0"), (1e-290, "0"), (1.2345678e-289, "1.2346e-289"),
    (1.7e308, "1.7000e308"),
    (.infinity, "0"), (.nan, "0"),
  ])
  func roundedNumbersOfAnySize(value: Double, text: String) {
    #expect(CalibrationFile.rounded(value, 5) == text)
  }

  /// Every run is held out once, its whole family with it; of a single family, its rows are.
  @Test func familiesAreHeldOutWhole() throws {
    let runs = try Self.made()
    let held = GroupFitting.heldOut(Self.group, runs, on: try Self.device())
    #expect(Set(held.map(\.run)) == Set(runs) && held.count == runs.count)
    let folds = GroupFitting.folds(of: runs)
    let families = Dictionary(grouping: zip(runs, folds), by: \.0.family)
    #expect(families.count == 12 && families.values.allSatisfy { Set($0.map(\.1)).count == 1 })
    let sizes = Dictionary(
      grouping: Set(
        zip(runs, folds).map { [$0.0.shape.product.outputs, $0.0.shape.product.inputs, Double($0.1)] })
    ) {
      $0[2]
    }
    #expect(sizes.count == GroupFitting.folds && sizes.values.allSatisfy { (2...3).contains($0.count) })
    let single = runs.filter { $0.family == runs[0].family }
    #expect(Set(GroupFitting.folds(of: single)).count == GroupFitting.folds)
  }

  /// One width measured says little of others: its interval is not a point, and wider than its rows' own.
  @Test func aSingleFamilyHasAnInterval() throws {
    let group = RunGroup(.rmsNorm, Framework("f"), version: "1", format: RunFormat(.fp16))
    let shapes = (0..<24).map { index in
      RunShape(
        .rows(
          RowsCall(
            .norm, rows: Double(1 << (index / 2)) * (index % 2 == 0 ? 1 : 1.5).rounded(.up), readWidth: 4096,
            writeWidth: 4096, flopsPerElement: 4)))
    }
    let device = try Self.device()
    let times = RowwiseModel.seconds(RowwiseModel.Parameters(), shapes, for: group, on: device)
    let runs = zip(shapes, times).enumerated().map { index, run in
      Run(gpu: "h100", group: group, shape: run.0, seconds: run.1 * (index % 3 == 0 ? 1.08 : 0.97))
    }
    let fit = try #require(GroupFitting.fit(group, runs, on: device))
    let ratios = GroupFitting.heldOut(group, runs, on: device).map { $0.run.seconds / $0.predicted }.sorted()
    let high = GroupFitting.quantile(ratios, 0.9)
    #expect(fit.interval.high > high && fit.interval.low < 1 && high > 1.02, "\(fit)")
  }

  /// A format nobody measured is predicted by another narrow one's parameters at its own bytes and peak.
  @Test func narrowFormatsStandInForOneAnother() throws {
    var group = Self.group
    group.format = RunFormat(.fp8)
    let interval = ErrorInterval(low: 0.9, high: 1.2)
    let fit = GroupFit(
      group: group, parameters: group.parameters.map(\.initial), runs: 40, fingerprint: "", inSampleMAPE: 1,
      heldOutMAPE: 1, interval: interval, otherInterval: interval)
    let predictor = try #require(
      Predictor(FittedDevice(hardware: "h100-sxm", groups: [fit]), on: try Catalogue.hardware("b200")))
    let shape = Self.product(16_384, 16_384, 8192)
    let wide = predictor.predict(group, [shape])[0]
    group.format = RunFormat(.nvfp4)
    let narrow = predictor.predict(group, [shape])[0]
    #expect(wide.basis == .carriedOver && narrow.basis == .nearest)
    #expect(wide.seconds / narrow.seconds > 1.5 && wide.seconds / narrow.seconds < 2)
    #expect(abs(narrow.high / narrow.seconds - interval.widened.high) < 1e-9)
    // Nor do weights of four bits that meet 16-bit inputs take its steps.
    for other in ["bfloat16", "int4"] {
      group.format = RunFormat(spelled: other)
      #expect(predictor.predict(group, [shape])[0].basis == .upperBound, "\(other)")
    }
  }

  /// NCCL's all-reduce has other steps than the frameworks' own: neither's parameters serve the other.
  @Test func otherStepsAreNotTaken() throws {
    func group(_ framework: String) -> RunGroup {
      RunGroup(.allReduce, Framework(framework), version: "1", format: RunFormat(.bf16))
    }
    let interval = ErrorInterval(low: 0.9, high: 1.2)
    let shape = RunShape(messageBytes: 1e6, ranks: 8)
    for (measured, asked) in [("nccl", "vllm"), ("vllm", "nccl")] {
      let parameters = group(measured).parameters.map(\.initial)
      let fit = GroupFit(
        group: group(measured), parameters: parameters, runs: 40, fingerprint: "", inSampleMAPE: 1,
        heldOutMAPE: 1, interval: interval, otherInterval: interval)
      let predictor = try #require(
        Predictor(FittedDevice(hardware: "h100-sxm", groups: [fit]), on: try Catalogue.hardware("h100-sxm")))
      #expect(predictor.predict(group(asked), [shape])[0].basis == .upperBound)
      #expect(predictor.predict(group(measured), [shape])[0].basis == .calibrated)
    }
  }

  /// Only a device without runs of its own starts from a relative's, and from one of its own vendor.
  @Test(arguments: [
    ("b200", "h100-sxm"), ("a40", "a100-sxm-80gb"), ("l4", "l40s"), ("h100-sxm", nil), ("mi300x", nil),
    ("epyc-9654", nil),
  ])
  func newDevicesStartFromARelative(device: String, relative: String?) throws {
    #expect(try Calibrations.prior(for: Catalogue.hardware(device))?.hardware == relative)
  }

  /// Five runs of a device that is 20 % slower: the prior's other parameters are kept.
  @Test func fewRunsStartFromThePrior() throws {
    let runs = try Self.made().enumerated().filter { $0.offset % 16 == 0 }.map { _, run in
      Run(gpu: run.gpu, group: run.group, shape: run.shape, seconds: run.seconds * 1.2)
    }
    let device = try Self.device()
    #expect(GroupFitting.fit(Self.group, Array(runs.prefix(5)), on: device) == nil)
    let fit = try #require(GroupFitting.fit(Self.group, runs, on: device, prior: Self.truth.values))
    #expect(fit.inSampleMAPE < 5, "\(fit)")
  }

  /// Efficiencies never leave (0, 1], whatever the rows say.
  @Test func efficienciesStayPhysical() throws {
    let impossible = try Self.made().map {
      Run(gpu: $0.gpu, group: $0.group, shape: $0.shape, seconds: $0.seconds / 50)
    }
    let fit = try #require(GroupFitting.fit(Self.group, impossible, on: try Self.device()))
    for (parameter, value) in fit.named {
      #expect(value >= parameter.low * 0.999 && value <= parameter.high * 1.001, "\(parameter.name) \(value)")
      if parameter.name.hasSuffix("efficiency") { #expect(value <= 1) }
    }
  }

  @Test func anotherDeviceIsSaidToBeCarriedOver() throws {
    let fit = try Self.learned.get()
    let calibration = FittedDevice(hardware: "h100-sxm", groups: [fit])
    let shape = Self.product(4096, 4096, 4096)
    let own = try #require(Predictor(calibration, on: try Catalogue.hardware("h100-sxm")))
      .predict(Self.group, [shape])[0]
    let carried = try #require(Predictor(calibration, on: try Catalogue.hardware("a100-sxm-80gb")))
      .predict(Self.group, [shape])[0]
    #expect(own.basis == .calibrated && carried.basis == .carriedOver)
    #expect(carried.seconds > 2 * own.seconds)
    #expect(own.low <= own.seconds && own.seconds <= own.high)
    var other = Self.group
    other.version = "2"
    let near = try #require(Predictor(calibration, on: try Catalogue.hardware("h100-sxm")))
    #expect(near.predict(other, [shape])[0].basis == .nearest)
    other.kernel = .rope
    #expect(near.predict(other, [shape])[0].basis == .upperBound)
  }
}

@Suite struct RunsReaderTests {
  /// Launches of Nsight Compute's export that carry their shape become runs; others are named by line.
  @Test func nsightExports() throws {
    let text = """
      ==PROF== Connected
      "ID","Kernel Name","Metric Name","Metric Unit","Metric Value"
      "0","gemm m=16 n=4096 k=4096 dtype=bfloat16","Duration","usecond","12.5"
      "1","void cutlass::Kernel<...>","Duration","nsecond","1,500"
      "2","gemm m=16 n=4096 k=4096 dtype=bfloat16","Registers","register/thread","64"
      """
    let file = try RunsReader.read(SourceFile(name: "n.csv", text: text))
    #expect(file.runs.count == 1 && file.rejected.count == 2)
    #expect(file.runs[0].shape.product.outputs == 4096 && abs(file.runs[0].seconds - 12.5e-6) < 1e-15)
    #expect("\(file.rejected[0])".hasPrefix("n.csv:4:1"))
  }

  @Test(arguments: [
    ("h,f,1,gemm,bf16,8,8,8,0\n", "positive time"), ("h,f,1,gemm,bf16,8,8,8,-3\n", "positive time"),
    ("h,f,1,gemm,bf16,8,8,8,inf\n", "positive time"), ("h,f,1,gemm,bf16,8,8,8,\n", "positive time"),
    ("h,f,1,gemmm,bf16,8,8,8,1\n", "did you mean “gemm”"), ("h,f,1,gemm,bf16,0,8,8,1\n", "positive “m”"),
    ("h,f,1,gemm,bf16,8,1e40,8,1\n", "“n”"), ("h,f,1,gemm,bf61,8,8,8,1\n", "did you mean “bf16”"),
    ("h,f,1,gemm,bf16,8,nan,8,1\n", "“n”"),
    ("h,f,1,gemm,bf16,8,8,8,5\nh,f,1,gemm,bf16,8,8,8,5\n", "same row"),
  ])
  func badRowsAreLeftOutByLine(rows: String, says: String) throws {
    let good = "h,f,1,gemm,bf16,1,2,3,4\n"
    let file = try RunsReader.read(SourceFile(name: "r.csv", text: FitTests.header + good + rows))
    #expect(file.rejected.count == 1)
    let message = "\(file.rejected[0])"
    #expect(
      message.contains(says) && message.contains("r.csv:\(rows.contains("5\nh") ? 4 : 3):"), "\(message)")
    #expect(file.runs.count == (rows.contains("5\nh") ? 2 : 1))
  }

  @Test(arguments: [
    ("", "empty"), ("a,b\n1,2\n", "kernel"), ("kernel,time_us,time_ms\n", "mixed units"),
  ])
  func badHeadings(text: String, says: String) {
    #expect {
      _ = try RunsReader.read(SourceFile(name: "r.csv", text: text))
    } throws: {
      "\($0)".contains(says)
    }
  }
}
