import Basics

/// The formats every command offers. A new one is a case here and its renderer.
public enum ReportFormat: String, CaseIterable, Sendable {
  case text, markdown, csv, json, svg, html

  /// In every page, picture and markdown file: `rooftree report` writes over nothing that does not have it.
  public static let mark = "<!-- written by rooftree -->"

  /// `markdown` or, as files are called, `md`.
  public init?(named name: String) { self.init(rawValue: name == "md" ? "markdown" : name) }

  /// What the ending of a file's name asks for; nil where it says nothing of formats.
  public init?(file path: String) {
    let name = path.split(separator: "/").last ?? ""
    guard let dot = name.lastIndex(of: ".") else { return nil }
    switch name[name.index(after: dot)...].lowercased() {
    case "md", "markdown": self = .markdown
    case "htm", "html": self = .html
    case let ending:
      guard let format = Self(rawValue: ending), format != .text else { return nil }
      self = format
    }
  }

  /// Its files bear `mark`.
  public var isMarked: Bool { [.markdown, .svg, .html].contains(self) }

  /// Of its files' names.
  public var ending: String {
    switch self {
    case .text: "txt"
    case .markdown: "md"
    case .csv, .json, .svg, .html: rawValue
    }
  }

  /// It is nothing but the report's pictures.
  public var isPicture: Bool { self == .svg }

  /// Pictures stand beside it in files of their own.
  public var linksPictures: Bool { self == .markdown }

  /// Those of `formats` in a sentence: `text, markdown or csv`.
  public static func listed(_ formats: [ReportFormat] = allCases) -> String {
    let names = formats.map(\.rawValue)
    return names.dropLast().joined(separator: ", ") + " or " + (names.last ?? "")
  }

  /// How a report is shown.
  public struct Look: Sendable {
    /// Columns of the terminal; text is wrapped to them.
    public var width = 100
    /// Text has no characters but those of ASCII.
    public var ascii = false
    /// ANSI sequences are allowed.
    public var colour = false
    /// CSV begins with a comment that holds the command.
    public var cites = false
    /// Charts written to files, which markdown links.
    public var pictures: [(chart: Chart, path: String)] = []

    /// Plain, for files and pipes.
    public init() {}
  }

  /// Hands on the report piece by piece; long tables are never whole in memory in CSV and JSON.
  public func render(
    _ document: Document, _ look: Look = Look(), to hand: @escaping (String) throws -> Void
  ) throws {
    var out = TextStream(hand)
    switch self {
    case .text:
      try out.write(
        TextRenderer(width: max(40, look.width), colour: look.colour, ascii: look.ascii).render(document))
    case .markdown: try out.write(MarkdownRenderer.render(document, pictures: look.pictures))
    case .csv:
      if look.cites {
        for line in [document.command, document.version] { try line.map { try out.write("# \($0.inert)\n") } }
      }
      try CSVRenderer.write(document.records, to: &out)
    case .json: try document.stamped.write(to: &out)
    case .svg: try out.write(Chart.stacked(document.charts(), command: document.command))
    case .html: try out.write(HTMLRenderer.render(document))
    }
    try out.flush()
  }

  /// The whole report.
  public func text(of document: Document, _ look: Look = Look()) -> String {
    var text = ""
    try? render(document, look) { text += $0 }
    return text
  }
}
