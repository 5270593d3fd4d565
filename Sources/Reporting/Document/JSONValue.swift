import Basics

/// JSON with members in the order they were written.
public enum JSONValue: Sendable, Hashable {
  case null
  case bool(Bool)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([Member])

  public struct Member: Sendable, Hashable {
    public var key: String
    public var value: JSONValue

    public init(_ key: String, _ value: JSONValue) {
      self.key = key
      self.value = value
    }
  }

  /// An object from pairs, in that order.
  public static func members(_ pairs: (String, JSONValue)...) -> JSONValue {
    .object(pairs.map { Member($0.0, $0.1) })
  }

  public subscript(key: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key == key }?.value
  }

  /// A number as short as reads back the same; whole numbers without a point; null for what JSON cannot say.
  public static func text(of number: Double) -> String {
    guard number.isFinite else { return "null" }
    if number == number.rounded() && abs(number) < 1e18 { return String(Int64(number)) }
    return "\(number)"
  }

  /// Two-space indentation, one member a line.
  public var serialised: String {
    var out = ""
    write(into: &out, indent: 0)
    return out + "\n"
  }

  private func write(into out: inout String, indent: Int) {
    switch self {
    case .null: out += "null"
    case .bool(let value): out += value ? "true" : "false"
    case .number(let value): out += Self.text(of: value)
    case .string(let value): Self.quote(value, into: &out)
    case .array(let values):
      Self.list(values, open: "[", close: "]", indent: indent, into: &out) { value, out in
        value.write(into: &out, indent: indent + 1)
      }
    case .object(let members):
      Self.list(members, open: "{", close: "}", indent: indent, into: &out) { member, out in
        Self.quote(member.key, into: &out)
        out += ": "
        member.value.write(into: &out, indent: indent + 1)
      }
    }
  }

  private static func list<T>(
    _ items: [T], open: String, close: String, indent: Int, into out: inout String,
    write: (T, inout String) -> Void
  ) {
    guard !items.isEmpty else {
      out += open + close
      return
    }
    let pad = String(repeating: "  ", count: indent + 1)
    out += open
    for (index, item) in items.enumerated() {
      out += (index == 0 ? "\n" : ",\n") + pad
      write(item, &out)
    }
    out += "\n" + pad.dropLast(2) + close
  }

  private static func quote(_ text: String, into out: inout String) {
    out += "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "\r": out += "\\r"
      case "\t": out += "\\t"
      case _ where scalar.value < 32:
        out += "\\u" + String(scalar.value, radix: 16).padded(to: 4, with: "0")
      default: out.unicodeScalars.append(scalar)
      }
    }
    out += "\""
  }
}
