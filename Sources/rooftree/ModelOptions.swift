import ArgumentParser
import Calibration
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

  /// Turns requests into predictions, with models read so.
  var resolver: Resolver {
    var resolver = Resolver()
    resolver.ignoredKeys = Set(ignoreKey)
    return resolver
  }

  func find(_ name: String) throws(InputError) -> ModelSpec {
    try ModelFiles.find(name, ignoring: Set(ignoreKey))
  }
}
