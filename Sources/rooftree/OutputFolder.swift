import Basics
import Import
import Reporting
import Specs

/// A folder that reports, pictures or specs are written into, again and again: only what rooftree wrote is written over.
/// Markdown, HTML and SVG say so themselves; what cannot is listed in `rooftree-files.json` beside it.
final class OutputFolder {
  static let list = "rooftree-files.json"
  private static let schema = "rooftree/files/1"

  private let path: String
  private let force: Bool
  private var listed: Set<String> = []
  /// Held until the process ends: another rooftree waits.
  private let lock: Int32

  /// Makes the folder, of which the parent has to be there; one that is there already will do.
  ///
  /// - Parameters:
  ///   - force: write over what others wrote as well.
  ///   - files: names of what is going to be written, checked before anything is.
  /// - Throws: `InputError` where it cannot be made, is something else, or holds another's file of one of these names.
  init(_ path: String, force: Bool, files: [String]) throws(InputError) {
    guard path != "-" else { throw InputError(.usage, "-: is standard output; a folder is expected") }
    self.path = path
    self.force = force
    var status = stat()
    if stat(path, &status) == 0 {
      guard status.st_mode & S_IFMT == S_IFDIR else { throw InputError(.io, "\(path): is no folder") }
    } else if mkdir(path, 0o777) != 0, errno != EEXIST {
      throw InputError(errnoOf: path)
    }
    lock = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    // File systems without locks have to do without.
    while lock >= 0, flock(lock, LOCK_EX) != 0, errno == EINTR {}
    try readList()
    for file in files { try check(file) }
    let unmarked = files.filter { ReportFormat(file: $0)?.isMarked != true }
    if !listed.isSuperset(of: unmarked) {
      listed.formUnion(unmarked)
      try writeList()
    }
  }

  deinit { if lock >= 0 { close(lock) } }

  /// - Parameter name: of a file in the folder.
  func write(_ name: String, _ body: (@escaping (String) throws -> Void) throws -> Void) throws {
    try check(name)
    try OutputFile.write(to: "\(path)/\(name)", body)
  }

  /// A folder within, for pictures.
  static func isPlain(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) != 0 || status.st_mode & S_IFMT == S_IFDIR
  }

  private func check(_ name: String) throws(InputError) {
    let file = "\(path)/\(name)"
    var status = stat()
    guard lstat(file, &status) == 0 else {
      guard errno == ENOENT else { throw InputError(errnoOf: file) }
      return
    }
    let isRegular = status.st_mode & S_IFMT == S_IFREG
    if force && (isRegular || unlink(file) == 0)
      || isRegular && (listed.contains(name) || Self.bearsMark(file))
    {
      return
    }
    throw InputError(
      .io, "\(file): rooftree did not write this; move it away, or write over it with --force")
  }

  /// The mark stands near a file's beginning or end.
  private static func bearsMark(_ file: String) -> Bool {
    guard ReportFormat(file: file)?.isMarked == true else { return false }
    let descriptor = open(file, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 512)
    let end = lseek(descriptor, 0, SEEK_END)
    return [0, max(0, end - 512)].contains { place in
      let count = pread(descriptor, &bytes, bytes.count, place)
      return count > 0 && String(decoding: bytes[..<count], as: UTF8.self).contains(ReportFormat.mark)
    }
  }

  private func readList() throws(InputError) {
    let file = "\(path)/\(Self.list)"
    var status = stat()
    guard lstat(file, &status) == 0 else {
      guard errno == ENOENT else { throw InputError(errnoOf: file) }
      return
    }
    do throws(InputError) {
      let list = try JSONNode.read(try SourceFile(path: file, largestBytes: 1 << 24))
      guard status.st_mode & S_IFMT == S_IFREG, list["schema"]?.string == Self.schema,
        let names = list["files"]?.array
      else { throw InputError(.io, "\(file): rooftree did not write this") }
      listed = Set(names.compactMap(\.string))
    } catch {
      guard force, error.kind != .missing else { throw error }
    }
  }

  private func writeList() throws(InputError) {
    let text = JSONValue.members(
      ("schema", .string(Self.schema)), ("files", .array(listed.sorted().map(JSONValue.string)))
    ).serialised
    do {
      try OutputFile.write(text, to: "\(path)/\(Self.list)")
    } catch {
      throw error as? InputError ?? InputError(.io, "\(path)/\(Self.list): \(error)")
    }
  }
}
