import ArgumentParser
import Calibration
import CostModel
import Reporting
import Specs

struct ValidateCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate", abstract: "Predict measured runs, and say how wrong the predictions are.",
    discussion: """
      Example:
        rooftree validate --measurements runs.csv --on h100-sxm --calibration h100.yaml
      """)

  @Option(parsing: .upToNextOption, help: "Files of measured runs, as calibrate reads them.")
  var measurements: [String]
  @Option(name: [.customLong("on"), .customLong("hardware")], help: "The device that was measured.")
  var on: String?
  @Option(help: "A calibration: a file, or a name of the catalogue.") var calibration: String?
  @Option(help: "The model whose passes were measured, where the files do not say so.") var model: String?
  @Option(help: "all, or llm: only sizes that language models have.") var shapes: Shapes = .all
  @OptionGroup var output: OutputOptions

  enum Shapes: String, CaseIterable, ExpressibleByArgument { case all, llm }

  func report(to outputs: [Output]) throws {
    if let rows = try Self.deployments(measurements) {
      return try outputs.write(DeploymentReport.document(rows))
    }
    guard let on else { throw InputError(.usage, "--on is missing: the device that was measured") }
    let profile = try Catalogue.hardware(on)
    let found = try calibration.map { try Calibrations.find($0) }
    guard let predictor = Predictor(found ?? FittedDevice(hardware: profile.name, groups: []), on: profile)
    else {
      throw InputError(.data, "\(profile.name) has no 16-bit peak to predict with")
    }
    let files = try RunFiles.read(measurements, on: profile, of: model)
    let runs = shapes == .llm ? files.runs.filter(\.isModelSized) : files.runs
    let groups = ValidatedGroup.all(runs, by: predictor)
    // Without a calibration there is no prediction of a pass to hold against runs.
    let models =
      found == nil
      ? [] : try ["llama-3-8b", "mixtral-8x7b"].map { (name: $0, spec: try Catalogue.model($0)) }
    try outputs.write(
      ValidationReport.document(
        groups, hardware: profile, calibration: found,
        passes: ValidatedPass.all(groups, predictor, on: profile, models: models), rejected: files.rejected)
    )
  }

  /// Rows of measured deployments, which name their devices; nil where the first file is of kernels' runs.
  private static func deployments(_ paths: [String]) throws -> [DeploymentRow]? {
    var rows: [DeploymentRow] = []
    for path in paths {
      let file = try SourceFile(path: path, largestBytes: RunsReader.largestBytes)
      guard let found = try MeasuredCollectives.read(file) ?? MeasuredServers.read(file) else { return nil }
      rows += found
    }
    return rows
  }
}
