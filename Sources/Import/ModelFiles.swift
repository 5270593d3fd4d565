import Basics
import CostModel
import Specs

/// Models wherever they are: in the catalogue, in spec files, in files that were not written for rooftree.
public enum ModelFiles {
  /// The model that `name` means: a catalogue name or one of its aliases, a YAML spec, a `config.json` or the
  /// folder that holds one, a `.gguf`, a safetensors file beside its config.
  ///
  /// - Parameter ignoring: keys of a config that are known to leave the architecture alone.
  /// - Throws: `InputError`, 66 for a name nobody knows, with the nearest ones.
  public static func find(_ name: String, ignoring: Set<String> = []) throws(InputError) -> ModelSpec {
    if SourceFile.isStream(name) { return try stream(name, ignoring: ignoring) }
    return isForeign(name) ? try read(name, ignoring: ignoring).model : try Catalogue.model(name)
  }

  /// A config or a spec that has no name: JSON begins with a brace.
  private static func stream(_ path: String, ignoring: Set<String>) throws(InputError) -> ModelSpec {
    let source = try SourceFile(path: path, largestBytes: ConfigImport.largestBytes)
    return source.text.trimmed.utf8.first == UInt8(ascii: "{")
      ? try ConfigImport.read(source, name: "model", ignoring: ignoring).model : try ModelReader.read(source)
  }

  /// A path that has to be imported, not a catalogue name or a spec file.
  public static func isForeign(_ path: String) -> Bool {
    let lower = path.lowercased()
    if lower.hasSuffix(".json") || lower.hasSuffix(".gguf") || lower.hasSuffix(".safetensors") { return true }
    return isFolder(path) && !Catalogue.knowsModel(path)
  }

  /// - Parameters:
  ///   - name: what to call the model; from the path when nil.
  ///   - ignoring: config keys that are known to leave the architecture alone.
  public static func read(_ path: String, name: String? = nil, ignoring: Set<String> = []) throws(InputError)
    -> ImportedModel
  {
    try readWithCheck(path, name: name, ignoring: ignoring, check: false).model
  }

  /// The same, compared with the headers of the weights where they are at hand.
  ///
  /// - Parameter check: open the weights' headers; a GGUF is always compared, since it is one.
  public static func readWithCheck(
    _ path: String, name: String? = nil, ignoring: Set<String> = [], check: Bool = true
  ) throws(InputError) -> (model: ImportedModel, check: HeaderCheck?) {
    let called = name ?? derivedName(path)
    if SourceFile.isStream(path) {
      let source = try SourceFile(path: path, largestBytes: ConfigImport.largestBytes)
      return (try ConfigImport.read(source, name: name ?? "model", ignoring: ignoring), nil)
    }
    if let file = try gguf(path) {
      return try GGUFImport.read(try GGUFParts.read(file), file: file, name: called)
    }
    let config = try configPath(path)
    let beside = folder(of: config) + "/hf_quant_config.json"
    let quantization =
      try exists(beside) ? try SourceFile(path: beside, largestBytes: ConfigImport.largestBytes) : nil
    var imported = try ConfigImport.read(
      try SourceFile(path: config, largestBytes: ConfigImport.largestBytes), name: called, ignoring: ignoring,
      quantization: quantization)
    guard check else { return (imported, nil) }
    var files = [path]
    var index: HeaderCheck?
    let isShard = try SafetensorsFolder.isShard(path)
    if isShard || !path.lowercased().hasSuffix(".safetensors") {
      var remark: String?
      files = try SafetensorsFolder.files(
        in: folder(of: config), imported.model, remark: &remark, check: &index)
      if let remark {
        imported.remarks.append(remark)
        imported.model.notes.append(remark)
      }
    }
    guard !files.isEmpty else { return (imported, index) }
    let tally = try SafetensorsFolder.tally(files, imported.model)
    if imported.model.checkpointFormat == nil, let found = SafetensorsFolder.dominant(tally) {
      imported.model.checkpointFormat = found
    }
    let source = files.count == 1 ? files[0] : "\(files.count) safetensors files"
    return (imported, HeaderCheck(imported.model, tally, source: source))
  }

  /// The GGUF that a path means: itself, or the one model of a folder without a config.
  private static func gguf(_ path: String) throws(InputError) -> String? {
    if path.lowercased().hasSuffix(".gguf"), !isFolder(path) { return path }
    guard isFolder(path), try !exists(trimmed(path) + "/config.json") else { return nil }
    return try GGUFParts.path(in: trimmed(path))
  }

  /// The same for a GGUF in memory, such as a header fetched from elsewhere with zeros in place of weights.
  public static func readGGUF(bytes: [UInt8], name: String) throws(InputError) -> (
    model: ImportedModel, check: HeaderCheck
  ) {
    try GGUFImport.read(ByteSource(name: name, bytes: bytes), name: name)
  }

  /// The bytes that an index in memory states for a model's weights; nil where it lists more than those.
  public static func indexBytes(
    bytes: [UInt8], name: String, layers: Int, tied: Bool
  ) throws(InputError) -> Double? {
    try SafetensorsIndex.read(ByteSource(name: name, bytes: bytes), layers: layers, tied: tied)
      .comparableBytes
  }

  /// A safetensors file in memory, tensor by tensor, by component of `model`.
  public static func tallySafetensors(
    bytes: [UInt8], name: String, model: ModelSpec
  ) throws(InputError) -> HeaderTally {
    var tally = HeaderTally()
    try SafetensorsFolder.add(ByteSource(name: name, bytes: bytes), model, to: &tally)
    return tally
  }

  /// The `config.json` that `path` means.
  static func configPath(_ path: String) throws(InputError) -> String {
    let lower = path.lowercased()
    if lower.hasSuffix(".safetensors") || lower.hasSuffix(".safetensors.index.json") {
      let config = folder(of: path) + "/config.json"
      guard try exists(config) else {
        throw InputError(
          .missing,
          "\(path): safetensors holds sizes but not the number of heads; put the model's config.json beside it"
        )
      }
      return config
    }
    guard isFolder(path) else { return path }
    let config = trimmed(path) + "/config.json"
    guard try exists(config) else {
      throw InputError(.missing, "\(path): holds no config.json, which says what model this is")
    }
    return config
  }

  /// The folder's name for `…/Llama-3-8B/config.json`, the file's own otherwise; lower case, dashes for spaces.
  static func derivedName(_ path: String) -> String {
    var parts = path.split(separator: "/").map(String.init).filter { $0 != "." && $0 != ".." }
    if parts.count > 1,
      ["config.json", "model.safetensors", "model.safetensors.index.json"].contains(parts.last)
    {
      parts.removeLast()
    }
    var name = parts.last ?? "model"
    for ending in [".json", ".gguf", ".safetensors"] where name.lowercased().hasSuffix(ending) {
      name = String(name.dropLast(ending.count))
    }
    let cleaned = name.lowercased().unicodeScalars.map {
      $0.value <= 32 || $0.value == 127 ? "-" : Character($0)
    }
    let short = String(cleaned.prefix(100))
    return short.isEmpty ? "model" : short
  }

  static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return String(path[..<slash])
  }

  static func trimmed(_ path: String) -> String {
    var path = Substring(path)
    while path.count > 1 && path.last == "/" { path.removeLast() }
    return String(path)
  }

  static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// - Throws: `InputError` where nobody can tell.
  static func exists(_ path: String) throws(InputError) -> Bool {
    var status = stat()
    if stat(path, &status) == 0 { return true }
    if errno == ENOENT || errno == ENOTDIR { return false }
    throw InputError(.io, "\(path): \(String(cString: strerror(errno)))")
  }

  /// Those that are not there.
  static func missing(_ paths: [String]) throws(InputError) -> [String] {
    var missing: [String] = []
    for path in paths where try !exists(path) { missing.append(path) }
    return missing
  }
}
