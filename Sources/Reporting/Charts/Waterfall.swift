/// From one figure to another, step by step.
struct Waterfall {
  var name, title, subtitle: String
  var from, to: (name: String, amount: Double)
  /// `from` and these add up to `to`.
  var steps: [(name: String, change: Double)]
  var shown: (Double) -> String

  private static let row = 20.0
  private static let names = 150.0

  func chart(caption: String) -> Chart {
    // Below a millionth it is rounding.
    let steps = steps.filter { abs($0.change) > 1e-6 * max(abs(from.amount), abs(to.amount)) }
    var frame = Frame(
      title, subtitle, plot: Double(steps.count + 2) * Self.row + 6, left: Self.names, margin: 70, above: 10)
    var at = from.amount
    var levels = [0, at]
    for step in steps {
      at += step.change
      levels.append(at)
    }
    let low = min(0, levels.min() ?? 0)
    var x = Axis.linear(levels, start: frame.left, end: frame.right)
    x.low = low
    frame.horizontal(x, title: "", shown: shown)
    func bar(_ row: Int, _ name: String, _ a: Double, _ b: Double, _ series: Int, _ text: String) {
      let y = frame.top + 4 + Double(row) * Self.row
      frame.svg.text(frame.left - 6, y + 12, Lettering.cut(name, width: Self.names - 14), anchor: .end)
      guard let start = x.place(min(a, b)), let end = x.place(max(a, b)) else { return }
      frame.svg.rect(
        start, y + 1, max(1, end - start), Self.row - 7, "class=\"f\(ChartStyle.colour(series))\"",
        title: "\(name): \(text)")
      frame.svg.text(end + 5, y + 12, text, class: "halo")
      if row > 0, let before = x.place(a) { frame.svg.line(before, y - 6, before, y + 1, class: "tie") }
    }
    bar(0, from.name, 0, from.amount, 7, shown(from.amount))
    at = from.amount
    for (index, step) in steps.enumerated() {
      let sign = step.change < 0 ? "− " : "+ "
      bar(index + 1, step.name, at, at + step.change, step.change < 0 ? 2 : 1, sign + shown(abs(step.change)))
      at += step.change
    }
    bar(steps.count + 1, to.name, at, 0, 7, shown(to.amount))
    let largest = steps.max { abs($0.change) < abs($1.change) }
    return frame.chart(
      name, caption: caption,
      finding: "From \(shown(from.amount)) to \(shown(to.amount))"
        + (largest.map {
          "; most of it by \($0.name), \($0.change < 0 ? "−" : "+") \(shown(abs($0.change)))."
        } ?? "."))
  }
}
