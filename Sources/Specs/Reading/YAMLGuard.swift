/// Refuses, before the parser sees it, YAML that could blow up: aliases and deep nesting.
///
/// Specs need neither, and a few lines of nested aliases stand for billions of nodes.
enum YAMLGuard {
  static let deepest = 32

  static func check(_ source: SourceFile) throws(InputError) {
    var state = Scanner(file: source.name)
    for byte in source.text.utf8 { try state.take(byte) }
  }

  private struct Scanner {
    let file: String
    var line = 1
    var column = 0
    var depth = 0
    var dashes = 0
    var quote: UInt8 = 0
    var comment = false
    var previous: UInt8 = 0x0A
    var onlyIndentation = true

    var location: SourceLocation { SourceLocation(file: file, line: line, column: max(1, column)) }

    init(file: String) { self.file = file }

    mutating func take(_ byte: UInt8) throws(InputError) {
      column += 1
      defer { previous = byte }
      if byte == UInt8(ascii: "\n") {
        line += 1
        column = 0
        dashes = 0
        comment = false
        onlyIndentation = true
        return
      }
      if byte == 0 { throw InputError(.data, at: location, "a NUL byte is not text") }
      if comment { return }
      if quote != 0 {
        if byte == quote && !(quote == UInt8(ascii: "\"") && previous == UInt8(ascii: "\\")) { quote = 0 }
        return
      }
      let starts = isSeparator(previous)
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "'"): if starts { quote = byte }
      case UInt8(ascii: "#"): if starts { comment = true }
      case UInt8(ascii: "["), UInt8(ascii: "{"): try enter()
      case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
      case UInt8(ascii: "*"), UInt8(ascii: "&"):
        if starts {
          throw InputError(
            .data, at: location, "anchors (&) and aliases (*) are not accepted; write the value out")
        }
      case UInt8(ascii: "-"), UInt8(ascii: "?"):
        if onlyIndentation {
          dashes += 1
          if dashes > YAMLGuard.deepest { throw tooDeep }
        }
      case UInt8(ascii: " "):
        if onlyIndentation && column > 4 * YAMLGuard.deepest { throw tooDeep }
      default: onlyIndentation = false
      }
    }

    private mutating func enter() throws(InputError) {
      onlyIndentation = false
      depth += 1
      if depth > YAMLGuard.deepest { throw tooDeep }
    }

    private var tooDeep: InputError {
      InputError(.data, at: location, "nested more than \(YAMLGuard.deepest) levels deep")
    }

    private func isSeparator(_ byte: UInt8) -> Bool {
      [0x0A, 0x0D, 0x20, 0x09].contains(byte) || byte == UInt8(ascii: "[") || byte == UInt8(ascii: "{")
        || byte == UInt8(ascii: ",") || byte == UInt8(ascii: ":") || byte == UInt8(ascii: "-")
    }
  }
}
