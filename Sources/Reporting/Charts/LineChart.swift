/// Lines over a common horizontal axis; each with its own dash and mark.
struct LineChart {
  var name, title, horizontalTitle, verticalTitle: String
  var lines: [(name: String, points: [(x: Double, y: Double)])]
  var logarithmicX = true
  var logarithmicY = true
  /// A height to compare with.
  var limit: (name: String, value: Double)?
  var shownX: (Double) -> String
  var shownY: (Double) -> String

  func chart(caption: String, finding: String) -> Chart {
    var frame = Frame(width: 760, height: 380, title: title, legend: 158)
    let xs = lines.flatMap { $0.points.map(\.x) }
    let ys = lines.flatMap { $0.points.map(\.y) } + (limit.map { [$0.value] } ?? [])
    let x =
      logarithmicX
      ? Axis.logarithmic(xs, start: frame.left, end: frame.right)
      : Axis.linear(xs, start: frame.left, end: frame.right)
    let y =
      logarithmicY
      ? Axis.logarithmic(ys, start: frame.bottom, end: frame.top)
      : Axis.linear(ys, start: frame.bottom, end: frame.top)
    frame.horizontal(x, title: horizontalTitle, shown: shownX)
    frame.vertical(y, title: verticalTitle, shown: shownY)
    for (index, line) in lines.enumerated() {
      let places = line.points.compactMap { point -> (x: Double, y: Double)? in
        guard let px = x.place(point.x), let py = y.place(point.y) else { return nil }
        return (px, py)
      }
      let dash = ["", " stroke-dasharray=\"7 3\"", " stroke-dasharray=\"2 3\""][index % 3]
      frame.svg.polyline(
        places, attributes: "fill=\"none\" stroke=\"\(ChartStyle.colour(index))\" stroke-width=\"2\"\(dash)")
      for place in places {
        frame.svg.raw(
          ChartStyle.shape(index, x: place.x, y: place.y, size: 7)
            + " class=\"mark\" fill=\"\(ChartStyle.colour(index))\"/>")
      }
    }
    if let limit, let at = y.place(limit.value) {
      frame.svg.line(frame.left, at, frame.right, at, class: "limit")
      frame.svg.text(frame.right - 4, at - 5, limit.name, anchor: .end, class: "small")
    }
    frame.legend(lines.enumerated().map { ($0.offset, $0.element.name) })
    return frame.chart(name, caption: caption, finding: finding)
  }
}

/// Predicted against measured, with the interval where there is one; the diagonal is agreement.
public struct ScatterChart {
  public struct Point: Sendable {
    public var measured, predicted: Double
    public var low, high: Double?
    public var group: Int

    public init(measured: Double, predicted: Double, low: Double? = nil, high: Double? = nil, group: Int) {
      self.measured = measured
      self.predicted = predicted
      self.low = low
      self.high = high
      self.group = group
    }
  }

  public var title: String
  public var groups: [String]
  public var points: [Point]

  public init(title: String, groups: [String], points: [Point]) {
    self.title = title
    self.groups = groups
    self.points = points
  }

  public func chart(name: String = "scatter", caption: String, finding: String) -> Chart {
    var frame = Frame(width: 760, height: 560, title: title, legend: 190)
    let values = points.flatMap { [$0.measured, $0.predicted] }
    let x = Axis.logarithmic(values, start: frame.left, end: frame.right)
    let y = Axis.logarithmic(values, start: frame.bottom, end: frame.top)
    frame.horizontal(x, title: "measured, seconds", shown: Units.seconds)
    frame.vertical(y, title: "predicted, seconds", shown: Units.seconds)
    if let x1 = x.place(x.low), let y1 = y.place(y.low), let x2 = x.place(x.high), let y2 = y.place(y.high) {
      frame.svg.line(x1, y1, x2, y2, class: "limit")
    }
    for point in points {
      guard let px = x.place(point.measured), let py = y.place(point.predicted) else { continue }
      if let low = point.low, let high = point.high, let bottom = y.place(low), let top = y.place(high) {
        frame.svg.line(px, min(frame.bottom, bottom), px, max(frame.top, top), class: "leader")
      }
      frame.svg.raw(
        ChartStyle.shape(point.group, x: px, y: py, size: 5)
          + " class=\"mark\" fill=\"\(ChartStyle.colour(point.group))\" fill-opacity=\"0.7\"/>")
    }
    frame.legend(groups.prefix(24).enumerated().map { ($0.offset, $0.element) })
    return frame.chart(name, caption: caption, finding: finding)
  }
}
