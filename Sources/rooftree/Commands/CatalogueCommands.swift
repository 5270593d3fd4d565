import ArgumentParser
import Reporting
import Specs

struct ModelsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "models", abstract: "List the catalogue's models.",
    discussion: "Example:\n  rooftree models --format csv")

  @OptionGroup var output: OutputOptions

  func run() throws {
    try reporting {
      try output.write(CatalogueReport.models(try Catalogue.modelNames.map(Catalogue.model)))
    }
  }
}

struct HardwareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hardware", abstract: "List the catalogue's devices.",
    discussion: "Example:\n  rooftree hardware --format json")

  @OptionGroup var output: OutputOptions

  func run() throws {
    try reporting {
      try output.write(CatalogueReport.hardware(try Catalogue.hardwareNames.map(Catalogue.hardware)))
    }
  }
}

struct ShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "A model's anatomy: parameters, KV cache, layers, reach.",
    discussion: "Example:\n  rooftree show mixtral-8x7b")

  @Argument(help: "A catalogue name or a spec file.") var model: String
  @OptionGroup var precision: PrecisionOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    try reporting {
      let model = try Catalogue.model(model)
      try output.write(ModelReport.document(model, plan: try precision.request().plan(for: model).plan))
    }
  }
}
