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

  /// Turns requests of `models` into predictions, with models read so.
  func resolver(for models: [String]) throws(InputError) -> Resolver {
    try check(models)
    var resolver = Resolver()
    resolver.ignoredKeys = Set(ignoreKey)
    return resolver
  }

  func find(_ name: String) throws(InputError) -> ModelSpec {
    try check([name])
    return try ModelFiles.find(name, ignoring: Set(ignoreKey))
  }

  private func check(_ models: [String]) throws(InputError) {
    guard ignoreKey.isEmpty || models.contains(where: { ModelFiles.isForeign($0) || SourceFile.isStream($0) })
    else {
      throw InputError(
        .usage, "--ignore-key is for keys of a config.json, which \(models.joined(separator: ", ")) is not")
    }
  }
}
