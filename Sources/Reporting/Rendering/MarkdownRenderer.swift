/// GitHub-flavoured markdown.
enum MarkdownRenderer {
  /// - Parameter pictures: charts that were written to files, and the paths to link.
  static func render(_ document: Document, pictures: [(chart: Chart, path: String)] = []) -> String {
    var parts = ["# \(escape(document.title))"]
    if let command = document.command {
      parts.append("`` \(command.replacing("`", with: "'")) ``")
    }
    for block in document.blocks() { parts.append(render(block)) }
    if !pictures.isEmpty {
      parts.append("## Pictures")
      for picture in pictures {
        parts.append(
          "![\(escape(picture.chart.finding))](\(picture.path))\n\n\(escape(picture.chart.finding))"
            + " \(escape(picture.chart.caption))")
      }
    }
    return parts.joined(separator: "\n\n") + "\n"
  }

  private static func render(_ block: Document.Block) -> String {
    switch block {
    case .heading(let text): "## \(escape(text))"
    case .paragraph(let text): escape(text)
    case .list(let items): items.map { "- \(escape($0))" }.joined(separator: "\n")
    case .lines(let lines): "```\n" + lines.joined(separator: "\n") + "\n```"
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
    var out = ""
    for character in text {
      switch character {
      case "|", "<", ">", "`", "*", "_", "[", "]", "\\": out += "\\\(character)"
      case "\n", "\r\n", "\r": out += " "
      default: out.append(character)
      }
    }
    return out
  }
}
