import Basics
import Specs

/// Bytes of a file seen through a window of 64 KiB, or bytes in memory.
///
/// Headers of weight files are read with it: `pread` never touches the weights, a file that shrinks meanwhile
/// gives an error and no signal, and memory stays bounded whatever the file claims.
final class ByteSource {
  let name: String
  /// Bytes in all.
  let size: Int
  private let descriptor: Int32
  private var window: [UInt8]
  private var windowStart = 0

  private static let windowBytes = 1 << 16

  init(name: String, bytes: [UInt8]) {
    self.name = name
    size = bytes.count
    descriptor = -1
    window = bytes
  }

  /// - Throws: `InputError` when there is no such file or it is none.
  init(path: String) throws(InputError) {
    var status = stat()
    guard stat(path, &status) == 0 else {
      let reason = String(cString: strerror(errno))
      throw InputError(errno == ENOENT || errno == ENOTDIR ? .missing : .io, "\(path): \(reason)")
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw InputError(.data, "\(path): is not a regular file")
    }
    let opened = open(path, O_RDONLY)
    guard opened >= 0 else { throw InputError(.io, "\(path): \(String(cString: strerror(errno)))") }
    name = path
    size = Int(status.st_size)
    descriptor = opened
    window = []
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  @inline(__always)
  /// The byte at `offset`; nil at and past the end.
  func byte(at offset: Int) throws(InputError) -> UInt8? {
    guard offset >= 0, offset < size else { return nil }
    if offset < windowStart || offset >= windowStart + window.count { try load(from: offset) }
    return window[offset - windowStart]
  }

  /// `count` bytes from `offset`, or an error when the file ends before.
  func bytes(at offset: Int, count: Int, what: String) throws(InputError) -> [UInt8] {
    guard count >= 0, offset >= 0, count <= size, offset <= size - count else {
      throw failure(at: min(max(0, offset), size), "the file ends in \(what)")
    }
    var out: [UInt8] = []
    out.reserveCapacity(count)
    for index in 0..<count {
      guard let byte = try byte(at: offset + index) else {
        throw failure(at: size, "the file ends in \(what)")
      }
      out.append(byte)
    }
    return out
  }

  /// Error at a byte of a binary file, which has no lines.
  func failure(at offset: Int, _ message: String) -> InputError {
    InputError(.data, "\(name): byte \(offset): \(message)")
  }

  private func load(from offset: Int) throws(InputError) {
    guard descriptor >= 0 else { return }
    // Parsers go back a little at times, so the window opens a page early.
    let start = max(0, offset - 4096)
    let wanted = min(Self.windowBytes, size - start)
    if window.count != wanted { window = [UInt8](repeating: 0, count: wanted) }
    var filled = 0
    while filled < wanted {
      let done = filled
      let count = window.withUnsafeMutableBytes {
        pread(descriptor, $0.baseAddress?.advanced(by: done), wanted - done, off_t(start + done))
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else {
        window = []
        throw InputError(.io, "\(name): could not be read at byte \(start + filled)")
      }
      filled += count
    }
    windowStart = start
  }
}
