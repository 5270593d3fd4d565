/// RFC 4180, with LF line ends as Unix tools expect.
enum CSVRenderer {
  static func write(_ records: Records, to out: inout TextStream) throws {
    try out.write(records.columns.map(escape).joined(separator: ",") + "\n")
    try records.forEach { row in try out.write(row.map(cell).joined(separator: ",") + "\n") }
  }

  private static func text(_ item: JSONValue) -> String {
    if case .string(let text) = item { text } else { cell(item) }
  }

  private static func cell(_ value: JSONValue) -> String {
    switch value {
    case .null: ""
    case .bool(let flag): flag ? "true" : "false"
    case .number(let number): number.isFinite ? JSONValue.text(of: number) : ""
    case .string(let text): escape(text)
    case .array(let items): escape(items.map(text).joined(separator: "; "))
    case .object, .stream: escape(value.serialised)
    }
  }

  /// Quotes what needs it; a leading =, +, - or @ would run as a formula in a spreadsheet and gets an apostrophe.
  private static func escape(_ text: String) -> String {
    var text = text
    if let first = text.first, "=+-@\t\r".contains(first) { text = "'" + text }
    guard text.contains(where: { ",\"\n\r".contains($0) }) else { return text }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }
}
