/// Tab-separated, for spreadsheets' clipboards.
enum TSVRenderer {
  static func write(_ records: Records, to out: inout TextStream) throws {
    try out.write(records.columns.joined(separator: "\t") + "\n")
    try records.forEach { row in try out.write(row.map(cell).joined(separator: "\t") + "\n") }
  }

  private static func cell(_ value: JSONValue) -> String {
    if case .string(let text) = value { return text.replacing("\t", with: " ").replacing("\n", with: " ") }
    return value.serialised
  }
}
