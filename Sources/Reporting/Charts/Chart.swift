/// A picture with the words that go with it.
public struct Chart: Sendable {
  /// Stem of its file name: letters, digits, hyphens; unique in its report.
  public var name: String
  public var title: String
  /// What it shows and with what it was made.
  public var caption: String
  /// Its finding in a sentence, for those who do not see it.
  public var finding: String
  public var width, height: Double
  /// Its marks take the focus and have names of their own.
  var isInteractive = false
  var content: String

  /// A file of its own, with its caption.
  public func svg(command: String? = nil) -> String { Self.stacked([self], command: command) }

  /// For a page that has a caption and a style sheet of its own.
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
      + " width=\"\(n(width * shown))\" height=\"\(n(height * shown))\">\n\(ReportFormat.mark)\n"
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

  /// Pixels of a file's picture per user unit.
  private static let shown = 1.4

  private var labels: String {
    "role=\"\(isInteractive ? "group" : "img")\" aria-labelledby=\"chart-\(name)-title chart-\(name)-finding\""
  }

  private var words: String {
    "<title id=\"chart-\(name)-title\">\(title.markup)</title>\n"
      + "<desc id=\"chart-\(name)-finding\">\(finding.markup)</desc>\n"
  }
}
