import Basics

/// Sixteen marks that are told apart without their colours, all of the same area.
enum MarkShape {
  /// The element of a mark of about `size`² around a point.
  ///
  /// - Parameter title: what a pointer that rests on it is told.
  static func element(
    _ index: Int, x: Double, y: Double, size: Double, _ attributes: String, title: String? = nil
  ) -> String {
    let n = SVG.number
    let index = index % (outlines.count + 1)
    let inside = title.map { "><title>\($0.markup)</title></\(index == 0 ? "circle" : "path")>" } ?? "/>"
    guard index > 0 else {
      return "<circle cx=\"\(n(x))\" cy=\"\(n(y))\" r=\"\(n(size * 0.564))\" \(attributes)\(inside)"
    }
    let points = outlines[index - 1].map { "\(n(x + $0.x * size)) \(n(y + $0.y * size))" }
    return "<path d=\"M\(points.joined(separator: "L"))Z\" \(attributes)\(inside)"
  }

  private typealias Point = (x: Double, y: Double)

  private static let outlines: [[Point]] = [
    regular(4, turn: 0.125), regular(3), regular(4), regular(3, turn: 0.5), regular(6), plus(turn: 0),
    star(5, 0.45), regular(5), plus(turn: 0.125), regular(3, turn: 0.25), regular(3, turn: 0.75),
    star(4, 0.35),
    waist(upright: true), star(6, 0.55), waist(upright: false),
  ].map { outline in
    let area = outline.indices.reduce(0) { sum, index in
      let (a, b) = (outline[index], outline[(index + 1) % outline.count])
      return sum + (a.x * b.y - b.x * a.y) / 2
    }
    let scale = 1 / abs(area).squareRoot()
    return outline.map { ($0.x * scale, $0.y * scale) }
  }

  /// - Parameter turn: of a whole turn, clockwise from a corner at the top.
  private static func regular(_ corners: Int, turn: Double = 0) -> [Point] { star(corners * 2, 1, turn, 2) }

  private static func star(_ points: Int, _ inner: Double, _ turn: Double = 0, _ step: Int = 1) -> [Point] {
    stride(from: 0, to: step == 1 ? points * 2 : points, by: step).map { corner in
      let all = Double(step == 1 ? points * 2 : points)
      let angle = 2 * Double.pi * (Double(corner) / all + turn)
      let radius = step == 1 && corner % 2 == 1 ? inner : 1
      return (radius * sin(angle), -radius * cos(angle))
    }
  }

  private static func plus(turn: Double) -> [Point] {
    let (a, b) = (0.36, 1.0)
    let (c, s) = (cos(2 * .pi * turn), sin(2 * .pi * turn))
    func turned(_ p: (Double, Double)) -> Point { (p.0 * c - p.1 * s, p.0 * s + p.1 * c) }
    return [
      (-a, -b), (a, -b), (a, -a), (b, -a), (b, a), (a, a), (a, b), (-a, b), (-a, a), (-b, a), (-b, -a),
      (-a, -a),
    ].map { corner in turned(corner) }
  }

  private static func waist(upright: Bool) -> [Point] {
    let points: [Point] = [(-1, -1), (1, -1), (0.3, 0), (1, 1), (-1, 1), (-0.3, 0)]
    return upright ? points : points.map { ($0.y, -$0.x) }
  }
}
