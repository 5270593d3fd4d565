import Basics

/// Aligned plain text for terminals and pipes.
struct TextRenderer {
  let width: Int
  let colour: Bool

  func render(_ document: Document) -> String {
    var parts = [bold(document.title.inert)]
    for block in document.blocks() { parts.append(render(block)) }
    return parts.joined(separator: "\n\n") + "\n"
  }

  private func render(_ block: Document.Block) -> String {
    switch block {
    case .heading(let text): return bold(text.inert)
    case .paragraph(let text): return wrap(text.inert, indent: "").joined(separator: "\n")
    case .list(let items):
      return items.flatMap { wrap($0.inert, indent: "  ", first: "- ") }.joined(separator: "\n")
    case .lines(let lines): return lines.flatMap(formula).joined(separator: "\n")
    case .table(let table): return render(table)
    }
  }

  /// Keeps a line's own indentation; what runs over goes below, further in.
  private func formula(_ line: String) -> [String] {
    let text = line.inert
    let indent = "  " + String(text.prefix { $0 == " " })
    let lines = Self.breakLines(String(text.drop { $0 == " " }), width: width - indent.count - 4)
    return lines.enumerated().map { ($0 == 0 ? indent : indent + "    ") + $1 }
  }

  private func render(_ table: Table) -> String {
    let cells = table.rows.map { $0.map(\.inert) }
    var widths = table.columns.map { $0.title.inert.count }
    for row in cells {
      for (index, cell) in row.enumerated() where widths.indices.contains(index) {
        widths[index] = max(widths[index], cell.count)
      }
    }
    fit(&widths)
    let aligned = { (row: [String]) -> [String] in layOut(row, table: table, widths: widths) }
    var lines: [String] = []
    if table.columns.contains(where: { !$0.title.isEmpty }) {
      lines = aligned(table.columns.map { $0.title.inert }).map(dim)
    }
    for (index, row) in cells.enumerated() {
      let total = table.hasTotal && index == cells.count - 1
      if total {
        let full = widths.reduce(0, +) + 2 * (widths.count - 1)
        lines.append(dim(String(repeating: "─", count: full)))
      }
      lines += total ? aligned(row).map(bold) : aligned(row)
    }
    return lines.joined(separator: "\n")
  }

  /// Takes from the widest columns, from left to right, until the table fits or none is wider than 8; cells then run over
  /// several lines.
  private func fit(_ widths: inout [Int]) {
    var excess = widths.reduce(0, +) + 2 * (widths.count - 1) - width
    guard excess > 0 else { return }
    // The width that the wide ones are cut to: `wide` of them stand above it.
    let sorted = widths.sorted(by: >)
    var wide = 0
    var cap = sorted.first ?? 0
    while cap > 8 {
      while wide < sorted.count, sorted[wide] >= cap { wide += 1 }
      let next = max(8, wide < sorted.count ? sorted[wide] : 8)
      let steps = min(cap - next, excess / wide)
      cap -= steps
      excess -= steps * wide
      if cap > next { break }
    }
    for index in widths.indices where widths[index] >= cap {
      widths[index] = cap
      if excess > 0 && cap > 8 {
        widths[index] -= 1
        excess -= 1
      }
    }
  }

  private func layOut(_ row: [String], table: Table, widths: [Int]) -> [String] {
    let wrapped = row.enumerated().map { index, cell in
      Self.breakLines(cell, width: widths[index])
    }
    let height = wrapped.map(\.count).max() ?? 1
    return (0..<height).map { line in
      let parts = wrapped.enumerated().map { index, lines in
        let text = lines.indices.contains(line) ? lines[line] : ""
        let padding = String(repeating: " ", count: max(0, widths[index] - text.count))
        return table.columns[index].alignment == .right ? padding + text : text + padding
      }
      return parts.joined(separator: "  ").trimmedEnd
    }
  }

  private func wrap(_ text: String, indent: String, first: String? = nil) -> [String] {
    let lines = Self.breakLines(text, width: width - indent.count)
    return lines.enumerated().map { ($0 == 0 ? first ?? indent : indent) + $1 }
  }

  /// Breaks at spaces; a longer word is cut.
  static func breakLines(_ text: String, width: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ", omittingEmptySubsequences: false) {
      var word = word
      if !line.isEmpty && line.count + 1 + word.count > width {
        lines.append(line)
        line = ""
      }
      while word.count > width {
        lines.append(String(word.prefix(width)))
        word = word.dropFirst(width)
      }
      line += (line.isEmpty ? "" : " ") + word
    }
    lines.append(line)
    return lines
  }

  private func bold(_ text: String) -> String { colour ? "\u{1B}[1m\(text)\u{1B}[0m" : text }
  private func dim(_ text: String) -> String { colour ? "\u{1B}[2m\(text)\u{1B}[0m" : text }
}
