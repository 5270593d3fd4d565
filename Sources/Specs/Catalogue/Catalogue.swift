import Basics
import CostModel
import Deployment

/// The specs and profiles built into the executable, and the rules by which a name finds one.
public enum Catalogue {
  /// A file of the catalogue, and what else it is called.
  typealias Entry = (name: String, aliases: [String], text: String)

  private static let models = CatalogueIndex(own: OwnCatalogue.shared.models, shipped: EmbeddedFiles.models)
  private static let devices = CatalogueIndex(
    own: OwnCatalogue.shared.hardware, shipped: EmbeddedFiles.hardware)
  private static let calibrations = CatalogueIndex(
    own: OwnCatalogue.shared.calibrations, shipped: EmbeddedFiles.calibrations)
  private static let recipes = CatalogueIndex(own: [], shipped: EmbeddedFiles.recipes)

  /// Names of the catalogue's models, in alphabetical order; one's own first.
  public static var modelNames: [String] { models.files.map(\.name) }
  /// Names of the shipped devices, in alphabetical order.
  public static var hardwareNames: [String] { devices.files.map(\.name) }

  /// The YAML of a catalogue entry, to start a spec of one's own from.
  public static func modelText(_ name: String) -> String? {
    models.named(name)?.text
  }

  /// The YAML of a shipped device, to start a profile of one's own from.
  public static func hardwareText(_ name: String) -> String? {
    devices.named(name)?.text
  }

  /// A catalogue name, one of its aliases, or the path of a YAML file.
  ///
  /// - Throws: `InputError`, 66 for a name nobody knows, with the nearest ones.
  public static func model(_ name: String) throws(InputError) -> ModelSpec {
    let source: SourceFile
    var format: NumberFormat?
    if let shape = ShapeName.model(name) { return shape }
    do {
      source = try find(name, in: models, folder: "ModelSpecs", what: "model")
    } catch {
      guard error.kind == .missing, !looksLikePath(name), let release = ReleaseName(name, { known($0) })
      else {
        throw error
      }
      source = try find(release.model, in: models, folder: "ModelSpecs", what: "model")
      format = release.format
    }
    var model = try ModelReader.read(source)
    // Another checkpoint of the same model: what its name says, in place of what the catalogue's own states.
    if let format {
      model.checkpointFormat = format
      model.expertFormat = nil
      model.precision = []
      model.operandFormat = nil
    }
    return model
  }

  /// The YAML that a name or path means, whatever words for tuning stand behind it.
  static func modelSource(_ name: String) throws(InputError) -> SourceFile {
    try find(name, in: models, folder: "ModelSpecs", what: "model")
  }

  /// Whether a name as it stands is that of a model or one of its aliases.
  private static func known(_ name: String) -> Bool {
    models.entry(name) != nil
  }

  /// Names of the shipped recipes of engines.
  public static var recipeNames: [String] { EmbeddedFiles.recipes.map(\.name) }

  /// How an engine runs a server: a catalogue name or a file.
  ///
  /// - Throws: `InputError`, 66 for a name nobody knows, with the nearest ones.
  public static func recipe(_ name: String) throws(InputError) -> EngineRecipe {
    try RecipeReader.read(try find(name, in: recipes, folder: "EngineRecipes", what: "recipe"))
  }

  /// What measured servers taught, of every engine.
  package static var serverFit: SourceFile {
    SourceFile(
      name: "Calibrations/servers/servers.yaml", text: EmbeddedFiles.servers.first?.text ?? "")
  }

  /// Devices whose kernels were measured and fitted.
  public static var calibrationNames: [String] {
    calibrations.files.map(\.name).filter { $0 != everyDevice }
  }
  /// In place of a device: the calibration that all devices share.
  public static let everyDevice = "every-device"

  /// The text of a calibration: a catalogue name (that of its device) or a file.
  public static func calibrationSource(_ name: String) throws(InputError) -> SourceFile {
    try find(name, in: calibrations, folder: "Calibrations", what: "calibration")
  }

  /// A device by its catalogue name, an alias, however it is spelled, or the path of a YAML file; `:1` may follow.
  ///
  /// - Throws: `InputError`, 66 for a name nobody knows, with the nearest ones; 64 for several devices.
  public static func hardware(_ name: String) throws(InputError) -> HardwareProfile {
    let parts = name.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    if parts.count == 2, let count = Int(parts[1]), !looksLikePath(name) {
      guard count == 1 else {
        throw InputError(
          .usage, "“\(name)”: one device is asked for here; accepted: \(parts[0]) or \(parts[0]):1")
      }
      return try hardware(String(parts[0]))
    }
    if looksLikePath(name) { return try HardwareReader.read(try SourceFile(path: name)) }
    let (entry, watts) = try device(name)
    let profile = try HardwareReader.read(
      SourceFile(
        name: OwnCatalogue.shared.paths[entry.name] ?? "HardwareProfiles/\(entry.name).yaml", text: entry.text
      ))
    return watts == profile.powerWatts
      ? profile : try profile.operating(at: OperatingPoint(powerWatts: watts))
  }

  /// Whether a name or alias stands for a catalogue entry, whatever lies in the current folder.
  package static func knowsModel(_ name: String) -> Bool {
    models.knows(name) || (!looksLikePath(name) && ReleaseName(name, { known($0) }) != nil)
  }

  /// The catalogue's name of a device however it is written, whatever lies in the current folder.
  public static func hardwareName(_ written: String) -> String? {
    looksLikePath(written) ? nil : (try? device(written))?.entry.name
  }

  /// The device that kernels were measured on where somebody names a module: software sees the dies of an MI250 as devices
  /// of their own, and a kernel runs on one of them (`mi250-gcd`).
  ///
  /// - Throws: as `hardware`.
  public static func measuredHardware(_ name: String) throws(InputError) -> HardwareProfile {
    guard let measured = measuredName(name), measured != hardwareName(name) else { return try hardware(name) }
    return try hardware(measured)
  }

  /// Its name; nil of what the catalogue does not know.
  public static func measuredName(_ written: String) -> String? {
    guard let name = hardwareName(written) else { return nil }
    let die = name + "-gcd"
    return hardwareNames.contains(die) ? die : name
  }

  /// The words of each device's names.
  private static let deviceWords = devices.files.map { entry in
    ([entry.name] + entry.aliases).map { Set(DeviceName($0).words) }
  }

  /// A device that a name stands for: one of its names, or words of which only its names hold all; and the
  /// watts that the name states (`a100_pcie_80gb_hbm2e_250w`).
  private static func device(_ name: String) throws(InputError) -> (entry: Entry, watts: Double?) {
    if let entry = devices.entry(name) { return (entry, DeviceName(name).watts) }
    let wanted = DeviceName(name)
    let (files, words) = (devices.files, Set(wanted.words))
    var found = files.indices.filter { deviceWords[$0].contains(words) }
    if found.isEmpty, !words.isEmpty {
      found = files.indices.filter {
        deviceWords[$0].reduce(into: Set()) { $0.formUnion($1) }.isSuperset(of: words)
      }
    }
    if found.count == 1 { return (files[found[0]], wanted.watts) }
    throw InputError(
      .missing,
      (found.isEmpty
        ? "no hardware called “\(name)”" + wanted.suggestion(among: files.flatMap { [$0.name] + $0.aliases })
        : "“\(name)” may be \(found.prefix(4).map { "“\(files[$0].name)”" }.joined(separator: " or "))")
        + " (`rooftree hardware` lists them; a file is named by its path)")
  }

  private static func find(
    _ name: String, in index: CatalogueIndex, folder: String, what: String
  ) throws(InputError) -> SourceFile {
    if looksLikePath(name) { return try SourceFile(path: name) }
    if let entry = index.entry(name) {
      return SourceFile(
        name: OwnCatalogue.shared.paths[entry.name] ?? "\(folder)/\(entry.name).yaml", text: entry.text)
    }
    if access(name, F_OK) == 0 {
      throw InputError(
        .missing,
        "“\(name)” is a file, but no \(what) by its ending; accepted: .yaml, .yml"
          + (what == "model" ? ", .json, .gguf, .safetensors" : ""))
    }
    let files = index.files
    let names = files.map(\.name)
    var near = Suggestion.phrase(for: name, among: names)
    if near.isEmpty { near = Suggestion.phrase(for: name, among: files.flatMap(\.aliases)) }
    if near.isEmpty { near = Suggestion.phrase(for: withoutOwner(name), among: names) }
    throw InputError(
      .missing,
      "no \(what) called “\(name)”\(near)"
        + (what == "calibration"
          ? " (there are \(names.joined(separator: ", ")); a file is named by its path)"
          : " (`rooftree \(what == "model" ? "models" : "hardware")` lists them; a file is named by its path)")
    )
  }

  /// `Llama-3.1-70B-Instruct` of `meta-llama/Llama-3.1-70B-Instruct`.
  static func withoutOwner(_ name: String) -> String {
    name.split(separator: "/").last.map(String.init) ?? name
  }

  /// A separator at the front or a spec file's ending; `meta-llama/Llama-3` is a name.
  private static func looksLikePath(_ name: String) -> Bool {
    name.hasPrefix("/") || name.hasPrefix("./") || name.hasPrefix("../") || name.hasPrefix("~")
      || name == "." || name == "-"
      || [".yaml", ".yml", ".json", ".gguf"].contains { name.lowercased().hasSuffix($0) }
  }

  /// How people write it does not matter: `H100 SXM`, `h100_sxm`, `h100-sxm`.
  static func folded(_ name: String) -> String {
    String(name.lowercased().unicodeScalars.filter { !" -_".unicodeScalars.contains($0) })
  }
}
