import ArgumentParser
import Calibration
import Reporting
import Specs

struct ValidateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate", abstract: "Predict measured runs and report the error.",
    discussion: """
      Example:
        rooftree validate --measurements runs.csv --on h200-sxm --calibration h100-sxm --shapes llm

      Without --calibration the datasheet's roofline is judged.
      """)

  enum Shapes: String, CaseIterable, ExpressibleByArgument { case all, llm }

  @OptionGroup var runs: RunOptions
  @Option(help: "A catalogue name or a file that calibrate wrote.") var calibration: String?
  @Option(help: "all, or llm: only shapes that language models are made of.") var shapes: Shapes = .all
  @Flag(help: "CSV of every run instead of every group.") var rows = false
  @OptionGroup var output: OutputOptions

  func run() throws {
    try reporting {
      let (device, set) = try runs.load()
      let fitted = try calibration.map(CalibrationCatalogue.named)
      let validation = Validation(
        set.believable(on: device), predictor: CalibratedPredictor(fitted, device: device),
        llmOnly: shapes == .llm)
      guard !validation.rows.isEmpty else { throw InputError(.data, "no run is left to validate") }
      try output.write(ValidationReport.document(validation, everyRun: rows))
    }
  }
}
