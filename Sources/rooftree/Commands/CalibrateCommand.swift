import ArgumentParser
import Calibration
import Reporting
import Specs

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

struct CalibrateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "calibrate", abstract: "Fit the kernel models' parameters to measured runs.",
    discussion: """
      Example:
        rooftree calibrate --measurements runs.csv --on h100-sxm --output h100.yaml

      With few runs of a device the fit starts from the nearest device's calibration in the catalogue
      (--prior NAME|FILE chooses another, --prior none starts from typical values).
      """)

  @OptionGroup var runs: RunOptions
  @Option(help: "Calibration to start from where a group has few runs: a catalogue name, a file, or none.")
  var prior: String?
  @Option(help: "Write the calibration (YAML) to this file; without it the YAML is printed.")
  var output: String?
  @Option(help: "Format of the summary: text, markdown, csv or json.")
  var format: ReportFormat = .text

  func run() throws {
    try reporting {
      let (device, set) = try runs.load()
      let start = try CalibrationCatalogue.prior(prior, for: device)
      let outcome = Calibrator(device: device, prior: start).calibrate(set, progress: Self.progress)
      for line in outcome.refused { try Terminal.complain("refused: \(line)") }
      guard !outcome.calibration.groups.isEmpty else {
        throw InputError(
          .data, "no group of runs can be fitted; \(outcome.rejected.count) rows were left out")
      }
      let text = CalibrationWriter.text(outcome.calibration)
      guard let output else { return try Terminal.print(text) }
      try AtomicFile.write(text, to: output)
      var document = CalibrationReport.document(outcome)
      document.command = CommandLine.invocation
      try Terminal.print(Renderer.render(document, as: format))
    }
  }

  /// One line on the terminal, rewritten; silent elsewhere.
  @Sendable static func progress(_ done: Int, _ all: Int) {
    guard isatty(STDERR_FILENO) == 1 else { return }
    try? Terminal.writeAll(
      Array("\rfitting \(done) of \(all) groups\(done == all ? "\n" : "")".utf8), to: STDERR_FILENO,
      name: "standard error")
  }
}

/// `--measurements` and `--on`, the same for calibrate and validate.
struct RunOptions: ParsableArguments {
  @Option(
    name: [.customLong("measurements"), .customLong("runs")], parsing: .upToNextOption,
    help: "Files of measured runs.")
  var measurements: [String]
  @Option(name: [.customLong("on"), .customLong("hardware")], help: "A catalogue name or a profile file.")
  var on: String

  func load() throws -> (DeviceQuantities, RunSet) {
    let profile = try Catalogue.hardware(on)
    guard let device = DeviceQuantities(profile) else {
      throw InputError(.data, "\(profile.name) states no 16-bit peak of products; runs cannot be predicted")
    }
    guard !measurements.isEmpty else { throw InputError(.usage, "--measurements names no file") }
    var set = RunSet()
    for path in measurements {
      let one = try RunFile.read(path, gpu: profile.name)
      set.runs += one.runs
      set.rejected += one.rejected
    }
    set = set.ofOneDevice(profile.name) { try? Catalogue.hardware($0).name }
    for (reason, count) in set.rejectCounts.prefix(8) {
      let lines = set.rejected.filter { $0.reason == reason }.prefix(3).map(\.location)
      try Terminal.complain(
        "\(count) left out: \(reason) (\(lines.joined(separator: ", "))\(count > 3 ? ", …" : ""))")
    }
    return (device, set)
  }
}

extension Terminal {
  /// One line on standard error.
  static func complain(_ text: String) throws {
    try writeAll(Array("rooftree: \(text)\n".utf8), to: STDERR_FILENO, name: "standard error")
  }
}
