/// Lines over a common horizontal axis; each with its own dash and mark.
struct LineChart {
  enum Scale { case linear, logarithmic, binary }

  var name, title, subtitle, horizontalTitle, verticalTitle: String
  var lines: [(name: String, points: [(x: Double, y: Double)])]
  var horizontal = Scale.logarithmic
  var vertical = Scale.logarithmic
  /// Heights to compare with.
  var limits: [(name: String, value: Double)] = []
  var shownX: (Double) -> String
  var shownY: (Double) -> String

  /// Lines that lie on one another are one, with both names.
  private var distinct: [(name: String, points: [(x: Double, y: Double)])] {
    lines.reduce(into: []) { all, line in
      if let same = all.firstIndex(where: { $0.points.elementsEqual(line.points, by: ==) }) {
        all[same].name += ", \(line.name)"
      } else {
        all.append(line)
      }
    }
  }

  func chart(caption: String, finding: String) -> Chart {
    let lines = distinct
    var frame = Frame(title, subtitle, plot: 240, left: 62)
    let x = axis(horizontal, lines.flatMap { $0.points.map(\.x) }, frame.left, frame.right, tight: true)
    let y = axis(
      vertical, lines.flatMap { $0.points.map(\.y) } + limits.map(\.value), frame.bottom, frame.top)
    frame.horizontal(x, title: horizontalTitle, shown: shownX)
    frame.vertical(y, title: verticalTitle, shown: shownY)
    for limit in limits {
      guard let at = y.place(limit.value) else { continue }
      frame.svg.line(frame.left, at, frame.right, at, class: "limit")
    }
    for (index, line) in lines.enumerated() {
      let places = line.points.compactMap { point -> SVG.Point? in
        guard let px = x.place(point.x), let py = y.place(point.y) else { return nil }
        return (px, py)
      }
      let colour = ChartStyle.colour(index)
      let dash = [
        "", " stroke-dasharray=\"7 3\"", " stroke-dasharray=\"2 3\"", " stroke-dasharray=\"9 3 2 3\"",
      ][index % 4]
      frame.svg.polyline(places, class: "line s\(colour)", dash)
      // Many points in a row are the line.
      if places.count <= 16 {
        for place in places {
          frame.svg.raw(
            MarkShape.element(
              index, x: place.x, y: place.y, size: max(4, 8.5 - 1.5 * Double(index)),
              "class=\"mark f\(colour)\""))
        }
      }
    }
    // Names of heights that lie close stand beside each other.
    var free = [Double]()
    for limit in limits.sorted(by: { $0.value > $1.value }) {
      guard let at = y.place(limit.value) else { continue }
      let beside = free.count { abs($0 - at) < 13 }
      frame.svg.text(
        frame.right - 3 - Double(beside) * 110, at - 4, limit.name, anchor: .end, class: "halo")
      free.append(at)
    }
    if lines.count > 1 { frame.legend(lines.enumerated().map { ($0.offset, $0.element.name) }) }
    return frame.chart(name, caption: caption, finding: finding)
  }

  private func axis(_ scale: Scale, _ values: [Double], _ start: Double, _ end: Double, tight: Bool = false)
    -> Axis
  {
    switch scale {
    case .linear: .linear(values, start: start, end: end, tight: tight)
    case .logarithmic: .logarithmic(values, start: start, end: end, tight: true)
    case .binary: .binary(values, start: start, end: end)
    }
  }
}
