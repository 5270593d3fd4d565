/// Things by two of their figures, each named where there is room.
struct MapChart {
  var name, title, horizontalTitle, verticalTitle: String
  var series: [String]
  var points: [(name: String, series: Int, x: Double, y: Double)]
  var shownX: (Double) -> String
  var shownY: (Double) -> String

  func chart(caption: String, finding: String) -> Chart {
    var frame = Frame(title, plot: 290, left: 80)
    let x = Axis.logarithmic(points.map(\.x), start: frame.left, end: frame.right, tight: true)
    let y = Axis.logarithmic(points.map(\.y), start: frame.bottom, end: frame.top, tight: true)
    frame.horizontal(x, title: horizontalTitle, shown: shownX)
    frame.vertical(y, title: verticalTitle, shown: shownY)
    var labels = Labels(left: frame.left + 2, top: frame.top, right: frame.right, bottom: frame.bottom)
    let placed = points.compactMap { point in
      x.place(point.x).flatMap { px in y.place(point.y).map { (point: point, x: px, y: $0) } }
    }
    for (point, px, py) in placed {
      labels.reserve(mark: px, py, radius: 3)
      frame.svg.raw(
        MarkShape.element(
          point.series, x: px, y: py, size: 7, "class=\"mark f\(ChartStyle.colour(point.series))\"",
          title: "\(point.name): \(shownX(point.x)), \(shownY(point.y))"))
    }
    for (point, px, py) in placed {
      guard let place = labels.place([point.name], x: px, y: py, radius: 3, effort: .beside) else { continue }
      if let leader = place.leader {
        frame.svg.line(leader.a.x, leader.a.y, leader.b.x, leader.b.y, class: "tie")
      }
      frame.svg.text(place.x, place.baseline, point.name, anchor: place.anchor, class: "halo")
    }
    if series.count > 1 { frame.legend(series.enumerated().map { ($0.offset, $0.element) }) }
    return frame.chart(name, caption: caption, finding: finding)
  }
}
