import Basics

/// A text file read whole, within limits.
public struct SourceFile: Sendable {
  /// Path or catalogue name, for messages.
  public let name: String
  /// All of it.
  public let text: String

  /// It came with the executable.
  var isBuiltIn: Bool {
    ["ModelSpecs/", "HardwareProfiles/", "Calibrations/"].contains { name.hasPrefix($0) } && wasGiven
  }
  /// The text was at hand, no file was read.
  private let wasGiven: Bool

  /// No spec or profile is longer; a larger file is refused before it is read.
  public static let largestBytes = 1 << 20

  /// A text that is at hand already.
  public init(name: String, text: String) {
    self.name = name
    self.text = text
    wasGiven = true
  }

  /// - Parameter path: a file, a pipe or device that is read to its end, or `-`, standard input.
  /// - Throws: `InputError` when there is no such file, it is a folder, too large, empty or not UTF-8, or changes meanwhile.
  public init(path: String, largestBytes: Int = SourceFile.largestBytes) throws(InputError) {
    var bytes = TextEncoding.utf8(try Self.bytes(path: path, largestBytes: largestBytes))
    if bytes.isEmpty {
      let again = Self.isStream(path) ? ", or was read before" : ""
      throw InputError(.data, at: SourceLocation(file: path), "the file is empty\(again)")
    }
    if Self.firstInvalidUTF8(bytes).map({ bytes[$0] == 0xB5 }) == true {
      bytes = TextEncoding.withWideMicroSigns(bytes)
    }
    if let bad = Self.firstInvalidUTF8(bytes) {
      let lines = bytes[..<bad].split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      throw InputError(
        .data, at: SourceLocation(file: path, line: lines.count, column: (lines.last?.count ?? 0) + 1),
        "byte 0x\(String(bytes[bad], radix: 16)) is not valid UTF-8")
    }
    name = path
    wasGiven = false
    text = String(decoding: bytes, as: UTF8.self)
  }

  /// Standard input, a pipe or a device: what can be read once, and has no name that would say what it holds.
  package static func isStream(_ path: String) -> Bool {
    var status = stat()
    guard path != "-" else { return true }
    return path.utf8.contains(UInt8(ascii: "/")) && stat(path, &status) == 0
      && ![S_IFREG, S_IFDIR, S_IFBLK].contains(status.st_mode & S_IFMT)
  }

  static func bytes(path: String, largestBytes: Int) throws(InputError) -> [UInt8] {
    func failure(_ code: Int32) -> InputError {
      InputError(
        code == ENOENT || code == ENOTDIR ? .missing : .io, "\(path): \(String(cString: strerror(code)))")
    }
    func tooLarge(_ size: String) -> InputError {
      InputError(.data, "\(path): has \(size) bytes; at most \(largestBytes) are accepted")
    }
    let descriptor = path == "-" ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(errno) }
    defer { close(descriptor) }
    var before = stat()
    guard fstat(descriptor, &before) == 0 else { throw failure(errno) }
    let kind = before.st_mode & S_IFMT
    if kind == S_IFDIR { throw InputError(.data, "\(path): is a folder; a file is expected") }
    if kind == S_IFREG, before.st_size > largestBytes { throw tooLarge("\(before.st_size)") }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      if count < 0 {
        var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        if errno == EINTR || errno == EAGAIN && poll(&wait, 1, -1) > 0 { continue }
        throw failure(errno)
      }
      if count == 0 { break }
      bytes += buffer[..<count]
      if bytes.count > largestBytes { throw tooLarge("more than \(largestBytes)") }
    }
    guard kind == S_IFREG, before.st_size > 0 else { return bytes }
    var after = stat()
    guard fstat(descriptor, &after) == 0 else { throw failure(errno) }
    // Half of one version and half of another is neither.
    guard bytes.count == before.st_size || path == "-", after.isUnchanged(since: before) else {
      throw InputError(.io, "\(path): changed while it was read")
    }
    return bytes
  }

  /// Offset of the first byte that no UTF-8 sequence starts at.
  package static func firstInvalidUTF8(_ bytes: [UInt8]) -> Int? {
    var decoder = UTF8()
    var iterator = bytes.makeIterator()
    var consumed = 0
    while true {
      switch decoder.decode(&iterator) {
      case .scalarValue(let scalar): consumed += UTF8.width(scalar)
      case .emptyInput: return nil
      case .error: return min(consumed, bytes.count - 1)
      }
    }
  }
}

extension stat {
  /// Nobody has written meanwhile, as far as the clock of the file system tells.
  fileprivate func isUnchanged(since before: stat) -> Bool {
    #if canImport(Darwin)
      let (time, old) = (st_mtimespec, before.st_mtimespec)
    #else
      let (time, old) = (st_mtim, before.st_mtim)
    #endif
    return st_size == before.st_size && time.tv_sec == old.tv_sec && time.tv_nsec == old.tv_nsec
  }
}
