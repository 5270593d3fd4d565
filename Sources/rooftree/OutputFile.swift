import Basics
import Specs

/// What `--output` names: a file is written whole or not at all, anything else is written into.
enum OutputFile {
  static func write(_ text: String, to path: String) throws { try write(to: path) { try $0(text) } }

  /// - Parameter body: is given what takes the next piece.
  static func write(
    to path: String, _ body: (@escaping (String) throws -> Void) throws -> Void
  ) throws {
    if path == "-" { return try body(Terminal.print) }
    if let inherited = inherited(path) { return try write(into: inherited, path, body) }
    var status = stat()
    guard stat(path, &status) == 0 else {
      guard errno == ENOENT else { throw InputError(errnoOf: path) }
      return try replace(path, nil, body)
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: try replace(path, status, body)
    case S_IFDIR: throw InputError(.io, "\(path): is a folder; a file is expected")
    default:
      let descriptor = open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC)
      guard descriptor >= 0 else { throw InputError(errnoOf: path) }
      do {
        try write(into: descriptor, path, body)
      } catch {
        close(descriptor)
        throw error
      }
      guard close(descriptor) == 0 else { throw InputError(errnoOf: path) }
    }
  }

  /// What `path` names is standard output: nothing else may be printed there.
  static func isStandard(_ path: String?) -> Bool { path == "-" || path.flatMap(inherited) == STDOUT_FILENO }

  private static func write(
    into descriptor: Int32, _ path: String, _ body: (@escaping (String) throws -> Void) throws -> Void
  ) throws {
    try body { try Terminal.writeAll(Array($0.utf8), to: descriptor, name: path) }
  }

  /// `/dev/stdout`, `/dev/fd/3`: what the shell has opened is written on, not opened anew and replaced.
  private static func inherited(_ path: String) -> Int32? {
    switch path {
    case "/dev/stdout": STDOUT_FILENO
    case "/dev/stderr": STDERR_FILENO
    default:
      ["/dev/fd/", "/proc/self/fd/"].first { path.hasPrefix($0) }.flatMap { Int32(path.dropFirst($0.count)) }
    }
  }

  private static func replace(
    _ path: String, _ old: stat?, _ body: (@escaping (String) throws -> Void) throws -> Void
  ) throws {
    if let old, old.st_mode & 0o222 == 0 || access(path, W_OK) != 0 {
      throw InputError(.io, "\(path): is read-only")
    }
    let target = try target(of: path)
    var file = try TemporaryFile(for: target)
    do {
      try write(into: file.descriptor, path, body)
      try file.become(target, like: old)
    } catch {
      file.discard()
      throw error
    }
  }

  /// The file that a chain of links ends in, there or not yet.
  private static func target(of path: String) throws(InputError) -> String {
    var path = path
    for _ in 0..<40 {
      var link = [CChar](repeating: 0, count: 4096)
      let count = readlink(path, &link, link.count)
      guard count >= 0 else {
        if errno == EINVAL || errno == ENOENT { return path }
        throw InputError(errnoOf: path)
      }
      let next = String(decoding: link[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
      let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
      path = next.hasPrefix("/") ? next : folder + next
    }
    throw InputError(.io, "\(path): links in a circle")
  }
}
