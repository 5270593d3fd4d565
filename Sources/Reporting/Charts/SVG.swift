/// An SVG picture being drawn. Coordinates are in user units, y grows downwards; numbers have at most two decimals, so
/// that the same data gives the same bytes everywhere.
struct SVG {
  typealias Point = (x: Double, y: Double)

  private(set) var body = ""

  enum Anchor: String { case start, middle, end }

  static func number(_ value: Double) -> String { rounded(value, 2) }

  /// Precise enough for one of thousands.
  static func tenth(_ value: Double) -> String { rounded(value, 1) }

  private static func rounded(_ value: Double, _ decimals: Int) -> String {
    var text = Units.fixed(value.isFinite ? value : 0, decimals)
    if text.contains(".") {
      while text.hasSuffix("0") { text.removeLast() }
      if text.hasSuffix(".") { text.removeLast() }
    }
    return text == "-0" || text.isEmpty ? "0" : text
  }

  mutating func raw(_ text: String) { body += text + "\n" }

  mutating func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, class name: String) {
    let n = Self.number
    raw("<line class=\"\(name)\" x1=\"\(n(x1))\" y1=\"\(n(y1))\" x2=\"\(n(x2))\" y2=\"\(n(y2))\"/>")
  }

  mutating func rect(
    _ x: Double, _ y: Double, _ width: Double, _ height: Double, _ attributes: String, title: String? = nil
  ) {
    let n = Self.number
    raw(
      "<rect x=\"\(n(x))\" y=\"\(n(y))\" width=\"\(n(max(0, width)))\" height=\"\(n(max(0, height)))\" \(attributes)"
        + (title.map { "><title>\($0.markup)</title></rect>" } ?? "/>"))
  }

  mutating func polyline(_ points: [Point], class name: String, _ attributes: String = "") {
    let list = points.map { "\(Self.number($0.x)),\(Self.number($0.y))" }.joined(separator: " ")
    raw("<polyline class=\"\(name)\" points=\"\(list)\"\(attributes)/>")
  }

  /// - Parameter dots: the colours of its first characters.
  mutating func text(
    _ x: Double, _ y: Double, _ text: String, anchor: Anchor = .start, class name: String? = nil,
    dots: [Int] = []
  ) {
    let n = Self.number
    let style = name.map { " class=\"\($0)\"" } ?? ""
    let side = anchor == .start ? "" : " text-anchor=\"\(anchor.rawValue)\""
    let first = zip(dots, text).map { "<tspan class=\"f\($0)\">\(String($1).markup)</tspan>" }.joined()
    raw(
      "<text\(style) x=\"\(n(x))\" y=\"\(n(y))\"\(side)>\(first)\(text.dropFirst(dots.count).markup)</text>")
  }
}
