import Basics
import Specs

/// What becomes a file once it is whole. On Linux it has no name until then, so that nothing stays behind whatever ends the
/// process; elsewhere it has one of its own.
struct TemporaryFile {
  let descriptor: Int32
  private let name: String
  private var isNamed: Bool

  /// - Parameter target: the file that it is to become.
  init(for target: String) throws(InputError) {
    let folder = target.lastIndex(of: "/").map { String(target[...$0]) } ?? "./"
    name = "\(folder).rooftree-\(String(UInt64.random(in: 0...UInt64.max), radix: 36))"
    #if os(Linux)
      // Glibc's O_TMPFILE, which Swift does not see.
      if access("/proc/self/fd", X_OK) == 0 {
        let unnamed = open(folder, 0o20_000_000 | O_DIRECTORY | O_WRONLY | O_CLOEXEC, 0o666)
        if unnamed >= 0 {
          (descriptor, isNamed) = (unnamed, false)
          return
        }
      }
    #endif
    isNamed = true
    let file = name
    descriptor = Signals.removing(file) { open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666) }
    guard descriptor >= 0 else { throw InputError(errnoOf: target) }
  }

  /// Takes the place of `target`, with the mode and owner of the file that was there.
  mutating func become(_ target: String, like old: stat?) throws(InputError) {
    if let old {
      // Only root can give files away; one's own copy of another's file is still the file.
      _ = fchown(descriptor, old.st_uid, old.st_gid)
      guard fchmod(descriptor, old.st_mode & 0o7777) == 0 else { throw InputError(errnoOf: target) }
    }
    guard fsync(descriptor) == 0 else { throw InputError(errnoOf: target) }
    let (name, descriptor, wasNamed) = (name, descriptor, isNamed)
    let done = Signals.removing(name) {
      #if os(Linux)
        if !wasNamed,
          linkat(AT_FDCWD, "/proc/self/fd/\(descriptor)", AT_FDCWD, name, AT_SYMLINK_FOLLOW) != 0
        {
          return false
        }
      #endif
      if rename(name, target) == 0 { return true }
      let reason = errno
      unlink(name)
      errno = reason
      return false
    }
    guard done else { throw InputError(errnoOf: target) }
    isNamed = false
    guard close(descriptor) == 0 else { throw InputError(errnoOf: target) }
  }

  /// It is not wanted any more.
  func discard() {
    close(descriptor)
    if isNamed { unlink(name) }
  }
}

extension InputError {
  /// What the system said of a file just now.
  init(errnoOf path: String) { self.init(.io, "\(path): \(String(cString: strerror(errno)))") }
}
