import Specs

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A model in several files (`…-00001-of-00003.gguf`), or the one model of a folder.
enum GGUFParts {
  static let mostParts = 1_000

  /// Headers of all parts that belong to `path` as one.
  ///
  /// - Throws: `InputError`, 66 naming the parts that are missing.
  static func read(_ path: String) throws(InputError) -> GGUFHeader {
    var header = try GGUFHeader.read(try ByteSource(path: path))
    let count = header.metadata["split.count"]?.int ?? 1
    guard count > 1 else { return header }
    guard count <= mostParts, let names = siblings(of: path, count: count) else {
      throw InputError(
        .data,
        "\(path): is one of \(count) parts of a model, and its name does not say where the others are"
          + " (accepted: NAME-00001-of-\(padded(min(count, 99_999))).gguf)")
    }
    let missing = try ModelFiles.missing(names)
    guard missing.isEmpty else {
      throw InputError(
        .missing,
        "\(path): is one of \(count) parts of a model; put the others beside it: missing "
          + missing.prefix(20).joined(separator: ", "))
    }
    header = try GGUFHeader.read(try ByteSource(path: names[0]))
    for name in names.dropFirst() {
      let part = try GGUFHeader.read(try ByteSource(path: name))
      header.tensors += part.tensors
      guard header.tensors.count <= GGUFHeader.mostTensors else {
        throw InputError(.data, "\(name): more than \(GGUFHeader.mostTensors) tensors in all parts")
      }
    }
    if let stated = header.metadata["split.tensors.count"]?.int, stated != header.tensors.count {
      throw InputError(
        .data, "\(names[0]): states \(stated) tensors in \(count) parts, which hold \(header.tensors.count)")
    }
    guard Set(header.tensors.map(\.name)).count == header.tensors.count else {
      throw InputError(.data, "\(names[0]): a tensor stands in two of the \(count) parts")
    }
    return header
  }

  private static func padded(_ number: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, 5 - text.count)) + text
  }

  /// All parts' names from one of them.
  private static func siblings(of path: String, count: Int) -> [String]? {
    let ending = "-of-\(padded(count)).gguf"
    guard path.lowercased().hasSuffix(ending) else { return nil }
    let stem = path.dropLast(ending.count)
    guard stem.count > 5, stem.suffix(5).allSatisfy(\.isNumber), stem.dropLast(5).last == "-" else {
      return nil
    }
    return (1...count).map { "\(stem.dropLast(5))\(padded($0))\(path.suffix(ending.count))" }
  }

  /// The one model of a folder: its only file, or the first part of its only set; nil where it holds none.
  static func path(in folder: String) throws(InputError) -> String? {
    guard let directory = opendir(folder) else { return nil }
    defer { closedir(directory) }
    var names: [String] = []
    while names.count < 10_000 {
      errno = 0
      guard let entry = readdir(directory) else {
        if errno == 0 { break }
        throw InputError(.io, "\(folder): \(String(cString: strerror(errno)))")
      }
      let name = withUnsafeBytes(of: entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      // Projectors of images and sound lie beside their models.
      if name.lowercased().hasSuffix(".gguf"), !name.lowercased().hasPrefix("mmproj") { names.append(name) }
    }
    let sets = Dictionary(grouping: names, by: set)
    guard sets.count <= 1 else {
      throw InputError(
        .data,
        "\(folder): holds \(sets.count) models; name one of "
          + names.sorted().prefix(8).joined(separator: ", "))
    }
    return sets.first?.value.min().map { "\(folder)/\($0)" }
  }

  /// `name-00002-of-00003.gguf` → what all three share; any other name itself.
  private static func set(_ name: String) -> String {
    let ending = name.suffix("-of-00003.gguf".count)
    let stem = name.dropLast(ending.count)
    guard ending.hasPrefix("-of-"), stem.count > 5, stem.suffix(5).allSatisfy(\.isNumber) else { return name }
    return String(stem.dropLast(5)) + ending
  }
}
