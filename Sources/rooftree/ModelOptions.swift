import ArgumentParser
import CostModel
import Import
import Specs

/// How a command reads the models that it is given.
struct ModelOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A key of a config.json to read over; may be repeated.",
      discussion: "quantization_config with --quantization X takes the sizes and a precision of your choice.")
  )
  var ignoreKey: [String] = []

  func find(_ name: String) throws(InputError) -> ModelSpec {
    try ModelFiles.find(name, ignoring: Set(ignoreKey))
  }
}
