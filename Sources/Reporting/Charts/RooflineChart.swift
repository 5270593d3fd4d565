import Basics
import Calibration
import CostModel

/// The roofline: log-log, a roof per memory level and per precision, every operator a mark.
enum RooflineChart {
  static func marks(_ prediction: Prediction, series: Int? = nil) -> [RooflineMark] {
    prediction.analysis.operators.map { op in
      RooflineMark(
        op, prediction.scenario.evaluator, of: prediction.totals.seconds,
        series: series ?? ChartStyle.index(of: op.call.kind.category))
    }
  }

  /// Of one pass; colours are kinds of operators.
  static func chart(_ prediction: Prediction, name: String = "roofline") -> Chart {
    let profile = prediction.profile
    let all = marks(prediction)
    let drawn = all.filter(\.isDrawable)
    let peaks = peaks(prediction.scenario.evaluator)
    var plane = RoofPlane(
      "Roofline of \(prediction.scenario.workload.phase.rawValue), \(prediction.model.title)",
      AnalysisCharts.place(prediction.scenario), profile, peaks: peaks,
      points: drawn.map { ($0.intensity, $0.rate) })
    let series = draw(drawn, on: &plane, isHollow: false)
    plane.frame.legend(series.sorted().map { ($0, ChartStyle.name($0)) })
    let left = all.filter { !$0.isDrawable && $0.share >= 0.01 }
    if !left.isEmpty {
      plane.frame.note(
        "Without FLOPs: " + left.map { "\($0.name) \(Units.percent($0.share))" }.joined(separator: ", "))
    }
    let slowest = all.max { $0.share < $1.share }
    let ridges = peaks.map {
      "\(Units.plain($0.rate / profile.levels[0].bytesPerSecond)) FLOP/B (\($0.name))"
    }
    return plane.frame.chart(
      name,
      caption:
        "A mark's area is its share of the time; the line above it is what is missing to"
        + " the roof of the level that binds it. Ridges: \(ridges.joined(separator: ", ")).",
      finding: slowest.map {
        "\($0.name) takes \(Units.percent($0.share)) of the time, "
          + ($0.isDrawable ? "at \(Units.plain($0.intensity)) FLOP/B and \(Units.flopRate($0.rate)), " : "")
          + "bound by \($0.bound)."
      } ?? "No operator.", isInteractive: true)
  }

  /// Of several models on one device in one phase; colours are models.
  static func chart(_ predictions: [Prediction], name: String) -> Chart {
    let profile = predictions[0].profile
    let work = predictions[0].scenario.workload
    let drawn = predictions.enumerated().flatMap { marks($0.element, series: $0.offset) }.filter(\.isDrawable)
    let peaks = predictions.flatMap { Self.peaks($0.scenario.evaluator) }.reduce(into: [RoofPlane.Peak]()) {
      peaks, peak in
      if !peaks.contains(where: { $0.name == peak.name }) { peaks.append(peak) }
    }
    var plane = RoofPlane(
      "Roofline of \(work.phase.rawValue)", "\(profile.title): \(Describe.workload(work))", profile,
      peaks: peaks,
      points: drawn.map { ($0.intensity, $0.rate) })
    _ = draw(drawn, on: &plane, isHollow: true)
    plane.frame.legend(predictions.enumerated().map { ($0.offset, $0.element.model.name) })
    return plane.frame.chart(
      name,
      caption:
        "Colours are models; a mark's area is its share of its model's time, those of 5 % or more are named. The line above"
        + " a mark is what is missing to its roof.",
      finding: predictions.map { prediction in
        "\(prediction.model.name) is bound by \(prediction.totals.bound.name(profile)) at"
          + " \(Units.plain(prediction.totals.arithmeticIntensity)) FLOP/B."
      }.joined(separator: " "), isInteractive: true)
  }

  /// Peaks that the model's operators run at, and the vector units'.
  private static func peaks(_ evaluator: Evaluator) -> [RoofPlane.Peak] {
    var peaks: [RoofPlane.Peak] = []
    for unit in MatrixUnit.allCases {
      guard let peak = evaluator.profile.unit(for: evaluator.precision.computeFormat(of: unit)),
        !peaks.contains(where: { $0.name == peak.format.name })
      else { continue }
      peaks.append((peak.format.name, peak.flopsPerSecond))
    }
    return peaks + [("vector", evaluator.profile.vectorFLOPsPerSecond)]
  }

  /// - Parameter isHollow: of several models, so that what lies behind shows; fewer labels then, without shares.
  /// - Returns: the series that have a mark of their own.
  private static func draw(_ marks: [RooflineMark], on plane: inout RoofPlane, isHollow: Bool) -> Set<Int> {
    let (x, y) = (plane.x, plane.y)
    let groups = Dictionary(grouping: marks, by: { isHollow ? $0.series : 0 }).sorted { $0.key < $1.key }
      .flatMap { RooflineMark.grouped($0.value, x: x, y: y) }
      .sorted { ($1.share, $0.series, $0.names[0]) < ($0.share, $1.series, $1.names[0]) }
    let placed = groups.map { (mark: $0, x: x.place($0.intensity) ?? 0, y: y.place($0.rate) ?? 0) }
    for (mark, px, py) in placed {
      plane.labels.reserve(mark: px, py, radius: mark.radius)
      if let roof = y.place(mark.roof), py - roof > mark.radius + 1, !isHollow || mark.share >= 0.01 {
        plane.frame.svg.raw(
          "<path class=\"gap\" d=\"M\(SVG.number(px)) \(SVG.number(py - mark.radius))V\(SVG.number(roof))m-3 0h6\"/>"
        )
        plane.labels.reserve(gap: .init(a: (px, py), b: (px, roof)))
      }
    }
    for (mark, px, py) in placed {
      let colour = ChartStyle.colour(mark.series)
      let title =
        mark.names.joined(separator: ", ") + ": \(Units.plain(mark.intensity)) FLOP/B of \(mark.level),"
        + " \(Units.flopRate(mark.rate)) of \(Units.flopRate(mark.roof)) under its roof,"
        + " \(Units.percent(mark.share)) of the time, bound by \(mark.bound)"
      plane.frame.svg.raw(
        MarkShape.element(
          mark.series, x: px, y: py, size: mark.radius * 1.77,
          "class=\"mark operator f\(colour)\(isHollow ? " hollow s\(colour)" : "")\" tabindex=\"0\" role=\"img\""
            + " aria-label=\"\(title.markup)\" data-operator=\"\(mark.names.map(\.markup).joined(separator: "&#10;"))\""
            + " data-intensity=\"\(JSONValue.text(of: mark.intensity))\" data-level=\"\(mark.level.markup)\""
            + " data-rate=\"\(JSONValue.text(of: mark.rate))\" data-share=\"\(JSONValue.text(of: mark.share))\"",
          title: title))
    }
    // Of several models, marks near one another that have the same names have one label with a dot for each.
    var named: [(mark: RooflineMark, x: Double, y: Double, series: [Int])] = []
    for (mark, px, py) in placed where mark.share >= (isHollow ? RooflineMark.named : 0.01) {
      if isHollow,
        let same = named.firstIndex(where: {
          Set($0.mark.mainNames) == Set(mark.mainNames) && abs($0.x - px) < 24 && abs($0.y - py) < 24
        })
      {
        if !named[same].series.contains(mark.series) { named[same].series.append(mark.series) }
      } else {
        named.append((mark, px, py, [mark.series]))
      }
    }
    for (mark, px, py, series) in named {
      let share = Units.percent(mark.share).replacing(" ", with: "\u{A0}")
      let end = isHollow ? "" : " \(share)"
      let (full, short) = (mark.label(end), mark.shortLabel(end))
      // What takes a twentieth of the time is named, whatever it costs; less, where there is room beside it.
      let attempts: [(lines: [String], effort: Labels.Effort)] =
        mark.share >= RooflineMark.named
        ? full.map { ($0, .clear) } + full.map { ($0, .must) } + (full + [short]).map { ($0, .over) }
        : (full + [short]).map { ($0, .beside) }
      let colours = isHollow ? series.sorted().map(ChartStyle.colour) : []
      for (lines, effort) in attempts {
        let dots = String(repeating: "●", count: colours.count)
        let lines = isHollow ? ["\(dots) \(lines[0])"] + lines.dropFirst() : lines
        guard let place = plane.labels.place(lines, x: px, y: py, radius: mark.radius, effort: effort)
        else { continue }
        if let leader = place.leader {
          plane.frame.svg.line(
            leader.a.x, leader.a.y, leader.b.x, leader.b.y,
            class: "tie" + (colours.count == 1 ? " s\(colours[0])" : ""))
        }
        for (row, line) in lines.enumerated() {
          plane.frame.svg.text(
            place.x, place.baseline + Double(row) * Labels.leading, line, anchor: place.anchor, class: "halo",
            dots: row == 0 ? colours : [])
        }
        break
      }
    }
    return Set(groups.map(\.series))
  }
}
