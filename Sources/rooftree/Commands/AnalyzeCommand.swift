import ArgumentParser
import Calibration
import CostModel
import Reporting
import Specs

struct AnalyzeCommand: ReportingCommand {
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
  @OptionGroup var offload: OffloadOptions
  @Flag(help: "Print each figure's formula with its values.") var explain = false
  @Flag(help: "Draw a small roofline above the table (text only; ASCII where the locale is not UTF-8).")
  var chart = false
  @OptionGroup var output: OutputOptions

  func report(to outputs: [Output]) throws {
    if chart, outputs.contains(where: { $0.format != .text || $0.path != nil }) {
      throw InputError(.usage, "--chart draws on the terminal; use --format svg or html for a file")
    }
    var resolver = try reading.resolver(for: [model])
    let prediction = try resolver.prediction(
      of: try ScenarioRequest(model: model, device: on, phase: phase, workload, precision, calibration))
    if offload.isAsked {
      let (model, pass) = try offload.pass(of: prediction)
      return try outputs.write(OffloadReport.document(prediction, model, pass))
    }
    if chart {
      try Terminal.print(
        TextChart.roofline(prediction, width: Terminal.columns, ascii: !Terminal.showsUnicode) + "\n")
    }
    try outputs.write(AnalysisReport.document(prediction, explain: explain))
  }
}
