/// An SVG picture being drawn. Coordinates are in user units, y grows downwards; numbers have two decimals, so that
/// the same data gives the same bytes everywhere.
struct SVG {
  private(set) var body = ""

  enum Anchor: String { case start, middle, end }

  static func number(_ value: Double) -> String {
    var text = Units.fixed(value.isFinite ? value : 0, 2)
    while text.hasSuffix("0") { text.removeLast() }
    if text.hasSuffix(".") { text.removeLast() }
    return text == "-0" || text.isEmpty ? "0" : text
  }

  /// Text and attribute values, safe for XML 1.0: markup escaped, forbidden control characters dropped.
  static func escape(_ text: String) -> String {
    var out = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": out += "&amp;"
      case "<": out += "&lt;"
      case ">": out += "&gt;"
      case "\"": out += "&quot;"
      case "'": out += "&#39;"
      case _ where scalar.value < 32: out += " "
      case "\u{FFFE}", "\u{FFFF}": out += " "
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out
  }

  mutating func raw(_ text: String) { body += text + "\n" }

  mutating func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, class name: String) {
    let n = Self.number
    raw("<line class=\"\(name)\" x1=\"\(n(x1))\" y1=\"\(n(y1))\" x2=\"\(n(x2))\" y2=\"\(n(y2))\"/>")
  }

  mutating func rect(
    _ x: Double, _ y: Double, _ width: Double, _ height: Double, attributes: String
  ) {
    let n = Self.number
    raw(
      "<rect x=\"\(n(x))\" y=\"\(n(y))\" width=\"\(n(max(0, width)))\" height=\"\(n(max(0, height)))\" \(attributes)/>"
    )
  }

  mutating func polyline(_ points: [(x: Double, y: Double)], attributes: String) {
    let list = points.map { "\(Self.number($0.x)),\(Self.number($0.y))" }.joined(separator: " ")
    raw("<polyline points=\"\(list)\" \(attributes)/>")
  }

  mutating func text(
    _ x: Double, _ y: Double, _ text: String, anchor: Anchor = .start, class name: String = "label",
    rotated: Double? = nil, shift: Double = 0
  ) {
    let n = Self.number
    let across = shift == 0 ? "" : " dy=\"\(n(shift))\""
    let turn = rotated.map { " transform=\"rotate(\(n($0)) \(n(x)) \(n(y)))\"" } ?? ""
    raw(
      "<text class=\"\(name)\" x=\"\(n(x))\" y=\"\(n(y))\" text-anchor=\"\(anchor.rawValue)\"\(across)\(turn)>"
        + "\(Self.escape(text))</text>")
  }
}

/// A picture with the words that go with it.
public struct Chart: Sendable {
  /// Stem of its file name: letters, digits, hyphens.
  public var name: String
  public var title: String
  /// What it shows and with what it was made.
  public var caption: String
  /// Its finding in a sentence, for those who do not see it.
  public var finding: String
  public var width, height: Double
  var content: String

  init(name: String, title: String, caption: String, finding: String, width: Double, height: Double, svg: SVG)
  {
    self.name = name
    self.title = title
    self.caption = caption
    self.finding = finding
    self.width = width
    self.height = height
    content = svg.body
  }

  /// The picture alone. `inline` leaves colours to the page's `--ink`, `--paper`, `--faint`.
  public func svg(inline: Bool = false) -> String {
    let n = SVG.number
    let id = "chart-\(name)"
    let namespace = inline ? "" : " xmlns=\"http://www.w3.org/2000/svg\""
    return """
      <svg\(namespace) class="chart" viewBox="0 0 \(n(width)) \(n(height))" role="img" \
      aria-labelledby="\(id)-title \(id)-finding"\(inline ? "" : " width=\"\(n(width))\" height=\"\(n(height))\"")>
      <title id="\(id)-title">\(SVG.escape(title))</title>
      <desc id="\(id)-finding">\(SVG.escape(finding))</desc>
      \(inline ? "" : "<style>\(ChartStyle.sheet)</style>\n<rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n")\
      \(content)</svg>

      """
  }

  /// All charts below one another, as one file.
  public static func stacked(_ charts: [Chart]) -> String {
    guard charts.count != 1 else { return charts[0].svg() }
    let n = SVG.number
    let width = charts.map(\.width).max() ?? 0
    var out =
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(n(width)) \(n(charts.reduce(0) { $0 + $1.height }))\""
      + " width=\"\(n(width))\" height=\"\(n(charts.reduce(0) { $0 + $1.height }))\">\n"
    out += "<style>\(ChartStyle.sheet)</style>\n<rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n"
    var y = 0.0
    for chart in charts {
      out +=
        "<svg x=\"0\" y=\"\(n(y))\" width=\"\(n(chart.width))\" height=\"\(n(chart.height))\" role=\"img\""
      out += " aria-labelledby=\"chart-\(chart.name)-title chart-\(chart.name)-finding\">\n"
      out += "<title id=\"chart-\(chart.name)-title\">\(SVG.escape(chart.title))</title>\n"
      out += "<desc id=\"chart-\(chart.name)-finding\">\(SVG.escape(chart.finding))</desc>\n"
      out += chart.content + "</svg>\n"
      y += chart.height
    }
    return out + "</svg>\n"
  }
}
