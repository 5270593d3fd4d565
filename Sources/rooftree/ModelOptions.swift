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
  @Option(
    help: ArgumentHelp(
      "A field of the spec set to something else, such as attention.num_key_value_heads=2; may be repeated.",
      valueName: "key=value"))
  var set: [String] = []

  func changes() throws(InputError) -> [SpecChange] {
    var list: [SpecChange] = []
    for text in set { list.append(try SpecChange(text)) }
    return list
  }

  /// Turns requests of `models` into predictions, with models read so.
  func resolver(for models: [String]) throws(InputError) -> Resolver {
    try check(models)
    var resolver = Resolver()
    resolver.ignoredKeys = Set(ignoreKey)
    resolver.changes = try changes()
    return resolver
  }

  func find(_ name: String) throws(InputError) -> ModelSpec {
    try check([name])
    return try ModelFiles.find(name, ignoring: Set(ignoreKey)).changed(by: try changes())
  }

  private func check(_ models: [String]) throws(InputError) {
    guard ignoreKey.isEmpty || models.contains(where: { ModelFiles.isForeign($0) || SourceFile.isStream($0) })
    else {
      throw InputError(
        .usage, "--ignore-key is for keys of a config.json, which \(models.joined(separator: ", ")) is not")
    }
  }
}
