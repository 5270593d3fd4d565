import Specs

/// A CSV file with a header (RFC 4180): cells by column name, each row with its line.
public struct CSVTable: Sendable {
  public let file: String
  public let columns: [String: Int]
  public let header: [String]
  public let rows: [(line: Int, cells: [String])]

  /// - Throws: `InputError` 65 for a header that names a column twice or a quote that never closes.
  public init(_ source: SourceFile) throws(InputError) {
    file = source.name
    var rows: [(line: Int, cells: [String])] = []
    var cells: [String] = []
    var cell: [UInt8] = []
    var quoted = false
    var line = 1
    var start = 1
    var previous: UInt8 = 0
    for byte in source.text.utf8 {
      defer { previous = byte }
      if quoted {
        if byte == 0x22 { quoted = false } else { cell.append(byte) }
        if byte == 0x0A { line += 1 }
        continue
      }
      switch byte {
      case 0x22:
        if previous == 0x22 && !cell.isEmpty { cell.append(0x22) }
        quoted = true
      case 0x2C:
        cells.append(String(decoding: cell, as: UTF8.self))
        cell.removeAll(keepingCapacity: true)
      case 0x0A:
        cells.append(String(decoding: cell, as: UTF8.self))
        cell.removeAll(keepingCapacity: true)
        if cells != [""] { rows.append((start, cells)) }
        cells = []
        line += 1
        start = line
      case 0x0D: break
      default: cell.append(byte)
      }
    }
    guard !quoted else {
      throw InputError(.data, at: SourceLocation(file: source.name, line: start), "a quote is never closed")
    }
    cells.append(String(decoding: cell, as: UTF8.self))
    if cells != [""] { rows.append((start, cells)) }
    guard let first = rows.first else {
      throw InputError(.data, at: SourceLocation(file: source.name), "no header line")
    }
    var columns: [String: Int] = [:]
    header = first.cells.map { Self.trimmed($0.hasPrefix("\u{FEFF}") ? String($0.dropFirst()) : $0) }
    for (index, name) in header.enumerated() {
      guard columns[name] == nil else {
        throw InputError(
          .data, at: SourceLocation(file: source.name, line: first.line), "the column “\(name)” stands twice")
      }
      columns[name] = index
    }
    self.columns = columns
    self.rows = Array(rows.dropFirst())
  }

  /// Empty where the column or the cell is missing.
  public func cell(_ row: (line: Int, cells: [String]), _ column: String) -> String {
    guard let index = columns[column], row.cells.indices.contains(index) else { return "" }
    return Self.trimmed(row.cells[index])
  }

  static func trimmed(_ text: String) -> String {
    var view = Substring(text)
    while let first = view.first, first == " " || first == "\t" { view.removeFirst() }
    while let last = view.last, last == " " || last == "\t" { view.removeLast() }
    return String(view)
  }
}
