import Basics
import CostModel

/// Specs, profiles and calibrations of one's own: YAML files anywhere in a folder, told apart by what they hold.
///
/// The folder is `ROOFTREE_CATALOGUE` (`--catalogue`), or `rooftree` in the user's configuration folder. Looked at once, when
/// the first name is looked up.
public enum OwnCatalogue {
  static let shared = read()

  /// What a folder holds, and where each file of it lies.
  struct Contents {
    var models: [Catalogue.Entry] = []
    var hardware: [Catalogue.Entry] = []
    var calibrations: [Catalogue.Entry] = []
    var paths: [String: String] = [:]
  }

  /// Files that are read, and entries that are looked at: `/` comes to an end too.
  private static let mostFiles = 100_000, mostEntries = 1_000_000

  /// The folder, whether it is there or not; nil without a home.
  public static var folder: String? {
    func variable(_ name: String) -> String? {
      getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }
    if let named = variable("ROOFTREE_CATALOGUE") { return named }
    return variable("XDG_CONFIG_HOME").map { $0 + "/rooftree" }
      ?? variable("HOME").map { $0 + "/.config/rooftree" }
  }

  private static func read() -> Contents {
    var contents = Contents()
    guard let folder else { return contents }
    var files: [String] = []
    var seen = 0
    list(folder, depth: 0, into: &files, &seen)
    for path in files.sorted() {
      guard let source = try? SourceFile(path: path) else { continue }
      let lines = source.text.split(separator: "\n")
      func value(_ key: String) -> String? {
        lines.first { $0.hasPrefix(key + ":") }.map {
          String($0.dropFirst(key.count + 1)).filter { !"\"' []\r".contains($0) }
        }
      }
      let stem = String(path.split(separator: "/").last ?? "").split(separator: ".").first.map(String.init)
      let name = value("name") ?? value("hardware") ?? stem ?? path
      let aliases =
        (value("aliases")?.split(separator: ",").map(String.init) ?? []) + (stem.map { [$0] } ?? [])
      let entry: Catalogue.Entry = (name, aliases, source.text)
      func has(_ key: String) -> Bool { lines.contains { $0.hasPrefix(key + ":") } }
      if has("memory"), has("peaks") {
        contents.hardware.append(entry)
      } else if has("groups") {
        contents.calibrations.append(entry)
      } else if has("hidden_size") || has("base") {
        contents.models.append(entry)
      } else {
        continue
      }
      contents.paths[name] = path
    }
    return contents
  }

  private static func list(_ folder: String, depth: Int, into files: inout [String], _ seen: inout Int) {
    guard depth < 6, let stream = opendir(folder) else { return }
    defer { closedir(stream) }
    while files.count < mostFiles, seen < mostEntries, let entry = readdir(stream) {
      seen += 1
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      guard !name.hasPrefix(".") else { continue }
      let path = "\(folder)/\(name)"
      var status = stat()
      guard stat(path, &status) == 0 else { continue }
      if status.st_mode & S_IFMT == S_IFDIR {
        list(path, depth: depth + 1, into: &files, &seen)
      } else if status.st_mode & S_IFMT == S_IFREG, name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
        files.append(path)
      }
    }
  }
}
