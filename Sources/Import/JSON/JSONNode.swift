import Specs

/// A JSON value and where it stands.
package struct JSONNode: Hashable, Sendable, PositionedValue {
  package enum Value: Hashable, Sendable {
    case null
    case bool(Bool)
    /// As written, since 64-bit whole numbers do not fit a Double.
    case number(String)
    /// `Infinity`, `-Infinity`, `NaN`: not JSON, but Python writes them (Mamba's `time_step_limit`).
    case nonFinite(String)
    case string(String)
    case array([JSONNode])
    case object([JSONMember])
  }

  package var value: Value
  package var line: Int
  package var column: Int

  /// The value as found, shortened.
  package var shown: String {
    switch value {
    case .null: "null"
    case .bool(let flag): flag ? "true" : "false"
    case .number(let text), .nonFinite(let text): String(text.prefix(60))
    case .string(let text): "“\(text.prefix(60))\(text.count > 60 ? "…" : "")”"
    case .array(let items): "a list of \(items.count)"
    case .object: "an object"
    }
  }

  package var isNull: Bool { value == .null }

  package var string: String? {
    if case .string(let text) = value { return text }
    return nil
  }

  package var bool: Bool? {
    if case .bool(let flag) = value { return flag }
    return nil
  }

  package var array: [JSONNode]? {
    if case .array(let items) = value { return items }
    return nil
  }

  package var members: [JSONMember]? {
    if case .object(let members) = value { return members }
    return nil
  }

  package var number: Double? {
    guard case .number(let text) = value, let number = Double(text), number.isFinite else { return nil }
    return number
  }

  /// A whole number, `4096` or `4096.0`.
  package var int: Int? {
    guard case .number(let text) = value else { return nil }
    if let whole = Int(text) { return whole }
    guard let number, number == number.rounded(), abs(number) < 9e15 else { return nil }
    return Int(number)
  }

  package func location(in file: String) -> SourceLocation {
    SourceLocation(file: file, line: line, column: column)
  }

  package subscript(key: String) -> JSONNode? { members?.first { $0.key == key }?.value }
}

package struct JSONMember: Hashable, Sendable {
  package var key: String
  package var line: Int
  package var column: Int
  package var value: JSONNode
}

extension JSONNode {
  /// Reads one strict JSON text (RFC 8259): no comments, no trailing commas, no duplicate keys.
  ///
  /// - Throws: `InputError` with line and column.
  package static func read(_ source: SourceFile) throws(InputError) -> JSONNode {
    let bytes = Array(source.text.utf8)
    var scanner = JSONScanner(
      ByteSource(name: source.name, bytes: bytes), range: 0..<bytes.count, limits: .document)
    let node = try scanner.node()
    try scanner.finish()
    return node
  }
}
