import Basics

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

  /// Quotes what needs it; what would run as a formula in a spreadsheet (after spaces too, and in the full width of CJK
  /// keyboards) gets an apostrophe. Controls but line ends and tabs are spaces.
  private static func escape(_ text: String) -> String {
    var text = text.escaped { "\n\r\t".unicodeScalars.contains($0) || !$0.isControl ? nil : " " }
    let start = text.unicodeScalars.first { $0 != " " && $0 != "\n" }
    if let start, "=+-@\t\r＝＋－＠".unicodeScalars.contains(start) { text = "'" + text }
    guard text.unicodeScalars.contains(where: { ",\"\n\r".unicodeScalars.contains($0) }) else { return text }
    return "\"" + text.escaped { $0 == "\"" ? "\"\"" : nil } + "\""
  }
}
