/// Lines over a common horizontal axis; each with its own dash and mark.
struct LineChart {
  enum Scale { case linear, logarithmic, binary }

  var name, title, subtitle, horizontalTitle, verticalTitle: String
  var lines: [(name: String, points: [(x: Double, y: Double)])]
  var horizontal = Scale.logarithmic
  var vertical = Scale.logarithmic
  /// Heights to compare with.
  var limits: [(name: String, value: Double)] = []
  /// The same across.
  var uprights: [(name: String, value: Double)] = []
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
    let x = axis(
      horizontal, lines.flatMap { $0.points.map(\.x) } + uprights.map(\.value), frame.left, frame.right,
      tight: true)
    let y = axis(
      vertical, lines.flatMap { $0.points.map(\.y) } + limits.map(\.value), frame.bottom, frame.top)
    frame.horizontal(x, title: horizontalTitle, shown: shownX)
    frame.vertical(y, title: verticalTitle, shown: shownY)
    var drawn: [Labels.Line] = []
    var named: [(name: String, boxes: [Labels.Box])] = []
    func limit(_ name: String, _ a: SVG.Point, _ b: SVG.Point, _ boxes: (_ width: Double) -> [SVG.Point]) {
      frame.svg.line(a.x, a.y, b.x, b.y, class: "limit")
      drawn.append(.init(a: a, b: b))
      let width = Lettering.width(of: name)
      named.append((name, boxes(width).map { .init(x: $0.x, y: $0.y, width: width, height: 12) }))
    }
    for one in limits {
      guard let at = y.place(one.value) else { continue }
      // As far right as may be.
      limit(one.name, (frame.left, at), (frame.right, at)) { width in
        [at - 14, at + 2].flatMap { top in
          stride(from: frame.right - 3 - width, through: frame.left + 2, by: -8).map { ($0, top) }
        }
      }
    }
    for one in uprights {
      guard let at = x.place(one.value) else { continue }
      limit(one.name, (at, frame.top), (at, frame.bottom)) { width in
        stride(from: frame.top + 3, through: frame.bottom - 15, by: 8).flatMap { top in
          [at - 4 - width, at + 4].filter { $0 > frame.left && $0 + width < frame.right }.map { ($0, top) }
        }
      }
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
    name(named, &frame, drawn)
    if lines.count > 1 { frame.legend(lines.enumerated().map { ($0.offset, $0.element.name) }) }
    return frame.chart(name, caption: caption, finding: finding)
  }

  /// Each in its first box that no line runs through and where no other name stands.
  private func name(
    _ limits: [(name: String, boxes: [Labels.Box])], _ frame: inout Frame, _ drawn: [Labels.Line]
  ) {
    var placed: [Labels.Box] = []
    for (name, boxes) in limits {
      let free = boxes.first { box in
        !placed.contains { $0.touches(box) } && !drawn.contains { box.isCrossed(by: $0) }
      }
      guard let box = free ?? boxes.first else { continue }
      placed.append(box)
      frame.svg.text(box.x + box.width, box.y + 10, name, anchor: .end, class: "halo")
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
