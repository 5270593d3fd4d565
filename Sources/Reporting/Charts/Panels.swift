/// Small multiples: the same bars, on one scale, in a panel for each that is compared.
struct Panels {
  var name, title, subtitle: String
  /// Names and colours of the rows.
  var rows: [(series: Int, name: String)]
  /// A panel's amounts by row.
  var panels: [(name: String, amounts: [Double])]
  var shown: (Double) -> String

  private static let row = 17.0
  private static let names = 94.0
  /// Side by side; four stand in two lines.
  private var across: Int { panels.count == 4 ? 2 : 3 }

  func chart(caption: String, finding: String) -> Chart {
    let lines = (panels.count + across - 1) / across
    let high = Double(rows.count) * Self.row + 26
    var frame = Frame(title, subtitle, plot: Double(lines) * high, left: Self.names, margin: 4, above: 6)
    let room = (frame.right - frame.left) / Double(min(across, max(1, panels.count)))
    let most = panels.flatMap(\.amounts).max() ?? 0
    let value = Lettering.width(of: "99.9 ms") + 6
    for (index, panel) in panels.enumerated() {
      let left = frame.left + Double(index % across) * room
      let top = frame.top + Double(index / across) * high
      frame.svg.text(left + 2, top + 12, Lettering.cut(panel.name, width: room - 8), class: "strong")
      frame.svg.line(left, top + 18, left, top + high - 6, class: "axis")
      for (row, (kind, amount)) in zip(rows, panel.amounts).enumerated() {
        let y = top + 20 + Double(row) * Self.row
        if index % across == 0 {
          frame.svg.text(left - 6, y + 11, Lettering.cut(kind.name, width: Self.names - 10), anchor: .end)
        }
        guard amount > 0, most > 0 else { continue }
        let width = (room - value - 6) * amount / most
        frame.svg.rect(
          left, y + 1, width, Self.row - 5, "class=\"f\(ChartStyle.colour(kind.series))\"",
          title: "\(panel.name), \(kind.name): \(shown(amount))")
        frame.svg.text(left + width + 4, y + 11, shown(amount))
      }
    }
    return frame.chart(name, caption: caption, finding: finding)
  }
}
