import Basics

/// GitHub-flavoured markdown.
enum MarkdownRenderer {
  /// - Parameter pictures: charts that were written to files, and the paths to link.
  static func render(_ document: Document, pictures: [(chart: Chart, path: String)] = []) -> String {
    var parts = ["# \(escape(document.title))"]
    if let command = document.command {
      parts.append("`` \(code(command)) ``")
    }
    for block in document.answered { parts.append(render(block)) }
    if !pictures.isEmpty {
      parts.append("## Pictures")
      for picture in pictures {
        parts.append(
          "![\(escape(picture.chart.finding))](\(link(picture.path)))\n\n\(escape(picture.chart.finding))"
            + " \(escape(picture.chart.caption))")
      }
    }
    if let version = document.version { parts.append(escape(version)) }
    return parts.joined(separator: "\n\n") + "\n\n\(ReportFormat.mark)\n"
  }

  private static func render(_ block: Document.Block) -> String {
    switch block {
    case .heading(let text): "## \(escape(text))"
    case .paragraph(let text): line(text)
    case .list(let items): items.map { "- \(line($0))" }.joined(separator: "\n")
    case .lines(let lines): fenced(lines.map(\.inert))
    case .table(let table): render(table)
    }
  }

  private static func render(_ table: Table) -> String {
    var lines = ["| " + table.columns.map { escape($0.title) }.joined(separator: " | ") + " |"]
    lines.append(
      "|" + table.columns.map { $0.alignment == .right ? "--:" : "---" }.joined(separator: "|") + "|")
    for (index, row) in table.rows.enumerated() {
      let bold = table.hasTotal && index == table.rows.count - 1
      let cells = row.map { bold && !$0.isEmpty ? "**\(escape($0))**" : escape($0) }
      lines.append("| " + cells.joined(separator: " | ") + " |")
    }
    return lines.joined(separator: "\n")
  }

  /// Keeps a name from being read as markup or as a table's bar.
  static func escape(_ text: String) -> String {
    text.escaped { scalar in
      switch scalar {
      case "|", "<", ">", "`", "*", "_", "[", "]", "\\": "\\\(scalar)"
      default: scalar.isControl ? " " : nil
      }
    }
  }

  /// The same where a line begins, which a mark, alone or before a space, would make a heading, a list or a rule of.
  private static func line(_ text: String) -> String {
    let text = escape(text)
    let scalars = text.unicodeScalars.drop { $0 == " " }
    let digits = scalars.drop { ("0"..."9").contains($0) }
    let marks = (digits.startIndex == scalars.startIndex ? "#+-=~" : ".)").unicodeScalars
    guard let first = digits.first, marks.contains(first),
      digits.drop(while: { $0 == first }).first.map({ $0 == " " || first == "~" }) != false
    else { return text }
    return text[..<digits.startIndex] + "\\" + text[digits.startIndex...]
  }

  /// Between backticks: a line without any.
  static func code(_ text: String) -> String { text.inert.escaped { $0 == "`" ? "'" : nil } }

  /// A path that stands in a link.
  static func link(_ path: String) -> String {
    path.escaped { scalar in
      scalar.isControl || " ()<>\\|\"%".unicodeScalars.contains(scalar)
        ? String(scalar).utf8.map { "%" + String($0, radix: 16, uppercase: true).padded(to: 2, with: "0") }
          .joined()
        : nil
    }
  }

  /// A block that no line in it ends.
  private static func fenced(_ lines: [String]) -> String {
    var fence = "```"
    while lines.contains(where: { $0.contains(fence) }) { fence += "`" }
    return ([fence] + lines + [fence]).joined(separator: "\n")
  }
}
