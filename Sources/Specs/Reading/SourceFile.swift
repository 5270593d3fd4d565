import Basics

/// A text file read whole, within limits.
public struct SourceFile: Sendable {
  /// Path or catalogue name, for messages.
  public let name: String
  /// All of it.
  public let text: String

  /// No spec or profile is longer; a larger file is refused before it is read.
  public static let largestBytes = 1 << 20

  /// A text that is at hand already.
  public init(name: String, text: String) {
    self.name = name
    self.text = text
  }

  /// - Throws: `InputError` when there is no such file, it is a folder, too large, empty or not UTF-8.
  public init(path: String, largestBytes: Int = SourceFile.largestBytes) throws(InputError) {
    var bytes = TextEncoding.utf8(try Self.bytes(path: path, largestBytes: largestBytes))
    if bytes.isEmpty { throw InputError(.data, at: SourceLocation(file: path), "the file is empty") }
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
    text = String(decoding: bytes, as: UTF8.self)
  }

  static func bytes(path: String, largestBytes: Int) throws(InputError) -> [UInt8] {
    var status = stat()
    guard stat(path, &status) == 0 else {
      let reason = String(cString: strerror(errno))
      throw InputError(errno == ENOENT || errno == ENOTDIR ? .missing : .io, "\(path): \(reason)")
    }
    switch status.st_mode & S_IFMT {
    case S_IFDIR: throw InputError(.data, "\(path): is a folder; a file is expected")
    case S_IFREG: break
    default: throw InputError(.data, "\(path): is not a regular file")
    }
    guard status.st_size <= largestBytes else {
      throw InputError(
        .data, "\(path): has \(status.st_size) bytes; at most \(largestBytes) are accepted")
    }
    let descriptor = open(path, O_RDONLY)
    guard descriptor >= 0 else { throw InputError(.io, "\(path): \(String(cString: strerror(errno)))") }
    defer { close(descriptor) }
    var buffer = [UInt8](repeating: 0, count: Int(status.st_size))
    var filled = 0
    while filled < buffer.count {
      let count = buffer.withUnsafeMutableBytes {
        read(descriptor, $0.baseAddress?.advanced(by: filled), $0.count - filled)
      }
      if count < 0 { throw InputError(.io, "\(path): \(String(cString: strerror(errno)))") }
      if count == 0 { break }
      filled += count
    }
    return Array(buffer[..<filled])
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
