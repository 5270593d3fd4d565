import Foundation
import Testing

/// From measured runs to a calibration and back, as a user goes.
@Suite struct CalibrationCommandTests {
  static let heading = "gpu,framework,version,kernel,dtype,m,k"

  /// RMSNorm of rows as a device might run it that launches in 2 µs and reads at 80 % of 3.35 TB/s; (m, k, µs).
  static let rows: [(Int, Int, Double)] = {
    var list: [(Int, Int, Double)] = []
    for width in [2048, 4096, 8192] {
      for rows in [1, 8, 64, 128, 512, 1024, 4096, 16_384] {
        let bytes = Double(rows * width * 4)
        list.append((rows, width, 2 + Double(width) / 4096 + bytes / (0.8 * 3352e3)))
      }
    }
    return list
  }()

  static func csv(_ unit: String = "time_us", _ factor: Double = 1, reversed: Bool = false) -> String {
    let lines = rows.map { "h,f,1,rmsnorm,float16,\($0.0),\($0.1),\($0.2 * factor)" }
    return ([heading + ",\(unit)"] + (reversed ? lines.reversed() : lines)).joined(separator: "\n") + "\n"
  }

  @Test func shuffledRowsInAnotherUnitGiveTheSameBytes() throws {
    let scratch = try Scratch()
    let one = scratch.url.appending(path: "one.yaml").path
    let two = scratch.url.appending(path: "two.yaml").path
    let runs = try scratch.file("runs.csv", Self.csv())
    let shuffled = try scratch.file("shuffled.csv", Self.csv("time_ms", 1e-3, reversed: true))
    for (file, output) in [(runs, one), (shuffled, two)] {
      let run = try Tool.run(["calibrate", "--measurements", file, "--on", "h100-sxm", "--output", output])
      #expect(run.status == 0, "\(run.errors)")
      #expect(run.errors.isEmpty, "quiet in pipes")
    }
    let text = try String(contentsOfFile: one, encoding: .utf8)
    #expect(try String(contentsOfFile: two, encoding: .utf8) == text)
    #expect(text.contains("bandwidth_efficiency:") && text.contains("runs: 24"))

    let validated = try Tool.run([
      "validate", "--measurements", runs, "--on", "h100-sxm", "--calibration", one, "--format", "json",
    ])
    #expect(validated.status == 0, "\(validated.errors)")
    let json = try #require(
      try JSONSerialization.jsonObject(with: Data(validated.output.utf8)) as? [String: Any])
    #expect(json["schema"] as? String == "rooftree/validation/1")
    let group = try #require((json["groups"] as? [[String: Any]])?.first)
    #expect(
      Set(group.keys).isSuperset(of: [
        "gpu", "kernel", "framework", "version", "dtype", "kv_dtype", "n", "mape", "median_ape", "p90_ape",
        "geometric_mean_ratio", "interval_coverage",
      ]))
    #expect((group["n"] as? Double) == 24)
    #expect((group["mape"] as? Double) ?? 100 < 8, "\(group)")
    let ratio = try #require(group["geometric_mean_ratio"] as? Double)
    #expect(ratio > 0.95 && ratio < 1.05)

    let picture = try Tool.run([
      "validate", "--measurements", runs, "--on", "h100-sxm", "--calibration", one, "--format", "svg",
    ])
    // A mark a run, and the words that say what it shows.
    #expect(picture.output.components(separatedBy: "<circle").count - 1 >= 24)
    #expect(picture.output.contains("Measured over predicted time") && picture.output.contains("nine in ten"))
  }

  /// The same file twice is no second measurement.
  @Test func runsOfAFileGivenTwiceCountOnce() throws {
    let scratch = try Scratch()
    let runs = try scratch.file("runs.csv", Self.csv())
    let again = try scratch.file("again.csv", Self.csv("time_ns", 1e3))
    let run = try Tool.run([
      "validate", "--measurements", runs, again, "--on", "h100-sxm", "--format", "json",
    ])
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.contains("\"rejected_rows\": 24"), "\(run.output)")
  }

  /// 4,096 × 4,096 weights at 3.35 TB/s take 10 µs: 9 µs are beaten by a cache that holds them, and no cache holds
  /// 16,384 × 16,384.
  @Test(arguments: [(4096, 9.0, 0, "warm cache"), (16_384, 155, 1, "beats the bound"), (16_384, 165, 0, "")])
  func runsThatBeatTheBoundAreNamed(_ size: Int, _ time: Double, _ status: Int32, _ note: String) throws {
    let scratch = try Scratch()
    let runs = try scratch.file(
      "runs.csv",
      "gpu,kernel,framework,version,dtype,m,n,k,time_us\nh100-sxm,gemm,f,1,float16,1,\(size),\(size),\(time)\n"
    )
    let run = try Tool.run(["validate", "--measurements", runs, "--on", "h100-sxm", "--format", "csv"])
    #expect(run.status == status, "\(run.errors)")
    let rows = run.output.split(separator: "\n")
    #expect(rows.count == 2 && rows[0].hasSuffix(",note") && rows[1].hasSuffix(",\(note)"), "\(run.output)")
  }

  /// Another device's runs are not this one's, however it is written.
  @Test func runsOfAnotherDeviceAreLeftOut() throws {
    let scratch = try Scratch()
    let lines = Self.csv().split(separator: "\n")
    let mixed = lines.enumerated().map { index, line in
      index == 0 ? String(line) : (index % 2 == 0 ? "A100_SXM" : "NVIDIA H100 SXM") + line.dropFirst()
    }
    let runs = try scratch.file("runs.csv", mixed.joined(separator: "\n") + "\n")
    let run = try Tool.run([
      "validate", "--measurements", runs, "--on", "h100-sxm", "--format", "markdown",
    ])
    #expect(run.status == 0 && run.output.contains("12 runs"), "\(run.errors)")
    #expect(run.output.contains("runs.csv:3:1: measured on a100-sxm-80gb, not on h100-sxm"), "\(run.output)")
  }

  @Test func tooFewRunsAreRefusedByNameAndNothingIsWritten() throws {
    let scratch = try Scratch()
    let output = scratch.url.appending(path: "out.yaml").path
    let lines = Self.csv().split(separator: "\n").prefix(5).joined(separator: "\n")
    let runs = try scratch.file("few.csv", lines + "\nh,f,1,rmsnorm,float16,4,4096,-1\n")
    let run = try Tool.run(["calibrate", "--measurements", runs, "--on", "h100-sxm", "--output", output])
    #expect(run.status == 65)
    #expect(run.errors.contains("rmsnorm f 1 float16: 4 runs, 12 needed"), "\(run.errors)")
    #expect(run.errors.contains("few.csv:6:1: “time_us” is “-1”"), "\(run.errors)")
    #expect(!FileManager.default.fileExists(atPath: output))
  }

  /// Eight runs of a device that nobody calibrated: enough beside its relative's parameters, too few without.
  @Test func aNewDeviceStartsFromItsRelative() throws {
    let scratch = try Scratch()
    let lines = Self.csv().split(separator: "\n")
    let few = [lines[0]] + lines.dropFirst().enumerated().filter { $0.offset % 3 == 0 }.map(\.element)
    let runs = try scratch.file("kit.csv", few.joined(separator: "\n") + "\n")
    let file = scratch.url.appending(path: "h200.yaml").path
    let run = try Tool.run(["calibrate", "--measurements", runs, "--on", "h200-sxm", "--output", file])
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.contains("Started from the calibration of h100-sxm"), "\(run.output)")
    let used = try Tool.run([
      "validate", "--measurements", runs, "--on", "h200-sxm", "--calibration", file, "--format", "markdown",
    ])
    #expect(
      used.output.contains("Calibrated on h200-sxm (few runs, started from h100-sxm)."), "\(used.output)")
    let alone = try Tool.run(["calibrate", "--measurements", runs, "--on", "h200-sxm", "--prior", "none"])
    #expect(alone.status == 65 && alone.errors.contains("8 runs, 12 needed"), "\(alone.errors)")
  }

  @Test(arguments: [
    ("calibrate --on h100-sxm", 64, "--measurements"),
    ("validate --measurements none.csv --on h100-sxm", 66, "none.csv"),
    ("validate --measurements none.csv --on h1000-sxm", 66, "did you mean"),
    ("validate --measurements none.csv --on h100-sxm --calibration h100-smx", 66, "did you mean"),
  ])
  func wrongUsageIsRefused(_ line: String, _ status: Int32, _ words: String) throws {
    let run = try Tool.run(line)
    #expect(run.status == status && run.errors.contains(words), "\(run.status): \(run.errors)")
    #expect(run.output.isEmpty)
  }
}
