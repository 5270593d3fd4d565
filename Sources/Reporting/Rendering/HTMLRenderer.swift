import Basics

/// One self-contained page: no network, readable without its script, light and dark, for print and for screen readers.
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
    let blocks: [BlockView]
    let charts: [ChartView]
    let hasCharts: Bool
    let json: String

    init(_ document: Document) {
      title = document.title
      command = document.command
      version = document.version
      style = HTMLTemplate.style + ChartStyle.pageSheet
      script = HTMLTemplate.script
      blocks = document.answered.map(BlockView.init)
      charts = document.charts().map {
        ChartView(svg: $0.inline(), title: $0.title, finding: $0.finding, caption: $0.caption)
      }
      hasCharts = !charts.isEmpty
      // “</script>” or “<!--” inside a string would end the element.
      json = document.stamped.serialised.escaped { $0 == "<" ? "\\u003c" : $0 == "&" ? "\\u0026" : nil }
    }
  }

  struct ChartView {
    let svg, title, finding, caption: String
  }

  struct BlockView {
    var heading: String?
    var paragraph: String?
    var list: [String]?
    var lines: String?
    var table: TableView?

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
    let hasHead: Bool

    struct Column {
      let title: String
      let right: Bool
      let sortable: Bool
    }

    struct Row {
      let name: String
      let cells: [Cell]
    }

    struct Cell {
      let text: String
      let value: String?
      let right: Bool
      /// The first cell of a row names it.
      let head: Bool
    }

    init(_ table: Table) {
      hasHead = table.columns.contains { !$0.title.isEmpty }
      sortable = hasHead && !table.numbers.isEmpty && table.hasTotal
      let sorts = sortable
      columns = table.columns.map { Column(title: $0.title, right: $0.alignment == .right, sortable: sorts) }
      let all = table.rows.enumerated().map { index, row in
        Row(
          name: row.first ?? "",
          cells: row.enumerated().map { column, text in
            let number =
              table.numbers.indices.contains(index) && table.numbers[index].indices.contains(column)
              ? table.numbers[index][column] : nil
            return Cell(
              text: text, value: number.map { JSONValue.text(of: $0) },
              right: table.columns.indices.contains(column) && table.columns[column].alignment == .right,
              head: column == 0)
          })
      }
      rows = table.hasTotal ? Array(all.dropLast()) : all
      totals = table.hasTotal ? Array(all.suffix(1)) : []
    }
  }
}
