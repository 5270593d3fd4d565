import Basics
import Kernels

/// Pictures of a cross-check: bytes by three witnesses, and predicted against measured seconds.
enum CrosscheckCharts {
  static func charts(_ traffic: [Crosscheck.Traffic], _ times: [Crosscheck.Time]) -> [Chart] {
    var charts: [Chart] = []
    var systems: [String] = []
    for row in traffic where !systems.contains(row.system) { systems.append(row.system) }
    for system in systems {
      charts.append(bytes(traffic.filter { $0.system == system }, system: system))
    }
    if !times.isEmpty { charts.append(seconds(times)) }
    return charts
  }

  /// More rows than can be told apart are cut to those that differ most.
  static let mostRows = 60

  /// One row a kernel and level; a mark for each witness, so that agreement is one spot.
  private static func bytes(_ all: [Crosscheck.Traffic], system: String) -> Chart {
    let rows = all.count <= mostRows ? all : worst(all)
    let height = 15.0
    var frame = Frame(
      width: 900, height: Double(rows.count) * height + 112, title: "Bytes below each cache: \(system)",
      legend: 150, plot: Double(rows.count) * height + 12)
    let values = rows.flatMap { row in [row.predicted, row.counted, row.simulated].compactMap { $0 } }
    let x = Axis.logarithmic(values, start: frame.left + 190, end: frame.right)
    frame.horizontal(x, title: "bytes, reads and writes", shown: Units.traffic)
    for (index, row) in rows.enumerated() {
      let y = frame.top + 12 + Double(index) * height
      frame.svg.text(frame.left + 182, y + 4, "\(row.kernel), \(row.level)", anchor: .end, class: "small")
      let marks: [(Int, Double?)] = [(0, row.predicted), (1, row.counted), (2, row.simulated)]
      let places = marks.compactMap { mark in mark.1.flatMap { x.place($0) } }
      if let low = places.min(), let high = places.max() { frame.svg.line(low, y, high, y, class: "leader") }
      for (mark, value) in marks {
        guard let value, let at = x.place(value) else { continue }
        frame.svg.raw(
          ChartStyle.shape(mark, x: at, y: y, size: [13, 8, 6][mark])
            + " class=\"mark\" fill=\"\(ChartStyle.colour(mark))\""
            + " fill-opacity=\"\(row.inTransition ? "0.35" : "0.9")\"><title>"
            + "\(row.kernel) \(row.shape), \(row.level): \(Units.traffic(value))".markup
            + "</title></\(ChartStyle.tag(mark))>")
      }
    }
    frame.legend([(0, "predicted"), (1, "counted"), (2, "simulated")])
    return frame.chart(
      "crosscheck-" + system.replacing(" ", with: "-"),
      caption:
        "Each kernel and cache level: the formula, the kernel's own counters, simulated caches. Faint: in transition, where the formula is a bound."
        + (rows.count < all.count ? " The \(rows.count) of \(all.count) rows that differ most." : ""),
      finding: finding(all))
  }

  /// |log| of predicted ÷ simulated, largest first; in the table's order.
  private static func worst(_ rows: [Crosscheck.Traffic]) -> [Crosscheck.Traffic] {
    func distance(_ row: Crosscheck.Traffic) -> Double {
      guard let simulated = row.simulated, simulated > 0, row.predicted > 0 else { return 0 }
      return abs(log10(row.predicted / simulated))
    }
    let kept = rows.indices.sorted { distance(rows[$0]) > distance(rows[$1]) }.prefix(mostRows)
    return kept.sorted().map { rows[$0] }
  }

  private static func finding(_ rows: [Crosscheck.Traffic]) -> String {
    let judged = rows.filter { !$0.inTransition && ($0.simulated ?? 0) > 0 }
    let largest = judged.map { abs($0.predicted / ($0.simulated ?? 1) - 1) }.max() ?? 0
    let failed = rows.count { $0.disagrees }
    return
      "\(judged.count) of \(rows.count) levels are outside transitions; there predicted and simulated bytes differ by at most \(Units.percent(largest)), \(failed) beyond the bound."
  }

  private static func seconds(_ times: [Crosscheck.Time]) -> Chart {
    var kernels: [String] = []
    for time in times where !kernels.contains(time.kernel) { kernels.append(time.kernel) }
    let points = times.map { time in
      ScatterChart.Point(
        measured: time.measured.minimum, predicted: time.predicted.seconds,
        group: kernels.firstIndex(of: time.kernel) ?? 0)
    }
    let ratios = times.filter(\.judged).map(\.ratio)
    return ScatterChart(title: "Predicted against measured seconds", groups: kernels, points: points).chart(
      name: "crosscheck-seconds",
      caption:
        "Every kernel at its shape, from the probed profile with nothing fitted; the line is agreement.",
      finding:
        "Measured over predicted lies within \(Units.plain(ratios.min() ?? 0)) to \(Units.plain(ratios.max() ?? 0)) for the \(ratios.count) judged kernels."
    )
  }
}
