import Basics
import Specs

/// Folders that reports are written into.
enum Folder {
  /// Makes the folder, of which the parent has to be there; one that is there already will do.
  ///
  /// - Throws: `InputError` where it cannot be made or is something else.
  static func make(_ path: String) throws(InputError) {
    var status = stat()
    if stat(path, &status) == 0 {
      guard status.st_mode & S_IFMT == S_IFDIR else { throw InputError(.io, "\(path): is no folder") }
    } else if mkdir(path, 0o755) != 0 {
      throw InputError(.io, "\(path): \(String(cString: strerror(errno)))")
    }
  }
}
