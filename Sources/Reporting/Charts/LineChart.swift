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
    var drawn: [Labels.Line] = []
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
      drawn += zip(places, places.dropFirst()).map { Labels.Line(a: $0, b: $1) }
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
    name(limits.compactMap { limit in y.place(limit.value).map { (limit.name, $0) } }, &frame, drawn)
    if lines.count > 1 { frame.legend(lines.enumerated().map { ($0.offset, $0.element.name) }) }
    return frame.chart(name, caption: caption, finding: finding)
  }

  /// Heights by their names, as far right as no line runs through and no other name stands.
  private func name(_ heights: [(name: String, y: Double)], _ frame: inout Frame, _ drawn: [Labels.Line]) {
    var placed: [Labels.Box] = []
    for (name, y) in heights {
      let width = Lettering.width(of: name)
      let boxes = [y - 14, y + 2].flatMap { top in
        stride(from: frame.right - 3 - width, through: frame.left + 2, by: -8).map {
          Labels.Box(x: $0, y: top, width: width, height: 12)
        }
      }
      let free = boxes.first { box in
        !placed.contains { $0.touches(box) } && !drawn.contains { box.isCrossed(by: $0) }
          && !heights.contains { $0.y > box.y && $0.y < box.y + box.height }
      }
      guard let box = free ?? boxes.first else { continue }
      placed.append(box)
      frame.svg.text(box.x + width, box.y + 10, name, anchor: .end, class: "halo")
    }
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
