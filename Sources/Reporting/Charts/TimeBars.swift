import Calibration
import CostModel

/// A bar for each operator's time, the longest first, messages among them; a tick where no kernel gets below.
enum TimeBars {
  private static let most = 14
  private static let names = 172.0...206

  static func chart(_ prediction: Prediction, name: String = "time") -> Chart {
    let whole = prediction.totals.seconds
    let sorted = prediction.analysis.operators.filter { $0.seconds > 0 }.sorted { $1.seconds < $0.seconds }
    let shown = sorted.prefix { $0.seconds >= 0.005 * whole }.prefix(most)
    let others = sorted.dropFirst(shown.count)
    let hasIntervals = prediction.pricing != nil
    let rows = shown.count + (others.isEmpty ? 0 : 1)
    func called(_ op: PricedOperator) -> String { Describe.name(op, in: prediction.model) }
    let widest = shown.map { Lettering.width(of: called($0)) }.max() ?? 0
    let names = min(Self.names.upperBound, max(Self.names.lowerBound, widest + 16))
    // Few rows are as high as the roofline beside them.
    let row = min(30, max(19, 240 / Double(max(1, rows))))
    var frame = Frame(
      "Time of \(prediction.scenario.workload.phase.rawValue), \(prediction.model.title)",
      AnalysisCharts.place(prediction.scenario), plot: Double(max(1, rows)) * row + 6, left: names,
      margin: 62,
      above: 10)
    let rest = others.reduce(0) { $0 + $1.seconds }
    let x = Axis.linear(
      shown.map { hasIntervals ? $0.high : $0.seconds } + [rest], start: frame.left, end: frame.right)
    frame.horizontal(x, title: "time", shown: Units.seconds)
    func bar(
      _ index: Int, _ title: String, _ names: [String], _ series: Int, _ seconds: Double, _ words: String
    ) {
      let y = frame.top + 4 + Double(index) * row
      frame.svg.text(
        frame.left - 6, y + row / 2 + 2, Lettering.cutFirst(title, width: frame.left - 14), anchor: .end)
      guard let end = x.place(seconds) else { return }
      let text =
        "\(names.joined(separator: ", ")): \(Units.seconds(seconds)), \(Units.percent(seconds / whole))\(words)"
      frame.svg.rect(
        frame.left, y + 1, end - frame.left, row - 7,
        "class=\"operator bar f\(ChartStyle.colour(series))\" tabindex=\"0\" role=\"img\" aria-label=\"\(text.markup)\""
          + " data-operator=\"\(names.map(\.markup).joined(separator: "&#10;"))\"", title: text)
    }
    for (index, op) in shown.enumerated() {
      let best = op.floor.seconds
      bar(
        index, called(op), [called(op)], ChartStyle.index(of: op.call.kind.category), op.seconds,
        ", at best \(Units.seconds(best))"
          + (hasIntervals ? ", 80 % \(Answer.interval(op.low, op.high))" : ""))
      let y = frame.top + 4 + Double(index) * row
      if let at = x.place(best), best > 0 { frame.svg.line(at, y - 1, at, y + row - 4, class: "best") }
      guard let end = x.place(hasIntervals ? op.high : op.seconds) else { continue }
      if hasIntervals, let low = x.place(op.low) {
        let middle = SVG.number(y + 1 + (row - 7) / 2)
        frame.svg.raw("<path class=\"gap\" d=\"M\(SVG.number(low)) \(middle)H\(SVG.number(end))m0 -3v6\"/>")
      }
      frame.svg.text(end + 5, y + row / 2 + 2, Units.seconds(op.seconds))
    }
    if !others.isEmpty {
      bar(
        shown.count, "\(others.count) others", others.map(called),
        ChartStyle.categories.count, rest, "")
      frame.svg.text(
        (x.place(rest) ?? frame.left) + 5, frame.top + 6 + (Double(shown.count) + 0.5) * row,
        Units.seconds(rest))
    }
    frame.legend(
      Set(shown.map { ChartStyle.index(of: $0.call.kind.category) }).sorted().map {
        ($0, ChartStyle.name($0))
      })
    return frame.chart(
      name,
      caption: "The upright tick is what no kernel beats"
        + (hasIntervals ? ", the line the 80 % interval." : "."),
      finding: shown.first.map {
        "\(called($0)) takes \(Units.percent($0.seconds / whole)) of"
          + " \(Units.seconds(whole))."
      } ?? "Nothing to show.", isInteractive: true)
  }
}
