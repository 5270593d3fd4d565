import ArgumentParser
import Calibration
import CostModel
import Deployment
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
  @Option(
    name: [.customLong("on"), .customLong("hardware")], help: "The device that was measured.",
    completion: Completion.devices)
  var on: String?
  @Option(
    help:
      "In place of the shipped calibration: a file, a device of the catalogue, or none for the prior alone.",
    completion: Completion.calibrations)
  var calibration: String?
  @Option(help: "The model whose passes were measured, where the files do not say so.") var model: String?
  @Option(help: "all, or llm: only sizes that language models have.") var shapes: Shapes = .all
  @OptionGroup(title: "Operating point") var point: PointOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  enum Shapes: String, CaseIterable, ExpressibleByArgument { case all, llm }

  func report(to outputs: [Output]) throws {
    let device = try on.map { try Catalogue.measuredHardware($0).operating(at: try point.request()) }
    var resolver = Resolver()
    let known = try device.map { profile in try resolver.predictor(calibration, on: profile) }
    let sources = try RunFiles.sources(measurements)
    if let rows = try deployments(sources) {
      try refuse(
        [
          ("--model", model != nil), ("--shapes", shapes == .llm),
          ("--calibration", calibration != nil && !MeasuredCollectives.areCollectives(sources)),
          ("--clock", point.clock != nil), ("--power", point.power != nil),
          ("--bandwidth-efficiency", point.bandwidthEfficiency != nil),
        ], in: "measured deployments")
      return try outputs.write(DeploymentReport.document(rows))
    }
    guard let profile = device else {
      throw InputError(.usage, "--on is missing: the device that was measured")
    }
    guard case let predictor?? = known else {
      throw InputError(.data, "\(profile.name) has no 16-bit peak to predict with")
    }
    let files = try RunFiles.read(sources, on: profile, of: model, asTheyAre: true)
    let runs = shapes == .llm ? files.runs.filter(\.isModelSized) : files.runs
    let groups = ValidatedGroup.all(runs, by: predictor)
    let models = try ["llama-3-8b", "mixtral-8x7b"].map { (name: $0, spec: try Catalogue.model($0)) }
    try outputs.write(
      ValidationReport.document(
        groups, hardware: profile, calibration: predictor.calibration,
        passes: ValidatedPass.all(groups, predictor, on: profile, models: models), rejected: files.rejected)
    )
    // These have rows alone.
    if outputs.contains(where: { $0.format == .csv || $0.format == .json }) {
      Terminal.complain(RejectedRows.listed(files.rejected))
    }
    if groups.contains(where: { $0.rows.contains { $0.verdict == .beaten } }) { throw ExitCode(.no) }
  }

  /// What is known of messages.
  private func links() throws(InputError) -> FittedLinks {
    let shipped = try Catalogue.links()
    switch calibration {
    case nil: return shipped
    case PricingRequest.noCalibration?: return shipped.sharedAlone
    case let name?: return try Calibrations.find(name).links ?? shipped
    }
  }

  /// Rows of measured deployments, which name their devices; nil where the first file is of kernels' runs.
  private func deployments(_ files: [SourceFile]) throws -> [DeploymentRow]? {
    var rows: [DeploymentRow] = []
    let links = try links()
    for file in files {
      guard
        let found = try MeasuredCollectives.read(file, by: links) ?? MeasuredPasses.read(file)
          ?? MeasuredServers.read(file) ?? MeasuredMemory.read(file)
      else {
        return nil
      }
      rows += found
    }
    return rows
  }
}
