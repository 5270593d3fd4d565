import ArgumentParser
import CostModel
import Import
import Reporting
import Specs

struct CompareCommand: ParsableCommand {
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

  func run() throws {
    try reporting {
      let specs = try models.map { try reading.find($0) }
      let devices = try on.split(separator: ",").map { try Catalogue.hardware(String($0)) }
      guard !devices.isEmpty else { throw InputError(.usage, "--on names no device") }
      let request = try precision.request()
      let cells = try devices.flatMap { device in
        try specs.map { model in
          func input(_ phase: Workload.Phase) throws -> AnalysisInput {
            try .make(
              model: model, profile: device, phase: phase, workload: workload, precision: request,
              calibration: calibration)
          }
          return ComparisonCell(prefill: try input(.prefill), decode: try input(.decode))
        }
      }
      try output.write(ComparisonReport.document(cells, explain: explain))
    }
  }
}
