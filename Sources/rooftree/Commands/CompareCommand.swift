import ArgumentParser
import Calibration
import Reporting
import Specs

struct CompareCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare", abstract: "Architectures side by side, with what explains each difference.",
    discussion: """
      Example:
        rooftree compare gpt-3-175b llama-3-70b mixtral-8x7b --on h100-sxm,h200-sxm
      """)

  @Argument(help: "Catalogue names or spec files.") var models: [String]
  @Option(
    name: [.customLong("on"), .customLong("hardware")], help: "Catalogue names or profile files, with commas."
  )
  var on: String
  @OptionGroup var reading: ModelOptions
  @OptionGroup var workload: WorkloadOptions
  @OptionGroup var precision: PrecisionOptions
  @OptionGroup var calibration: CalibrationOptions
  @Flag(help: "Turn the first model into each other one, one mechanism at a time.") var explain = false
  @OptionGroup var output: OutputOptions

  func report(to outputs: [Output]) throws {
    let devices = on.split(separator: ",").map(String.init)
    guard !explain || models.count > 1 else {
      throw InputError(.usage, "--explain turns the first model into each other one; there is one")
    }
    guard !devices.isEmpty else { throw InputError(.usage, "--on names no device") }
    let requests = try devices.flatMap { device in
      try models.map { model in
        let all = try ScenarioRequest.all(model: model, devices: [device], workload, precision, calibration)
        guard all.count == 1 else {
          throw InputError(.usage, "several values of one option are for analyze; accepted by compare: one")
        }
        return all[0]
      }
    }
    var resolver = try reading.resolver(for: models)
    try outputs.write(ComparisonReport.document(try resolver.phases(of: requests), explain: explain))
  }
}
