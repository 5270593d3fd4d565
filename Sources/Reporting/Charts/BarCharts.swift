import CostModel

/// Stacked horizontal bars: what a whole is made of, several wholes side by side.
struct StackedBars {
  var name, title, axisTitle: String
  /// Per bar: its name, and each part's category and amount.
  var bars: [(name: String, parts: [(part: Int, amount: Double)])]
  /// Names of parts by index.
  var parts: [String]
  /// A line that bars should stay left of.
  var limit: (name: String, value: Double)?
  /// What ticks are round in.
  var unit = 1.0
  var shown: (Double) -> String

  func chart(caption: String, finding: String) -> Chart {
    let rowHeight = 44.0
    let plot = Double(max(1, bars.count)) * rowHeight + 10
    let used = Set(bars.flatMap { $0.parts.filter { $0.amount > 0 }.map(\.part) }).sorted()
    let needed = 40 + Double(used.count) * 19 + 30
    var frame = Frame(
      width: 760, height: max(plot + 92, needed), title: title, legend: 158, plot: plot)
    let totals = bars.map { $0.parts.reduce(0) { $0 + $1.amount } }
    let x = Axis.linear(totals + [limit?.value ?? 0], start: frame.left + 60, end: frame.right, unit: unit)
    let prefix = "\(name)-fill-"
    frame.svg.raw("<defs>" + used.map { ChartStyle.pattern($0, id: "\(prefix)\($0)") }.joined() + "</defs>")
    frame.horizontal(x, title: axisTitle, shown: shown)
    for (row, bar) in bars.enumerated() {
      let y = frame.top + 8 + Double(row) * rowHeight
      let label = bar.name.count > 20 ? String(bar.name.prefix(19)) + "…" : bar.name
      frame.svg.text(frame.left + 54, y + 20, label, anchor: .end, class: "small")
      var position = 0.0
      for part in bar.parts where part.amount > 0 {
        guard let from = x.place(position), let to = x.place(position + part.amount) else { continue }
        frame.svg.raw(
          "<rect x=\"\(SVG.number(from))\" y=\"\(SVG.number(y))\" width=\"\(SVG.number(max(0, to - from)))\" height=\"28\""
            + " class=\"mark\" fill=\"url(#\(prefix)\(part.part))\"><title>\(bar.name.markup), "
            + "\(parts[part.part].markup): \(shown(part.amount).markup)</title></rect>")
        position += part.amount
      }
      if let end = x.place(position) {
        frame.svg.text(min(end + 4, frame.right - 60), y + 42, "total " + shown(position), class: "small")
      }
    }
    if let limit, let at = x.place(limit.value) {
      frame.svg.line(at, frame.top - 4, at, frame.bottom, class: "limit")
      frame.svg.text(at - 4, frame.top + 2, limit.name, anchor: .end, class: "small")
    }
    frame.legend(used.map { ($0, parts[$0]) }, filled: true, prefix: prefix)
    return frame.chart(name, caption: caption, finding: finding)
  }
}

enum BarCharts {
  /// What the time is made of.
  static func time(
    _ rows: [(name: String, analysis: Analysis)], title: String, caption: String, name: String = "time"
  )
    -> Chart
  {
    let parts = ChartStyle.categories + ["other"]
    let bars = rows.map { row in
      var amounts = [Double](repeating: 0, count: parts.count)
      for op in row.analysis.operators { amounts[ChartStyle.index(of: op.call.kind.category)] += op.seconds }
      return (name: row.name, parts: amounts.enumerated().map { (part: $0.offset, amount: $0.element) })
    }
    let most = rows.first.map { row -> String in
      let largest = bars[0].parts.max { $0.amount < $1.amount }
      return "\(row.name): \(parts[largest?.part ?? 0].replacing("_", with: " ")) takes"
        + " \(Units.percent((largest?.amount ?? 0) / row.analysis.totals.seconds)) of \(Units.seconds(row.analysis.totals.seconds))."
    }
    return StackedBars(
      name: name, title: title, axisTitle: "time", bars: bars,
      parts: parts.map { $0.replacing("_", with: " ") }, limit: nil, shown: Units.seconds
    ).chart(caption: caption, finding: most ?? "Nothing to show.")
  }

  /// What fills the memory, against what there is.
  static func memory(
    _ rows: [(name: String, memory: MemoryFootprint)], caption: String, name: String = "memory"
  ) -> Chart {
    let bars = rows.map { row in
      (
        name: row.name,
        parts: [
          (part: 0, amount: row.memory.weightsBytes), (part: 1, amount: row.memory.cacheBytes),
          (part: 2, amount: row.memory.activationsBytes),
        ]
      )
    }
    let capacity = rows.first?.memory.capacityBytes ?? 0
    return StackedBars(
      name: name, title: "Memory by component", axisTitle: "bytes", bars: bars,
      parts: ["weights", "KV cache", "activations"],
      limit: ("capacity \(Units.memory(capacity))", capacity), unit: 1_073_741_824,
      shown: Units.memory
    ).chart(
      caption: caption,
      finding: rows.map {
        "\($0.name) needs \(Units.memory($0.memory.totalBytes)) of \(Units.memory($0.memory.capacityBytes)) and"
          + ($0.memory.fits ? " fits." : " does not fit.")
      }.joined(separator: " "))
  }
}
