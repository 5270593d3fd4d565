/// The words below a picture that stands alone: its finding, what it shows, and the command that drew it.
struct Caption {
  private static let size = 11.0
  private static let leading = 15.0

  private let lines: [String]

  init(_ chart: Chart, command: String?) {
    let width = chart.width - 2 * 16
    lines =
      Self.wrap("\(chart.finding) \(chart.caption)", width: width)
      + (command.map { Self.wrap("Made by: \($0)", width: width) } ?? [])
  }

  var height: Double { Double(lines.count) * Self.leading + 10 }

  func draw(below y: Double) -> String {
    var svg = SVG()
    for (index, line) in lines.enumerated() {
      svg.text(16, y + Double(index + 1) * Self.leading - 4, line, class: "small")
    }
    return svg.body
  }

  /// Breaks at spaces; a word that is wider than a line is cut.
  private static func wrap(_ text: String, width: Double) -> [String] {
    var lines: [String] = []
    var line = ""
    func fits(_ text: String) -> Bool { ChartStyle.width(of: text, size: size) <= width }
    for word in text.split(whereSeparator: \.isWhitespace) {
      if fits(line.isEmpty ? String(word) : "\(line) \(word)") {
        line += line.isEmpty ? String(word) : " \(word)"
        continue
      }
      if !line.isEmpty { lines.append(line) }
      line = ""
      for character in word {
        if !fits(line + String(character)) {
          lines.append(line)
          line = ""
        }
        line.append(character)
      }
    }
    return lines + [line]
  }
}
