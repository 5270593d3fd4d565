import Basics

/// Aligned plain text for terminals and pipes.
struct TextRenderer {
  let width: Int
  let colour: Bool
  var ascii = false
  /// Longer lines of prose are hard to read.
  private static let longestLine = 120

  func render(_ document: Document) -> String {
    let head =
      wrap(shown(document.title), indent: "").map(bold)
      + document.answer.flatMap { wrap(shown($0), indent: "  ", first: "") }
    var parts = [head.joined(separator: "\n")]
    for block in document.blocks() { parts.append(render(block)) }
    if let version = document.version { parts.append(shown(version)) }
    return parts.joined(separator: "\n\n") + "\n"
  }

  /// What a terminal can show of a text.
  private func shown(_ text: String) -> String { ascii ? text.inert.ascii : text.inert }

  private func render(_ block: Document.Block) -> String {
    switch block {
    case .heading(let text): return bold(shown(text))
    case .paragraph(let text): return wrap(shown(text), indent: "").joined(separator: "\n")
    case .list(let items):
      return items.flatMap { wrap(shown($0), indent: "  ", first: "- ") }.joined(separator: "\n")
    case .lines(let lines): return lines.flatMap(formula).joined(separator: "\n")
    case .table(let table): return render(table)
    }
  }

  /// Keeps a line's own indentation; what runs over goes below, further in.
  private func formula(_ line: String) -> [String] {
    let text = shown(line)
    let indent = "  " + String(text.prefix { $0 == " " })
    let lines = Self.breakLines(String(text.drop { $0 == " " }), width: width - indent.count - 4)
    return lines.enumerated().map { ($0 == 0 ? indent : indent + "    ") + $1 }
  }

  /// In as many tables one below the other as it takes to break no word and no number, each with the first column.
  private func render(_ table: Table) -> String {
    let titles = table.columns.map { shown($0.title) }
    let cells = table.rows.map { $0.map(shown) }
    var columns = Array(table.columns.indices)
    func widest(_ measure: (String) -> Int) -> [Int] {
      columns.map { index in
        cells.reduce(measure(titles[index])) { max($0, $1.indices.contains(index) ? measure($1[index]) : 0) }
      }
    }
    let widths = widest(\.count)
    let words = widest { $0.split(separator: " ").map(\.count).max() ?? 0 }
    // A short number stays with its unit.
    let fewest = columns.map { index in
      table.columns[index].alignment == .right && widths[index] <= 12 ? widths[index] : words[index]
    }
    for title in table.optional where columns.reduce(-2, { $0 + fewest[$1] + 2 }) > width {
      columns.removeAll { table.columns[$0].title == title }
    }
    var parts: [[Int]] = [[]]
    for column in columns {
      let taken = parts[parts.count - 1].reduce(0) { $0 + fewest[$1] + 2 }
      if parts[parts.count - 1].count > 1, taken + fewest[column] > width {
        parts.append([0])
      }
      parts[parts.count - 1].append(column)
    }
    return parts.map { part in
      render(part, of: table, titles, cells, fitted(part.map { widths[$0] }, part.map { fewest[$0] }))
    }.joined(separator: "\n\n")
  }

  private func render(
    _ columns: [Int], of table: Table, _ titles: [String], _ cells: [[String]], _ widths: [Int]
  ) -> String {
    func aligned(_ row: [String]) -> [String] {
      layOut(
        columns.map { row.indices.contains($0) ? row[$0] : "" }, columns.map { table.columns[$0].alignment },
        widths)
    }
    var lines: [String] = []
    if columns.contains(where: { !titles[$0].isEmpty }) { lines = aligned(titles).map(dim) }
    for (index, row) in cells.enumerated() {
      let total = table.hasTotal && index == cells.count - 1
      if total {
        let full = widths.reduce(0, +) + 2 * (widths.count - 1)
        lines.append(dim(shown(String(repeating: "─", count: full))))
      }
      lines += total ? aligned(row).map(bold) : aligned(row)
    }
    return lines.joined(separator: "\n")
  }

  /// Takes from the widest columns, from left to right, until the table fits or none is wider than its words.
  private func fitted(_ widths: [Int], _ fewest: [Int]) -> [Int] {
    var widths = widths
    var excess = widths.reduce(0, +) + 2 * (widths.count - 1) - width
    // Cells of a megabyte come down to the page first.
    for index in widths.indices where excess > 0 && widths[index] > width {
      let step = min(excess, widths[index] - max(fewest[index], width))
      (widths[index], excess) = (widths[index] - step, excess - step)
    }
    while excess > 0 {
      let wide = widths.indices.filter { widths[$0] > max(fewest[$0], 8) }
      guard let most = wide.map({ widths[$0] }).max(), let index = wide.first(where: { widths[$0] == most })
      else { break }
      (widths[index], excess) = (widths[index] - 1, excess - 1)
    }
    return widths
  }

  private func layOut(_ row: [String], _ alignments: [Table.Alignment], _ widths: [Int]) -> [String] {
    let wrapped = row.enumerated().map { index, cell in
      Self.breakLines(cell, width: widths[index])
    }
    let height = wrapped.map(\.count).max() ?? 1
    return (0..<height).map { line in
      let parts = wrapped.enumerated().map { index, lines in
        let text = lines.indices.contains(line) ? lines[line] : ""
        let padding = String(repeating: " ", count: max(0, widths[index] - text.count))
        return alignments[index] == .right ? padding + text : text + padding
      }
      return parts.joined(separator: "  ").trimmedEnd
    }
  }

  private func wrap(_ text: String, indent: String, first: String? = nil) -> [String] {
    let lines = Self.breakLines(text, width: min(width, Self.longestLine) - indent.count)
    return lines.enumerated().map { ($0 == 0 ? first ?? indent : indent) + $1 }
  }

  /// Breaks at spaces, and not within a word, however long.
  static func breakLines(_ text: String, width: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ", omittingEmptySubsequences: false) {
      if !line.isEmpty && line.count + 1 + word.count > width {
        lines.append(line)
        line = ""
      }
      line += (line.isEmpty ? "" : " ") + word
    }
    lines.append(line)
    return lines
  }

  private func bold(_ text: String) -> String { colour ? "\u{1B}[1m\(text)\u{1B}[0m" : text }
  private func dim(_ text: String) -> String { colour ? "\u{1B}[2m\(text)\u{1B}[0m" : text }
}
