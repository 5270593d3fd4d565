/// The words below a picture that stands alone: its finding, what it shows, and the command that drew it.
struct Caption {
  private static let leading = 15.0

  private let lines: [String]

  init(_ chart: Chart, command: String?) {
    let width = chart.width - 16
    lines =
      Lettering.lines("\(chart.finding) \(chart.caption)", width: width)
      + (command.map { Lettering.lines("Made by: \($0)", width: width) } ?? [])
  }

  var height: Double { Double(lines.count) * Self.leading + 10 }

  func draw(below y: Double) -> String {
    var svg = SVG()
    for (index, line) in lines.enumerated() {
      svg.text(8, y + Double(index + 1) * Self.leading - 4, line)
    }
    return svg.body
  }
}
