import ArgumentParser
import Basics
import Specs

/// What shells offer behind an option: names of the catalogue, and files.
enum Completion {
  static let models = CompletionKind.custom { _, _, word in
    Catalogue.modelNames + files(word, [".yaml", ".yml", ".json", ".gguf"])
  }

  /// Several may stand there, with commas.
  static let devices = CompletionKind.custom { _, _, word in
    let before = word.lastIndex(of: ",").map { String(word[...$0]) } ?? ""
    return (Catalogue.hardwareNames + files(String(word.dropFirst(before.count)), [".yaml", ".yml"]))
      .map { before + $0 }
  }

  static let calibrations = CompletionKind.custom { _, _, word in
    Catalogue.calibrationNames + ["none"] + files(word, [".yaml", ".yml"])
  }

  static let recipes = CompletionKind.custom { _, _, word in
    Catalogue.recipeNames + files(word, [".yaml", ".yml"])
  }

  /// Folders and files of some endings beside what is typed so far.
  private static func files(_ word: String, _ endings: [String]) -> [String] {
    let folder = word.lastIndex(of: "/").map { String(word[...$0]) } ?? ""
    guard let stream = opendir(folder.isEmpty ? "." : folder) else { return [] }
    defer { closedir(stream) }
    var found: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      var status = stat()
      let isFolder = stat(folder + name, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
      guard !name.hasPrefix("."), isFolder || endings.contains(where: name.hasSuffix) else { continue }
      found.append(folder + name + (isFolder ? "/" : ""))
    }
    return found.sorted()
  }
}
