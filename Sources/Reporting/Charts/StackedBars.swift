import CostModel

/// Stacked horizontal bars: what a whole is made of, several wholes below one another.
struct StackedBars {
  var name, title, subtitle, axisTitle: String
  /// Per bar: its name, what stands behind it, each part's category and amount, and what it should stay left of.
  var bars: [(name: String, total: String, parts: [(part: Int, amount: Double)], limit: Double?)]
  /// Names of parts by index.
  var parts: [String]
  /// What ticks are round in.
  var unit = 1.0
  var shown: (Double) -> String

  private static let row = 40.0

  func chart(caption: String, finding: String) -> Chart {
    let used = Set(bars.flatMap { $0.parts.filter { $0.amount > 0 }.map(\.part) }).sorted()
    var frame = Frame(
      title, subtitle, plot: Double(max(1, bars.count)) * Self.row + 6, left: 12, margin: 16)
    let totals = bars.map { $0.parts.reduce(0) { $0 + $1.amount } }
    let x = Axis.linear(totals + bars.compactMap(\.limit), start: frame.left, end: frame.right, unit: unit)
    let prefix = "\(name)-fill-"
    frame.svg.raw("<defs>" + used.map { ChartStyle.pattern($0, id: "\(prefix)\($0)") }.joined() + "</defs>")
    frame.horizontal(x, title: axisTitle, shown: shown)
    for (row, bar) in bars.enumerated() {
      let y = frame.top + Double(row) * Self.row
      let width = Lettering.width(of: bar.total)
      frame.svg.text(
        frame.left + 2, y + 13, Lettering.cut(bar.name, width: frame.right - frame.left - width - 16),
        class: "halo")
      frame.svg.text(frame.right - 2, y + 13, bar.total, anchor: .end, class: "halo")
      var position = 0.0
      for part in bar.parts where part.amount > 0 {
        guard let from = x.place(position), let to = x.place(position + part.amount) else { continue }
        frame.svg.rect(
          from, y + 18, to - from, 19, "class=\"mark\" fill=\"url(#\(prefix)\(part.part))\"",
          title: "\(bar.name), \(parts[part.part]): \(shown(part.amount))")
        position += part.amount
      }
      if let limit = bar.limit, let at = x.place(limit) {
        frame.svg.line(at, y + 17, at, y + 40, class: "best")
      }
    }
    frame.legend(used.map { ($0, parts[$0]) }, pattern: prefix)
    return frame.chart(name, caption: caption, finding: finding)
  }

  /// What fills the memory, against what there is.
  static func memory(
    _ rows: [(name: String, memory: MemoryFootprint)], subtitle: String, caption: String,
    name: String = "memory"
  ) -> Chart {
    return StackedBars(
      name: name, title: "Memory by component", subtitle: subtitle, axisTitle: "bytes",
      bars: rows.map { row in
        let memory = row.memory
        let parts = [
          memory.weightsBytes, memory.cacheBytes, memory.activationsBytes, memory.communicationBytes,
        ]
        return (
          row.name,
          "\(Units.memory(memory.totalBytes)) of \(Units.memory(memory.capacityBytes)), \(memory.fits ? "fits" : "does not fit")",
          parts.enumerated().map { ($0.offset, $0.element) }, memory.capacityBytes
        )
      },
      parts: ["weights", "KV cache", "activations", "message buffers"],
      unit: 1_073_741_824, shown: Units.memory
    ).chart(
      caption: caption + (caption.isEmpty ? "" : " ") + "The upright line is what the memory holds.",
      finding: rows.map {
        "\($0.name) needs \(Units.memory($0.memory.totalBytes)) of \(Units.memory($0.memory.capacityBytes)) and"
          + ($0.memory.fits ? " fits." : " does not fit.")
      }.joined(separator: " "))
  }
}
