import Basics
import Calibration
import CostModel

/// The roofline: log-log, a roof per memory level and per precision, every operator a mark.
enum RooflineChart {
  /// An operator's place: products' FLOPs where it has any (against the matrix roofs), element-wise ones otherwise.
  struct Mark {
    var name: String
    var category: String
    var intensity, rate, share: Double
    var bound: String

    /// A logarithm can show it.
    var isDrawable: Bool { intensity > 0 && rate > 0 && intensity.isFinite && rate.isFinite }
  }

  static func marks(_ analysis: Analysis, _ evaluator: Evaluator) -> [Mark] {
    analysis.operators.map { op in
      let flops = op.matmulFLOPs > 0 ? op.matmulFLOPs : op.work.vectorFLOPs * op.call.layers
      return Mark(
        name: Describe.name(op, in: evaluator.model), category: op.call.kind.category,
        intensity: flops / op.traffic.total[0], rate: flops / op.seconds,
        share: op.seconds / analysis.totals.seconds, bound: op.bound.name(evaluator.profile))
    }
  }

  static func chart(_ prediction: Prediction, name: String = "roofline") -> Chart {
    let (evaluator, analysis) = (prediction.scenario.evaluator, prediction.analysis)
    let profile = evaluator.profile
    let all = marks(analysis, evaluator)
    let drawn = all.filter(\.isDrawable)
    let peaks = roofs(evaluator)
    let ridges = peaks.map { $0.rate / profile.levels[0].bytesPerSecond }
    var frame = Frame(
      width: 760, height: 500, title: "Roofline of \(evaluator.model.title) on \(profile.title)", legend: 140)
    let x = Axis.logarithmic(
      drawn.map(\.intensity) + ridges + ridges.map { $0 * 4 }, start: frame.left, end: frame.right)
    let y = Axis.logarithmic(
      drawn.map(\.rate) + peaks.map { $0.rate * 2 }, start: frame.bottom, end: frame.top)
    frame.horizontal(x, title: "arithmetic intensity, FLOP per byte of \(profile.levels[0].name)") {
      Units.plain($0)
    }
    frame.vertical(y, title: "FLOP/s") { Units.flopRate($0).replacing("FLOP/s", with: "") }
    var labels = Labels(left: frame.left, top: frame.top, right: frame.right, bottom: frame.bottom)
    drawRoofs(profile, peaks: peaks, x: x, y: y, into: &frame, labels: &labels)
    draw(drawn, x: x, y: y, into: &frame, labels: &labels)
    let present = Set(drawn.map { ChartStyle.index(of: $0.category) }).sorted()
    frame.legend(
      present.map { index in
        (
          index,
          index < ChartStyle.categories.count
            ? ChartStyle.categories[index].replacing("_", with: " ") : "other"
        )
      })
    let left = all.filter { !$0.isDrawable }.map(\.name)
    let slowest = all.max { $0.share < $1.share }
    return frame.chart(
      name,
      caption:
        "\(Describe.subject(prediction)), \(evaluator.precision.weights.name); a mark's area is its share of"
        + " the time, solid: the far memory's roof, dashed: nearer levels' and peaks."
        + (left.isEmpty
          ? "" : " Without FLOPs and so not on a logarithmic axis: \(some(left))."),
      finding: slowest.map {
        "\($0.name) takes \(Units.percent($0.share)) of the time, at \(Units.plain($0.intensity)) FLOP/B and"
          + " \(Units.flopRate($0.rate)), bound by \($0.bound)."
      } ?? "No operator.")
  }

  private static func some(_ names: [String]) -> String {
    names.prefix(8).joined(separator: ", ") + (names.count > 8 ? " and \(names.count - 8) more" : "")
  }

  /// Peaks that the model's operators run at, and the vector units'.
  private static func roofs(_ evaluator: Evaluator) -> [(name: String, rate: Double)] {
    var peaks: [(name: String, rate: Double)] = []
    for unit in MatrixUnit.allCases {
      guard let peak = evaluator.profile.unit(for: evaluator.precision.computeFormat(of: unit)),
        !peaks.contains(where: { $0.name == peak.format.name })
      else { continue }
      peaks.append((peak.format.name, peak.flopsPerSecond))
    }
    return peaks + [("vector", evaluator.profile.vectorFLOPsPerSecond)]
  }

  static func drawRoofs(
    _ profile: HardwareProfile, peaks: [(name: String, rate: Double)], x: Axis, y: Axis,
    into frame: inout Frame,
    labels: inout Labels
  ) {
    let top = peaks.map(\.rate).max() ?? 1
    for (index, level) in profile.levels.enumerated() {
      // From the left or lower edge up to the highest peak, or to the right edge.
      let from = max(x.low, y.low / level.bytesPerSecond)
      let to = min(x.high, top / level.bytesPerSecond)
      guard to > from, let x1 = x.place(from), let y1 = y.place(from * level.bytesPerSecond),
        let x2 = x.place(to),
        let y2 = y.place(to * level.bytesPerSecond)
      else { continue }
      frame.svg.polyline([(x1, y1), (x2, y2)], attributes: "class=\"\(index == 0 ? "roof" : "roof2")\"")
      // Along the line, above it; the far level's below, since the next one's roof is close above.
      let share = 0.72 - 0.1 * Double(index)
      let angle = atan2(y2 - y1, x2 - x1) * 180 / .pi
      let text = "\(level.name) \(Units.bandwidth(level.bytesPerSecond))"
      let middle = (x: x1 + (x2 - x1) * share, y: y1 + (y2 - y1) * share)
      let shift = index == 0 ? 14.0 : -6
      frame.svg.text(
        middle.x, middle.y, text, anchor: .middle, class: "halo", rotated: angle, shift: shift)
      let half = ChartStyle.width(of: text, size: 11) / 2
      let length = ((x2 - x1) * (x2 - x1) + (y2 - y1) * (y2 - y1)).squareRoot()
      for step in stride(from: -half, through: half, by: 10) {
        let along = step / max(1, length)
        labels.reserve(
          middle.x + (x2 - x1) * along - 6, middle.y + (y2 - y1) * along + (index == 0 ? 0 : -16), width: 12,
          height: 14)
      }
    }
    for peak in peaks {
      guard let py = y.place(peak.rate), let far = profile.levels.first else { continue }
      let ridge = peak.rate / far.bytesPerSecond
      let fastest = profile.levels.map(\.bytesPerSecond).max() ?? far.bytesPerSecond
      guard let from = x.place(max(x.low, min(x.high, peak.rate / fastest))) else { continue }
      frame.svg.polyline(
        [(from, py), (frame.right, py)],
        attributes: "class=\"\(peak.rate == peaks[0].rate ? "roof" : "roof3")\"")
      let text = "\(peak.name) \(Units.flopRate(peak.rate)), ridge \(Units.plain(ridge)) FLOP/B"
      // Left of where a matrix roof begins nothing can be; the vector roof is named at its other end.
      let width = ChartStyle.width(of: text, size: 11)
      let end = peak.name == "vector" ? frame.right - 4 : max(from - 6, frame.left + width + 4)
      frame.svg.text(end, py - 4, text, anchor: .end, class: "halo")
      labels.reserve(end - width, py - 16, width: width, height: 14)
      if let rx = x.place(ridge) { frame.svg.line(rx, py, rx, frame.bottom, class: "grid") }
    }
  }

  private static func draw(
    _ marks: [Mark], x: Axis, y: Axis, into frame: inout Frame, labels: inout Labels
  ) {
    let bySize = marks.sorted { ($1.share, $0.name) < ($0.share, $1.name) }
    func size(_ share: Double) -> Double { max(5, 44 * share.squareRoot()) }
    for mark in bySize {
      guard let px = x.place(mark.intensity), let py = y.place(mark.rate) else { continue }
      let edge = size(mark.share)
      labels.reserve(px - edge / 2, py - edge / 2, width: edge, height: edge)
      let index = ChartStyle.index(of: mark.category)
      frame.svg.raw(
        ChartStyle.shape(index, x: px, y: py, size: edge)
          + " class=\"mark operator\" fill=\"\(ChartStyle.colour(index))\" fill-opacity=\"0.85\""
          + " data-operator=\"\(mark.name.markup)\" data-intensity=\"\(JSONValue.text(of: mark.intensity))\""
          + " data-rate=\"\(JSONValue.text(of: mark.rate))\"><title>\(mark.name.markup): "
          + "\(Units.plain(mark.intensity)) FLOP/B, \(Units.flopRate(mark.rate)), \(Units.percent(mark.share)) of the time,"
          + " bound by \(mark.bound.markup)</title></\(ChartStyle.tag(index))>")
    }
    for mark in bySize.prefix(14) where mark.share >= 0.004 {
      guard let px = x.place(mark.intensity), let py = y.place(mark.rate),
        let place = labels.place(mark.name, x: px, y: py, radius: size(mark.share) / 2, size: 11)
      else { continue }
      if place.far {
        let middle = place.x + ChartStyle.width(of: mark.name, size: 11) / 2
        frame.svg.line(
          px, py, abs(middle - px) < 30 ? middle : (middle > px ? place.x : place.x + 2 * (middle - place.x)),
          place.y - 4, class: "leader")
      }
      frame.svg.text(place.x, place.y, mark.name, class: "halo")
    }
  }
}
