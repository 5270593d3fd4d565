import Basics
import Specs

/// Rows of separated values (RFC 4180, but no field spans lines: one open quote must not swallow a file) or of a markdown
/// table, line by line.
struct RowScanner {
  /// Nil for a markdown table: its cells stand between bars.
  let separator: UInt8?
  private var rest: Substring.UTF8View
  /// Of the row that was read last; from 1.
  private(set) var line = 0

  init(_ text: String, separator: UInt8? = UInt8(ascii: ",")) {
    rest = Substring(text).utf8
    self.separator = separator
  }

  /// The next line as it stands, to find a heading among others.
  mutating func nextLine() -> Substring.UTF8View? {
    guard !rest.isEmpty else { return nil }
    line += 1
    let end = rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.endIndex
    defer { rest = end == rest.endIndex ? rest[end...] : rest[rest.index(after: end)...] }
    return rest[..<end]
  }

  /// Cells may hold separators.
  var hasQuotes: Bool { rest.contains(UInt8(ascii: "\"")) }

  /// Nil at the end.
  mutating func next() -> (fields: [String], isOpen: Bool)? { nextLine().map(split) }

  /// - Returns: also whether a quote opens in the line and does not close.
  func split(_ line: Substring.UTF8View) -> (fields: [String], isOpen: Bool) {
    var fields: [String] = []
    var field: [UInt8] = []
    var quoted = false
    var index = line.startIndex
    func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
    while index != line.endIndex {
      let byte = line[index]
      index = line.index(after: index)
      switch byte {
      case UInt8(ascii: "\"") where separator != nil:
        if quoted, index != line.endIndex, line[index] == byte {
          field.append(byte)
          index = line.index(after: index)
        } else {
          quoted.toggle()
        }
      case separator ?? UInt8(ascii: "|") where !quoted:
        fields.append(text(field))
        field.removeAll(keepingCapacity: true)
      case UInt8(ascii: "\r") where index == line.endIndex: break
      default: field.append(byte)
      }
    }
    fields.append(text(field))
    return (separator == nil ? fields.dropFirst().dropLast().map(\.trimmed) : fields, quoted)
  }
}

/// A table in a text: its heading, wherever it stands, and what separates its cells.
struct RunTable {
  let heading: [String]
  /// Behind the heading.
  private(set) var rows: RowScanner
  private(set) var columns: [String: Int]

  /// Headings are looked for so far.
  private static let searched = 1 << 20

  /// The first line of `text` whose cells `accepts`.
  init?(in text: String, where accepts: ([String]) -> Bool) {
    for separator in [",", ";", "\t", "|"].map({ $0.utf8.first }) {
      let isMarkdown = separator == UInt8(ascii: "|")
      var rows = RowScanner(text, separator: isMarkdown ? nil : separator)
      var seen = 0
      while seen < Self.searched, let line = rows.nextLine() {
        seen += line.count + 1
        guard line.contains(separator ?? 0) else { continue }
        let cells = rows.split(line).fields.map(\.trimmed)
        guard accepts(cells) else { continue }
        heading = cells
        columns = Dictionary(cells.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        self.rows = rows
        return
      }
    }
    return nil
  }

  /// The same table with some of its columns; the others are passed over.
  func keeping(_ isKept: (String) -> Bool) -> RunTable {
    var table = self
    table.columns = columns.filter { isKept($0.key) }
    return table
  }

  /// The next row that has cells; rules below markdown headings are none.
  mutating func next(file: String) -> (row: RunsReader.Row, isOpen: Bool)? {
    while let (fields, isOpen) = rows.next() {
      if fields.allSatisfy(\.isEmpty) { continue }
      if rows.separator == nil, fields.allSatisfy({ $0.allSatisfy { "-: ".contains($0) } }) { continue }
      let at = SourceLocation(file: file, line: rows.line, column: 1)
      return (RunsReader.Row(columns: columns, fields: fields, at: at), isOpen)
    }
    return nil
  }
}
