import Basics

/// One self-contained page: no network, readable without its script, light and dark, for print and for screen readers.
///
/// Its answer stands in front, then the first two pictures beside each other, then the table whose rows they show.
enum HTMLRenderer {
  static func render(_ document: Document) -> String {
    Markup.page?.render(Page(document)) ?? ""
  }

  /// What the template sees. Double braces escape; what is already markup stands in triple ones.
  struct Page {
    let title: String
    let command: String?
    let version: String?
    let style: String
    let script: String
    let headlines: [Headline]
    let blocks: [BlockView]
    let json: String

    init(_ document: Document) {
      title = document.title
      command = document.command
      version = document.version
      style = HTMLTemplate.style + ChartStyle.sheet
      script = HTMLTemplate.script
      headlines = (document.answer.isEmpty ? document.headlines : document.answer).map(Headline.init)
      blocks = Self.arranged(document.blocks().map(BlockView.init), document.charts().map(ChartView.init))
      // “</script>” or “<!--” inside a string would end the element.
      json = document.stamped.serialised.escaped { $0 == "<" ? "\\u003c" : $0 == "&" ? "\\u0026" : nil }
    }

    private static func arranged(_ blocks: [BlockView], _ charts: [ChartView]) -> [BlockView] {
      guard !charts.isEmpty else { return blocks }
      let table = blocks.prefix(3).firstIndex { $0.table != nil } ?? -1
      var all = [BlockView(figures: Array(charts.prefix(2)), opensLead: true)] + blocks
      all[table + 1].closesLead = true
      return all + (charts.count > 2 ? [BlockView(figures: Array(charts.dropFirst(2)))] : [])
    }
  }

  /// A line of the answer: its first words large, the rest small.
  struct Headline {
    let figure: String
    let rest: String?

    init(_ line: String) {
      let ends = [", ", ": ", "; "].compactMap { line.firstRange(of: $0) }
      guard let end = ends.min(by: { $0.lowerBound < $1.lowerBound }) else {
        (figure, rest) = (line, nil)
        return
      }
      (figure, rest) = (String(line[..<end.lowerBound]), String(line[end.upperBound...]))
    }
  }

  struct ChartView {
    let svg, finding, caption: String
    /// Its marks are rows.
    let isLinked: Bool

    init(_ chart: Chart) {
      (svg, finding, caption) = (chart.inline(), chart.finding, chart.caption)
      isLinked = chart.isInteractive
    }
  }

  struct BlockView {
    var heading: String?
    var paragraph: String?
    var list: [String]?
    var lines: String?
    var table: TableView?
    var figures: [ChartView]?
    /// Pictures and the table behind them, on the screen together where marks are rows.
    var opensLead = false
    var closesLead = false
    var isLinked = false

    init(figures: [ChartView], opensLead: Bool = false) {
      (self.figures, self.opensLead) = (figures, opensLead)
      isLinked = figures.contains(where: \.isLinked)
    }

    init(_ block: Document.Block) {
      switch block {
      case .heading(let text): heading = text
      case .paragraph(let text): paragraph = text
      case .list(let items): list = items
      case .lines(let text): lines = text.joined(separator: "\n")
      case .table(let value): table = TableView(value)
      }
    }
  }

  struct TableView {
    let columns: [Column]
    let rows: [Row]
    let totals: [Row]
    let sortable: Bool
    let searchable: Bool
    let hasHead: Bool
    /// For those who do not see it.
    let label: String

    struct Column {
      let title: String
      let right: Bool
      let sortable: Bool
    }

    struct Row {
      let name: String
      /// Takes the focus, for the marks that belong to it.
      let focusable: Bool
      let cells: [Cell]
    }

    struct Cell {
      let text: String
      let value: String?
      let right: Bool
      /// Long enough to be broken into lines.
      let wraps: Bool
      /// The first cell of a row names it.
      let head: Bool
      /// Percent.
      let bar: String?
    }

    init(_ table: Table) {
      hasHead = table.columns.contains { !$0.title.isEmpty }
      let sorts = hasHead && !table.numbers.isEmpty && (table.hasTotal || table.isCatalogue)
      let focusable = sorts && table.hasTotal
      (sortable, searchable) = (sorts, table.isCatalogue)
      label = "table" + (table.columns.first.map { $0.title.isEmpty ? "" : " by \($0.title)" } ?? "")
      columns = table.columns.enumerated().map { index, column in
        // The first names rows, at their left.
        Column(
          title: column.title, right: index > 0 && column.alignment == .right,
          sortable: sorts && !column.title.isEmpty)
      }
      func entry(_ list: [[Double?]], _ row: Int, _ column: Int) -> Double? {
        list.indices.contains(row) && list[row].indices.contains(column) ? list[row][column] : nil
      }
      let all = table.rows.enumerated().map { index, row in
        Row(
          name: row.first ?? "", focusable: focusable,
          cells: row.enumerated().map { column, text in
            Cell(
              text: text, value: entry(table.numbers, index, column).map { JSONValue.text(of: $0) },
              right: table.columns.indices.contains(column) && table.columns[column].alignment == .right,
              wraps: text.count > 32, head: column == 0,
              bar: entry(table.bars, index, column).map { SVG.number(min(100, max(0, 100 * $0))) })
          })
      }
      rows = table.hasTotal ? Array(all.dropLast()) : all
      totals = table.hasTotal ? Array(all.suffix(1)) : []
    }
  }
}
