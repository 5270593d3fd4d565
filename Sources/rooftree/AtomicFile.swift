import Basics
import Specs

/// Written beside its target under another name, then renamed: never half there.
enum AtomicFile {
  static func write(_ text: String, to path: String) throws { try write(to: path) { try $0(text) } }

  /// - Parameter body: is given what takes the next piece.
  static func write(
    to path: String, _ body: (@escaping (String) throws -> Void) throws -> Void
  ) throws {
    let temporary = "\(path).tmp-\(getpid())"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL, 0o644)
    guard descriptor >= 0 else {
      throw InputError(.io, "\(path): \(String(cString: strerror(errno)))")
    }
    do {
      try body { try Terminal.writeAll(Array($0.utf8), to: descriptor, name: path) }
      guard fsync(descriptor) == 0, close(descriptor) == 0, rename(temporary, path) == 0 else {
        throw InputError(.io, "\(path): \(String(cString: strerror(errno)))")
      }
    } catch {
      unlink(temporary)
      throw error
    }
  }
}
