import Specs

extension JSONScanner {
  /// The value that stands here, with everything in it.
  mutating func node() throws(InputError) -> JSONNode {
    try skipSpace()
    let place = location
    let value: JSONNode.Value
    switch try peek() {
    case UInt8(ascii: "{"):
      var members: [JSONMember] = []
      try object { (key, at, scanner) throws(InputError) in
        let node = try scanner.node()
        members.append(JSONMember(key: key, line: at.line, column: at.column, value: node))
      }
      value = .object(members)
    case UInt8(ascii: "["):
      var items: [JSONNode] = []
      try array { (scanner) throws(InputError) in items.append(try scanner.node()) }
      value = .array(items)
    default: value = try scalar()
    }
    return JSONNode(value: value, line: place.line, column: place.column)
  }

  /// Reads over the value that stands here.
  mutating func skip() throws(InputError) {
    switch try peek() {
    case UInt8(ascii: "{"):
      try object { (_, _, scanner) throws(InputError) in try scanner.skip() }
    case UInt8(ascii: "["): try array { (scanner) throws(InputError) in try scanner.skip() }
    default: _ = try scalar()
    }
  }

  private mutating func scalar() throws(InputError) -> JSONNode.Value {
    try countValue()
    switch try peek() {
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case UInt8(ascii: "N"): return try word("NaN", .nonFinite("NaN"))
    case UInt8(ascii: "I"): return try word("Infinity", .nonFinite("Infinity"))
    case .some(UInt8(ascii: "-")), .some(UInt8(ascii: "0")...UInt8(ascii: "9")): return try number()
    default: throw try unexpected("a value")
    }
  }

  private mutating func word(_ word: String, _ value: JSONNode.Value) throws(InputError) -> JSONNode.Value {
    for byte in word.utf8 { try expect(byte, "“\(word)”") }
    return value
  }

  private mutating func number() throws(InputError) -> JSONNode.Value {
    var text: [UInt8] = []
    if try peek() == UInt8(ascii: "-") {
      text.append(UInt8(ascii: "-"))
      try advance()
      if try peek() == UInt8(ascii: "I") { return try word("Infinity", .nonFinite("-Infinity")) }
    }
    let leadingZero = try peek() == UInt8(ascii: "0")
    let whole = try digits(into: &text)
    if leadingZero && whole > 1 { throw failure("a number does not start with 0") }
    if try peek() == UInt8(ascii: ".") {
      text.append(UInt8(ascii: "."))
      try advance()
      _ = try digits(into: &text)
    }
    if let byte = try peek(), byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") {
      text.append(byte)
      try advance()
      if let sign = try peek(), sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
        text.append(sign)
        try advance()
      }
      _ = try digits(into: &text)
    }
    return .number(String(decoding: text, as: UTF8.self))
  }

  private mutating func digits(into text: inout [UInt8]) throws(InputError) -> Int {
    var count = 0
    while let byte = try peek(), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
      if text.count >= 400 { throw failure("a number has more than 400 digits") }
      text.append(byte)
      count += 1
      take(byte)
    }
    if count == 0 { throw try unexpected("a digit") }
    return count
  }

  /// A whole number from 0, for headers that are not kept.
  mutating func unsigned(_ what: String) throws(InputError) -> UInt64 {
    let place = location
    guard case .number(let text) = try scalar(), let value = UInt64(text) else {
      throw InputError(.data, at: place, "\(what) has to be a whole number from 0")
    }
    return value
  }

  mutating func string() throws(InputError) -> String {
    let start = location
    try expect(UInt8(ascii: "\""), "“\"”")
    var bytes: [UInt8] = []
    bytes.reserveCapacity(64)
    var ascii = true
    while let byte = try peek() {
      if bytes.count > limits.stringBytes {
        throw InputError(.data, at: start, "text of more than \(limits.stringBytes) bytes")
      }
      switch byte {
      case UInt8(ascii: "\""):
        try advance()
        if !ascii && SourceFile.firstInvalidUTF8(bytes) != nil {
          throw InputError(.data, at: start, "text is not valid UTF-8")
        }
        return String(decoding: bytes, as: UTF8.self)
      case UInt8(ascii: "\\"):
        try advance()
        try escape(into: &bytes)
      case 0..<0x20: throw failure("a control character inside text has to be escaped")
      default:
        if byte >= 0x80 { ascii = false }
        bytes.append(byte)
        take(byte)
      }
    }
    throw InputError(.data, at: start, "text without closing “\"”")
  }

  private mutating func escape(into bytes: inout [UInt8]) throws(InputError) {
    guard let byte = try peek() else { throw failure("the text ends in an escape") }
    let plain: [UInt8: UInt8] = [
      UInt8(ascii: "\""): 0x22, UInt8(ascii: "\\"): 0x5C, UInt8(ascii: "/"): 0x2F, UInt8(ascii: "b"): 0x08,
      UInt8(ascii: "f"): 0x0C, UInt8(ascii: "n"): 0x0A, UInt8(ascii: "r"): 0x0D, UInt8(ascii: "t"): 0x09,
    ]
    if let value = plain[byte] {
      bytes.append(value)
      return try advance()
    }
    guard byte == UInt8(ascii: "u") else { throw try unexpected("one of \" \\ / b f n r t u after “\\”") }
    try advance()
    var code = UInt32(try hex())
    if (0xD800..<0xDC00).contains(code) {
      try expect(UInt8(ascii: "\\"), "the second half of a surrogate pair")
      try expect(UInt8(ascii: "u"), "the second half of a surrogate pair")
      let low = UInt32(try hex())
      guard (0xDC00..<0xE000).contains(low) else { throw failure("half a surrogate pair") }
      code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
    }
    guard let scalar = UnicodeScalar(code) else { throw failure("half a surrogate pair") }
    bytes += Array(String(Character(scalar)).utf8)
  }

  private mutating func hex() throws(InputError) -> UInt16 {
    var value: UInt16 = 0
    for _ in 0..<4 {
      guard let byte = try peek(), let digit = Character(UnicodeScalar(byte)).hexDigitValue else {
        throw try unexpected("four hexadecimal digits")
      }
      value = value << 4 | UInt16(digit)
      try advance()
    }
    return value
  }
}
