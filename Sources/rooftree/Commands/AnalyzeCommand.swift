import ArgumentParser
import CostModel
import Import
import Reporting
import Specs

struct AnalyzeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "analyze", abstract: "What a model costs on a device, operator by operator.",
    discussion: """
      Example:
        rooftree analyze llama-3-8b --on h100-sxm --phase decode --batch-size 8 --context-len 4096
      """)

  @Argument(help: "A catalogue name or a spec file.") var model: String
  @Option(name: [.customLong("on"), .customLong("hardware")], help: "A catalogue name or a profile file.")
  var on: String
  @Option(help: "prefill or decode.") var phase: Workload.Phase = .prefill
  @OptionGroup var reading: ModelOptions
  @OptionGroup var workload: WorkloadOptions
  @OptionGroup var precision: PrecisionOptions
  @OptionGroup var calibration: CalibrationOptions
  @Flag(help: "Print each figure's formula with its values.") var explain = false
  @Flag(help: "Draw a small roofline above the table (text only; ASCII where the locale is not UTF-8).")
  var chart = false
  @OptionGroup var output: OutputOptions

  func run() throws {
    try reporting {
      let input = try AnalysisInput.make(
        model: try reading.find(model), profile: try Catalogue.hardware(on), phase: phase,
        workload: workload, precision: try precision.request(), calibration: calibration)
      if chart {
        guard output.format == .text, output.output == nil else {
          throw InputError(.usage, "--chart draws on the terminal; use --format svg or html for a file")
        }
        try Terminal.print(
          TextChart.roofline(input, width: Terminal.columns, ascii: !Terminal.showsUnicode) + "\n")
      }
      try output.write(AnalysisReport.document(input, explain: explain))
    }
  }
}
