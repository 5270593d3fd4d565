/// Ratios around one, a row each.
struct RatioRows {
  struct Mark {
    var series: Int
    var ratio: Double
    /// Shown and not judged.
    var isFaint = false
  }

  typealias Row = (name: String, detail: String, marks: [Mark])

  var name, title, subtitle, axisTitle: String
  var rows: [Row]
  /// What is so close to one that it needs no row.
  var close: Int
  var series: [String]

  /// So much off is close.
  static let tolerance = 0.02
  private static let row = 16.0
  /// Room for names: what the widest takes.
  private var names: Double {
    min(214, max(close > 0 ? 140 : 0, rows.map { Lettering.width(of: $0.name) }.max() ?? 0) + 14)
  }

  func chart(caption: String, finding: String) -> Chart {
    let (first, names) = (close > 0 ? 1 : 0, names)
    var frame = Frame(
      title, subtitle, plot: Double(rows.count + first) * Self.row + 10, left: names, margin: 60,
      above: 10)
    let ratios = rows.flatMap { $0.marks.map(\.ratio) }
    let x = Axis.binary(ratios + [0.9, 1.1], start: frame.left, end: frame.right)
    frame.horizontal(x, title: axisTitle) { "× \(Units.plain($0))" }
    if let low = x.place(1 - Self.tolerance), let high = x.place(1 + Self.tolerance) {
      frame.svg.rect(low, frame.top, high - low, frame.bottom - frame.top, "class=\"band f2\"")
    }
    if close > 0 {
      frame.svg.text(
        frame.left - 6, frame.top + 16,
        "\(Units.whole(Double(close))) rows within \(Units.percent(Self.tolerance))",
        anchor: .end, class: "strong")
    }
    for (index, row) in rows.enumerated() {
      let y = frame.top + 12 + Double(index + first) * Self.row
      frame.svg.text(
        frame.left - 6, y + 4, Lettering.cutMiddle(row.name, width: names - 12), anchor: .end)
      let places = row.marks.compactMap { x.place($0.ratio) } + [x.place(1) ?? frame.left]
      frame.svg.line(places.min() ?? 0, y, places.max() ?? 0, y, class: "tie")
      for mark in row.marks {
        guard let at = x.place(mark.ratio) else { continue }
        let colour = ChartStyle.colour(mark.series)
        frame.svg.raw(
          MarkShape.element(
            mark.series, x: at, y: y, size: mark.series == 0 ? 9 : 7,
            "class=\"mark f\(colour)\(mark.isFaint ? " hollow s\(colour)" : "")\"",
            title: "\(row.name) \(row.detail), \(series[mark.series]): × \(Units.plain(mark.ratio))"))
      }
      if let last = row.marks.last { frame.svg.text(frame.right + 9, y + 4, "× \(Units.plain(last.ratio))") }
    }
    if series.count > 1 { frame.legend(series.enumerated().map { ($0.offset, $0.element) }) }
    return frame.chart(name, caption: caption, finding: finding)
  }
}
