import Testing

@testable import Reporting

/// Names from files are inert: whatever they hold, a report has the shape that it has with plain ones, and no
/// reader is steered. Shapes are counted by scalars here, as browsers and spreadsheets read.
@Suite struct InertTests {
  static let hostile: [String] = [
    "\"\u{301}><script>alert(1)</script>", "'\u{301} onload='x", "</script\u{301}><!--", "<\u{338}b>",
    "&lt;\u{301}",
    ",\u{301}=1+1", "a\",\u{301}b", "\r\n=cmd|'/c calc'!A0", "=\u{301}1", "\t=1", "＝1", "|\u{301}|",
    "`\u{301}``", "```",
    "](javascript:alert(1))", "\u{1B}[2J\u{1B}]0;x\u{7}", "\u{9B}31m", "\u{202E}cba\u{2066}",
    "a\u{2028}b\u{0}\u{7F}",
    "\u{FEFF}x\u{E0041}", "# x", "- x", "1. x", "~~~", "===", "\\", "\\|", "{{{x}}}", "]]>",
  ]

  private static func document(_ name: String) -> Document {
    var svg = SVG()
    svg.text(1, 2, name)
    let chart = Chart(
      name: "c", title: name, caption: name, finding: name, width: 4000, height: 50, content: svg.body)
    let table = Table(
      columns: [(name, .left), (name, .right)], rows: [[name, "b"], ["c", name]], hasTotal: true)
    var document = Document(
      title: name,
      blocks: [.heading(name), .paragraph(name), .list([name, "b"]), .table(table), .lines([name, "c"])],
      records: Records(
        columns: [name, "b"], rows: [[.string(name), .number(1)], [.string("d"), .string(name)]]),
      json: .members((name, .string(name))), charts: { [chart] })
    document.command = "rooftree show \(name)"
    return document
  }

  private static func text(_ format: ReportFormat, _ name: String) -> String {
    var look = ReportFormat.Look()
    look.cites = true
    return format.text(of: document(name), look)
  }

  /// What gives a text its shape in a format.
  private static func shape(_ format: ReportFormat, _ text: String) -> [String: Int] {
    var counts: [String: Int] = [:]
    let scalars = Array(text.unicodeScalars)
    switch format {
    case .html, .svg:
      for scalar in scalars where scalar == "<" { counts["<", default: 0] += 1 }
      // Quotes outside of text: those of attributes.
      counts["quotes"] = text.split(separator: "<").map { tag in
        tag.prefix { $0 != ">" }.unicodeScalars.count { $0 == "\"" }
      }.reduce(0, +)
    case .csv:
      var isQuoted = false
      for scalar in scalars.drop(while: { $0 != "\n" }) {
        if scalar == "\"" { isQuoted.toggle() }
        if !isQuoted && (scalar == "," || scalar == "\n" || scalar == "\r") {
          counts["\(scalar)", default: 0] += 1
        }
      }
    case .markdown:
      var wasEscape = false
      for scalar in scalars {
        if scalar == "\n" { counts["lines", default: 0] += 1 }
        if !wasEscape, "|<>".unicodeScalars.contains(scalar) { counts["\(scalar)", default: 0] += 1 }
        wasEscape = scalar == "\\" && !wasEscape
      }
    case .json: counts["lines"] = scalars.count { $0 == "\n" }
    case .text: counts["lines"] = 0
    }
    return counts
  }

  @Test(arguments: hostile)
  func namesAreInert(_ name: String) {
    for format in ReportFormat.allCases {
      let text = Self.text(format, name)
      let steering = text.unicodeScalars.filter {
        $0 != "\n" && $0 != "\t" && !(format == .csv && $0 == "\r")
          && [.control, .lineSeparator, .paragraphSeparator].contains($0.properties.generalCategory)
          || (0x202A...0x202E).contains($0.value) || (0x2066...0x2069).contains($0.value)
          || $0.value == 0xFEFF
      }
      #expect(steering.isEmpty, "\(format): \(steering)")
      // Code is shown as it stands.
      if format == .markdown && name.unicodeScalars.contains(where: { "<>|".unicodeScalars.contains($0) }) {
        continue
      }
      if format == .html && name == "</script\u{301}><!--" { #expect(!text.contains("<!--\"")) }
      #expect(Self.shape(format, text) == Self.shape(format, Self.text(format, "x")), "\(format): \(text)")
    }
    for row in Self.text(.csv, name).split(separator: "\n").dropFirst() where name.unicodeScalars.first == "="
    {
      #expect(row.first != "=")
    }
  }

  @Test func whatBeginsALineOfMarkdownStaysText() {
    for (text, shown) in [
      ("# a", "\\# a"), ("- a", "\\- a"), ("12. a", "12\\. a"), ("1.5 ms", "1.5 ms"), ("3 - 4", "3 - 4"),
    ] {
      let document = Document(
        title: "t", blocks: [.paragraph(text)], records: Records(columns: [], rows: []), json: .null)
      #expect(ReportFormat.markdown.text(of: document).contains("\n\n\(shown)\n"), "\(text)")
    }
  }
}
