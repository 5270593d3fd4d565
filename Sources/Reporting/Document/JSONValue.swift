import Basics

/// JSON with members in the order they were written.
public enum JSONValue: Sendable {
  case null
  case bool(Bool)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([Member])
  /// Items that are made one by one as they are written.
  case stream(Items)

  /// A name and its value.
  public struct Member: Sendable {
    /// Before the colon.
    public var key: String
    /// Behind it.
    public var value: JSONValue

    /// `"key": value`.
    public init(_ key: String, _ value: JSONValue) {
      self.key = key
      self.value = value
    }
  }

  /// See `stream`.
  public struct Items: Sendable {
    fileprivate let each: @Sendable (_ body: (JSONValue) throws -> Void) throws -> Void
  }

  /// An object from pairs, in that order.
  public static func members(_ pairs: (String, JSONValue)...) -> JSONValue {
    .object(pairs.map { Member($0.0, $0.1) })
  }

  /// A member by its name.
  package subscript(key: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key == key }?.value
  }

  /// An array of which only the item in hand is alive.
  static func list<Row>(
    _ rows: some Sequence<Row> & Sendable, _ item: @escaping @Sendable (Row) -> JSONValue
  ) -> JSONValue {
    .stream(Items { body in for row in rows { try body(item(row)) } })
  }

  /// The number, if it is one.
  package var number: Double? { if case .number(let value) = self { value } else { nil } }

  /// A number as short as reads back the same; whole numbers without a point; null for what JSON cannot say.
  public static func text(of number: Double) -> String {
    guard number.isFinite else { return "null" }
    if number == number.rounded() && abs(number) < 1e18 { return String(Int64(number)) }
    return "\(number)"
  }

  /// As `write` writes it.
  public var serialised: String { (try? TextStream.collected { try write(to: &$0) }) ?? "" }

  /// Two-space indentation, one member a line.
  func write(to out: inout TextStream) throws {
    try write(to: &out, indent: 0)
    try out.write("\n")
  }

  private func write(to out: inout TextStream, indent: Int) throws {
    switch self {
    case .null: try out.write("null")
    case .bool(let value): try out.write(value ? "true" : "false")
    case .number(let value): try out.write(Self.text(of: value))
    case .string(let value): try out.write(Self.quoted(value))
    case .array(let values):
      try Self.bracket("[", "]", indent, to: &out) { next in
        for value in values { try next(nil, value) }
      }
    case .stream(let items):
      try Self.bracket("[", "]", indent, to: &out) { next in try items.each { try next(nil, $0) } }
    case .object(let members):
      try Self.bracket("{", "}", indent, to: &out) { next in
        for member in members { try next(member.key, member.value) }
      }
    }
  }

  private static func bracket(
    _ open: String, _ close: String, _ indent: Int, to out: inout TextStream,
    _ items: (_ next: (String?, JSONValue) throws -> Void) throws -> Void
  ) throws {
    let pad = String(repeating: "  ", count: indent + 1)
    var isFirst = true
    try out.write(open)
    try items { key, value in
      try out.write((isFirst ? "\n" : ",\n") + pad)
      isFirst = false
      if let key { try out.write(quoted(key) + ": ") }
      try value.write(to: &out, indent: indent + 1)
    }
    try out.write(isFirst ? close : "\n" + pad.dropLast(2) + close)
  }

  private static func quoted(_ text: String) -> String {
    let inside = text.escaped { scalar in
      switch scalar {
      case "\"", "\\": "\\\(scalar)"
      case "\n": "\\n"
      case "\r": "\\r"
      case "\t": "\\t"
      case _ where scalar.isControl:
        String(scalar).utf16.map { "\\u" + String($0, radix: 16).padded(to: 4, with: "0") }.joined()
      default: nil
      }
    }
    return "\"\(inside)\""
  }
}

extension JSONValue {
  /// An object with one more member, where there is one.
  func with(_ key: String, _ value: JSONValue?) -> JSONValue {
    guard let value, case .object(let members) = self else { return self }
    return .object(members + [Member(key, value)])
  }
}
