import ArgumentParser
import CostModel
import Import
import Reporting
import Specs

struct ImportCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "config.json, GGUF or safetensors to a model spec.",
    discussion: """
      Writes YAML that states what came from the file and what from the family's defaults. \
      Weights' headers that lie beside the config are compared by component; a difference \
      is reported and ends in status 1.

      Example:
        rooftree import Tests/ImportTests/Configs/gemma-3-27b.json --name gemma-3-27b
      """)

  @Argument(help: "A config.json, a folder that holds one, a .gguf or a .safetensors beside its config.json.")
  var file: String
  @Option(help: "What to call the model; from the path when not given.") var name: String?
  @OptionGroup(title: "Models") var reading: ModelOptions
  @Flag(help: "A table of what was read and checked instead of the spec alone.") var report = false
  @OptionGroup(title: "Output") var output: OutputOptions

  func report(to outputs: [Output]) throws {
    var (imported, check) = try ModelFiles.readWithCheck(file, name: name, ignoring: Set(reading.ignoreKey))
    imported.model = try imported.model.changed(by: try reading.changes())
    let yaml = ModelWriter.yaml(imported, check: check)
    for output in outputs {
      if report || output.format != .text {
        try output.write(ImportReport.document(imported, check: check, yaml: yaml))
      } else {
        try output.write(text: yaml)
      }
    }
    if let complaint = check?.complaint {
      Terminal.complain(["rooftree: \(complaint)"])
      throw ExitCode(.no)
    }
  }
}
