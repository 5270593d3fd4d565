import Basics

/// Ratios over a size, a panel each kind, so that thousands stay readable: every point, the band that was promised, and
/// the names of what lies farthest off.
struct RatioFacets {
  struct Point {
    var size, ratio: Double
    /// The interval over its own expectation, where there is one.
    var low, high: Double?
    var name: String
  }

  /// A kind, and how its sizes are written.
  typealias Facet = (name: String, points: [Point], shown: (Double) -> String)

  var name, title, subtitle, horizontalTitle, verticalTitle: String
  var facets: [Facet]
  /// Of the first panel.
  var firstColour = 0

  /// Height of a panel; a single row of them is as high as the picture beside it.
  private var plot: Double { facets.count > 2 ? 120 : 220 }
  private static let named = 3
  private static let bins = 12
  /// So many have names of their own for a pointer; more are one path.
  private static let most = 200

  /// Many panels stand in two pictures beside each other.
  func charts(caption: String, finding: String) -> [Chart] {
    guard facets.count > 4 else { return [chart(caption: caption, finding: finding)] }
    var (first, second) = (self, self)
    let half = (facets.count + 3) / 4 * 2
    first.facets = Array(facets.prefix(half))
    second.facets = Array(facets.dropFirst(half))
    (second.name, second.title, second.firstColour) = ("\(name)-more", "\(title), further kinds", half)
    return [first.chart(caption: caption, finding: finding), second.chart(caption: "", finding: finding)]
  }

  func chart(caption: String, finding: String) -> Chart {
    let lines = (facets.count + 1) / 2
    let high = plot + 46
    var frame = Frame(title, subtitle, plot: Double(max(1, lines)) * high, left: 48, margin: 10)
    let ratios = facets.flatMap { $0.points.map(\.ratio) }.filter { $0 > 0 && $0.isFinite }.sorted()
    func quantile(_ share: Double) -> Double {
      ratios.isEmpty ? 1 : ratios[Int(share * Double(ratios.count - 1))]
    }
    // What lies farther off is drawn at the edge.
    let range = [max(1 / 16, min(0.5, quantile(0.005))), min(16, max(2, quantile(0.995)))]
    let whole = frame.right - frame.left
    let room = facets.count == 1 ? whole : (whole - 14) / 2
    frame.svg.text(8, frame.top - 8, "\(verticalTitle), over \(horizontalTitle)")
    for (index, facet) in facets.enumerated() {
      let left = frame.left + Double(index % 2) * (room + 14)
      let top = frame.top + Double(index / 2) * high + 18
      let x = Axis.logarithmic(facet.points.map(\.size), start: left, end: left + room, tight: true)
      let y = Axis.binary(range, start: top + plot, end: top)
      draw(facet, firstColour + index, x, y, into: &frame, isFirst: index % 2 == 0)
    }
    return frame.chart(name, caption: caption, finding: finding)
  }

  private func draw(
    _ facet: Facet, _ index: Int, _ x: Axis, _ y: Axis, into frame: inout Frame,
    isFirst: Bool
  ) {
    let n = SVG.tenth
    frame.svg.text(
      x.start, y.end - 5, "\(facet.name), \(Units.whole(Double(facet.points.count)))", class: "strong")
    for tick in y.ticks {
      guard let at = y.place(tick) else { continue }
      frame.svg.line(x.start, at, x.end, at, class: tick == 1 ? "axis" : "grid")
      if isFirst {
        frame.svg.text(x.start - 5, at + 4, Lettering.short("× \(Units.plain(tick))"), anchor: .end)
      }
    }
    let sizes = x.ticks.compactMap { tick in
      x.place(tick).map { at -> (text: String, middle: Double, half: Double) in
        frame.svg.line(at, y.start, at, y.start + 3, class: "axis")
        let text = Lettering.short(facet.shown(tick))
        let half = Lettering.width(of: text) / 2
        return (text, min(max(at, x.start + half), x.end - half), half)
      }
    }
    for label in Frame.apart(sizes, { ($0.middle - $0.half, $0.middle + $0.half) }) {
      frame.svg.text(label.middle, y.start + 15, label.text, anchor: .middle)
    }
    let colour = ChartStyle.colour(index)
    if let band = band(facet.points, x, y) {
      frame.svg.raw("<path class=\"band f\(colour)\" d=\"\(band)\"/>")
    }
    func place(_ point: Point) -> SVG.Point? {
      guard let px = x.place(point.size), let py = y.place(min(max(point.ratio, y.low), y.high)) else {
        return nil
      }
      return (px, py)
    }
    if facet.points.count > Self.most {
      let dots = facet.points.compactMap(place).map { "M\(n($0.x)) \(n($0.y))h0" }
      frame.svg.raw("<path class=\"dots s\(colour)\" d=\"\(dots.joined())\"/>")
    } else {
      for point in facet.points {
        guard let at = place(point) else { continue }
        frame.svg.raw(mark(point, at, index))
      }
    }
    var labels = Labels(left: x.start, top: y.end, right: x.end, bottom: y.start)
    let outside = facet.points.filter { $0.ratio < ($0.low ?? 0.8) || $0.ratio > ($0.high ?? 1.25) }
    let named = outside.sorted { abs(logarithm($0.ratio)) > abs(logarithm($1.ratio)) }.prefix(Self.named)
    for at in named.compactMap(place) { labels.reserve(mark: at.x, at.y, radius: 2) }
    for point in named {
      guard let at = place(point) else { continue }
      let text = Lettering.cutMiddle(point.name, width: (x.end - x.start) * 0.9)
      guard let label = labels.place([text], x: at.x, y: at.y, radius: 2) else { continue }
      if let leader = label.leader {
        frame.svg.line(leader.a.x, leader.a.y, leader.b.x, leader.b.y, class: "tie")
      }
      frame.svg.raw(mark(point, at, index))
      frame.svg.text(label.x, label.baseline, text, anchor: label.anchor, class: "halo")
    }
  }

  private func mark(_ point: Point, _ at: SVG.Point, _ index: Int) -> String {
    MarkShape.element(
      index, x: at.x, y: at.y, size: 5, "class=\"mark f\(ChartStyle.colour(index))\"",
      title: "\(point.name): × \(Units.plain(point.ratio))")
  }

  /// Halves of the intervals in steps of size.
  private func band(_ points: [Point], _ x: Axis, _ y: Axis) -> String? {
    var bins = [[(low: Double, high: Double)]](repeating: [], count: Self.bins)
    let width = (x.end - x.start) / Double(Self.bins)
    for point in points {
      guard let low = point.low, let high = point.high, let at = x.place(point.size) else { continue }
      bins[min(Self.bins - 1, max(0, Int((at - x.start) / width)))].append((low, high))
    }
    func middle(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
    let steps = bins.enumerated().compactMap { index, bin -> String? in
      guard !bin.isEmpty, let low = y.place(min(max(middle(bin.map(\.low)), y.low), y.high)),
        let high = y.place(min(max(middle(bin.map(\.high)), y.low), y.high))
      else { return nil }
      let start = x.start + Double(index) * width
      return "M\(SVG.tenth(start)) \(SVG.tenth(low))h\(SVG.tenth(width))V\(SVG.tenth(high))"
        + "h-\(SVG.tenth(width))Z"
    }
    return steps.isEmpty ? nil : steps.joined()
  }
}
