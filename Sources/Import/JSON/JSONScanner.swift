import Specs

/// Walks over strict JSON without building it; trees are built on top of it (`node`).
struct JSONScanner {
  struct Limits {
    /// Nested arrays and objects.
    var depth: Int
    /// Values in all: what bounds the memory of a tree.
    var values: Int
    /// Bytes of one string.
    var stringBytes: Int

    /// Specs and configs.
    static let document = Limits(depth: 32, values: 200_000, stringBytes: 1 << 18)
    /// Headers with a member per tensor, which are not kept.
    static let header = Limits(depth: 8, values: 4_000_000, stringBytes: 1 << 16)
    /// Results of benchmarks.
    static let records = Limits(depth: 16, values: 4_000_000, stringBytes: 1 << 18)
  }

  let source: ByteSource
  let end: Int
  let limits: Limits
  private(set) var offset: Int
  private var line = 1
  private var column = 1
  private var depth = 0
  private var values = 0

  init(_ source: ByteSource, range: Range<Int>, limits: Limits, line: Int = 1) {
    self.source = source
    self.line = line
    self.limits = limits
    offset = range.lowerBound
    end = min(range.upperBound, source.size)
  }

  var location: SourceLocation { SourceLocation(file: source.name, line: line, column: column) }

  func failure(_ message: String) -> InputError { InputError(.data, at: location, message) }

  // MARK: - Bytes

  @inline(__always)
  func peek() throws(InputError) -> UInt8? { offset < end ? try source.byte(at: offset) : nil }

  @inline(__always)
  mutating func advance() throws(InputError) {
    guard let byte = try peek() else { return }
    take(byte)
  }

  /// Steps over `byte`, which `peek` has just seen.
  @inline(__always)
  mutating func take(_ byte: UInt8) {
    offset += 1
    if byte == UInt8(ascii: "\n") {
      line += 1
      column = 1
    } else if byte & 0xC0 != 0x80 {
      column += 1
    }
  }

  mutating func skipSpace() throws(InputError) {
    while let byte = try peek(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { take(byte) }
  }

  /// Takes `byte` or says what stands there instead.
  mutating func expect(_ byte: UInt8, _ accepted: String) throws(InputError) {
    guard try peek() == byte else { throw try unexpected(accepted) }
    try advance()
  }

  func unexpected(_ accepted: String) throws(InputError) -> InputError {
    guard let byte = try peek() else { return failure("the text ends here; expected \(accepted)") }
    let found =
      byte > 0x20 && byte < 0x7F
      ? "“\(Character(UnicodeScalar(byte)))”" : "byte 0x\(String(byte, radix: 16))"
    return failure("found \(found); expected \(accepted)")
  }

  /// Nothing but white space may follow.
  mutating func finish() throws(InputError) {
    try skipSpace()
    if try peek() != nil { throw try unexpected("the end of the text") }
  }

  mutating func countValue() throws(InputError) {
    values += 1
    if values > limits.values { throw failure("more than \(limits.values) values") }
  }

  // MARK: - Objects and arrays

  /// Calls `body` before each member's value, which it has to consume.
  mutating func object(
    _ body: (String, SourceLocation, inout JSONScanner) throws(InputError) -> Void
  ) throws(InputError) {
    try enter(UInt8(ascii: "{"), "“{”")
    var seen: Set<Int> = []
    try skipSpace()
    if try peek() != UInt8(ascii: "}") {
      while true {
        try skipSpace()
        let place = location
        let key = try string()
        // Hashes instead of names: a header may have half a million of them.
        guard seen.insert(key.hashValue).inserted else {
          throw InputError(.data, at: place, "duplicate key “\(key.prefix(60))”")
        }
        try skipSpace()
        try expect(UInt8(ascii: ":"), "“:”")
        try skipSpace()
        try body(key, place, &self)
        try skipSpace()
        guard try peek() == UInt8(ascii: ",") else { break }
        try advance()
      }
    }
    try leave(UInt8(ascii: "}"), "“,” or “}”")
  }

  /// Calls `body` before each element, which it has to consume.
  mutating func array(_ body: (inout JSONScanner) throws(InputError) -> Void) throws(InputError) {
    try enter(UInt8(ascii: "["), "“[”")
    try skipSpace()
    if try peek() != UInt8(ascii: "]") {
      while true {
        try skipSpace()
        try body(&self)
        try skipSpace()
        guard try peek() == UInt8(ascii: ",") else { break }
        try advance()
      }
    }
    try leave(UInt8(ascii: "]"), "“,” or “]”")
  }

  private mutating func enter(_ byte: UInt8, _ name: String) throws(InputError) {
    try countValue()
    guard try peek() == byte else { throw try unexpected(name) }
    depth += 1
    if depth > limits.depth { throw failure("nested more than \(limits.depth) levels deep") }
    try advance()
  }

  private mutating func leave(_ byte: UInt8, _ accepted: String) throws(InputError) {
    try expect(byte, accepted)
    depth -= 1
  }
}
