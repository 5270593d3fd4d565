import ArgumentParser
import Import
import Reporting
import Specs

extension ModelQuery.Order: ExpressibleByArgument {}
extension HardwareQuery.Order: ExpressibleByArgument {}

struct ModelsCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "models", abstract: "List the catalogue's models.",
    discussion: """
      Examples:
        rooftree models --filter moe --filter mla --sort active
        rooftree models --filter qwen3 --export specs/ --format csv
      """)

  @Option(
    help: "A property (moe, mla, sliding, hybrid, tied, …) or part of a name; several have to hold all.")
  var filter: [String] = []
  @Option(help: "name, parameters, active, layers, kv or context.") var sort: ModelQuery.Order = .name
  @Flag(help: "Largest first.") var descending = false
  @Option(help: "Also write the listed specs as YAML into this folder.") var export: String?
  @OptionGroup(title: "Output") var output: OutputOptions
  var exports: Bool { export != nil }

  func report(to outputs: [Output]) throws {
    let all = try Catalogue.modelNames.map(Catalogue.model)
    let query = try ModelQuery(words: filter, order: sort, descending: descending, among: all)
    let listed = query.apply(all)
    if let export {
      try CatalogueExport.write(
        listed.map(\.name), to: export, force: output.force, text: Catalogue.modelText)
    }
    try outputs.write(CatalogueReport.models(listed))
  }
}

struct HardwareCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "hardware", abstract: "List the catalogue's devices.",
    discussion: """
      Examples:
        rooftree hardware --vendor amd --sort bandwidth --descending
        rooftree hardware --filter fp8 --format json
      """)

  @Option(help: "Only this vendor's devices.") var vendor: String?
  @Option(help: "A precision that has a peak of its own (fp8, fp4, int8, …) or part of a name.")
  var filter: [String] = []
  @Option(help: "name, memory, bandwidth, compute, ridge or power.") var sort: HardwareQuery.Order = .name
  @Flag(help: "Largest first.") var descending = false
  @Option(help: "Also write the listed profiles as YAML into this folder.") var export: String?
  @OptionGroup(title: "Output") var output: OutputOptions
  var exports: Bool { export != nil }

  func report(to outputs: [Output]) throws {
    let all = try Catalogue.hardwareNames.map(Catalogue.hardware)
    let query = try HardwareQuery(
      vendor: vendor, words: filter, order: sort, descending: descending, among: all)
    let listed = query.apply(all)
    if let export {
      try CatalogueExport.write(
        listed.map(\.name), to: export, force: output.force, text: Catalogue.hardwareText)
    }
    try outputs.write(CatalogueReport.hardware(listed))
  }
}

/// Catalogue entries as files, to start specs and profiles of one's own from.
enum CatalogueExport {
  static func write(
    _ names: [String], to path: String, force: Bool, text: (String) -> String?
  ) throws {
    let folder = try OutputFolder(path, force: force, files: names.map { "\($0).yaml" })
    for name in names {
      if let text = text(name) { try folder.write("\(name).yaml") { try $0(text + "\n") } }
    }
  }
}

struct ShowCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "A model's anatomy: parameters, KV cache, layers, reach.",
    discussion: "Example:\n  rooftree show mixtral-8x7b")

  @Argument(help: "A catalogue name or a spec file.") var model: String
  @OptionGroup(title: "Models") var reading: ModelOptions
  @OptionGroup(title: "Precision") var precision: PrecisionOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  func report(to outputs: [Output]) throws {
    let name = self.model
    let model = try reading.find(name)
    var request = ScenarioRequest(model: name, device: "")
    request.precision = try precision.request()
    if let unused = request.unused(for: model).first { throw InputError(unused, for: name) }
    try refuse([("--attention-dtype", precision.attentionDtype != nil)], in: "what \(name) stores")
    try outputs.refuseUnseen(
      [
        ("--dtype", precision.dtype != nil), ("--quantization", precision.quantization != nil),
        ("--act-dtype", precision.activationDtype != nil),
        ("--kv-cache-dtype", precision.kvCacheDtype != nil),
      ], json: true)
    let hasState = model.kinds.contains { $0.layer.mixer.traits.stateElements > 0 }
    if let activations = request.precision.activations, activations.isNarrow || !hasState {
      throw InputError(.usage, "--act-dtype changes nothing of what \(name) stores")
    }
    try outputs.write(ModelReport.document(model, plan: try precision.request().plan(for: model).plan))
  }
}
