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
        + "\(text.markup)</text>")
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

  /// A file of its own, with its caption.
  public func svg(command: String? = nil) -> String { Self.stacked([self], command: command) }

  /// For a page that has a caption of its own and sets the colours `--ink`, `--paper`, `--faint`.
  func inline() -> String {
    let n = SVG.number
    return
      "<svg class=\"chart\" viewBox=\"0 0 \(n(width)) \(n(height))\" \(labels)>\n\(words)\(content)</svg>\n"
  }

  /// All charts below one another, as one file; the command stands under the last.
  public static func stacked(_ charts: [Chart], command: String?) -> String {
    let n = SVG.number
    let captions = charts.enumerated().map {
      Caption($0.element, command: $0.offset == charts.count - 1 ? command : nil)
    }
    let width = charts.map(\.width).max() ?? 0
    let height = zip(charts, captions).reduce(0) { $0 + $1.0.height + $1.1.height }
    var out =
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(n(width)) \(n(height))\""
      + " width=\"\(n(width))\" height=\"\(n(height))\">\n\(ReportFormat.mark)\n"
    out += "<style>\(ChartStyle.sheet)</style>\n<rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n"
    var y = 0.0
    for (chart, caption) in zip(charts, captions) {
      let whole = chart.height + caption.height
      out +=
        "<svg class=\"chart\" x=\"0\" y=\"\(n(y))\" width=\"\(n(chart.width))\" height=\"\(n(whole))\" \(chart.labels)>\n"
        + chart.words + chart.content + caption.draw(below: chart.height) + "</svg>\n"
      y += whole
    }
    return out + "</svg>\n"
  }

  private var labels: String {
    "role=\"img\" aria-labelledby=\"chart-\(name)-title chart-\(name)-finding\""
  }

  private var words: String {
    "<title id=\"chart-\(name)-title\">\(title.markup)</title>\n"
      + "<desc id=\"chart-\(name)-finding\">\(finding.markup)</desc>\n"
  }
}
