/// The formats every command offers.
public enum ReportFormat: String, CaseIterable, Sendable {
  case text, markdown, csv, json, svg, html
}

public enum Renderer {
  /// - Parameters:
  ///   - width: columns of the terminal; text is wrapped to it.
  ///   - colour: ANSI sequences are allowed.
  ///   - pictures: charts written to files, which markdown links.
  public static func render(
    _ document: Document, as format: ReportFormat, width: Int = 100, colour: Bool = false,
    pictures: [(chart: Chart, path: String)] = []
  ) -> String {
    switch format {
    case .text: TextRenderer(width: max(40, width), colour: colour).render(document)
    case .markdown: MarkdownRenderer.render(document, pictures: pictures)
    case .csv: CSVRenderer.render(document.records)
    case .json: document.json.serialised
    case .svg: Chart.stacked(document.charts(), command: document.command)
    case .html: HTMLRenderer.render(document)
    }
  }
}
