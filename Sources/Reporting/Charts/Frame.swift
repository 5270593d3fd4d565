/// The plot area with its axes, grid, title and, below it, its legend.
struct Frame {
  /// Of every picture, in user units: half a wide page; on one of 400 pixels letters are ten high.
  static let width = 440.0

  var svg = SVG()
  let title: String
  let left, top, right, bottom: Double
  private(set) var height: Double

  /// - Parameters:
  ///   - plot: height of the plot area.
  ///   - margin: room at its right.
  ///   - above: room between the title and it.
  init(
    _ title: String, _ subtitle: String = "", plot: Double, left: Double = 46, margin: Double = 14,
    above: Double = 28
  ) {
    self.title = subtitle.isEmpty ? title : "\(title), \(subtitle)"
    var y = 3.0
    for line in Lettering.lines(title, width: Self.width - 16, size: 14) {
      y += 17
      svg.text(8, y, line, class: "title")
    }
    for line in Lettering.lines(subtitle, width: Self.width - 16) {
      y += 14
      svg.text(8, y, line)
    }
    self.left = left
    right = Self.width - margin
    top = (y + above).rounded()
    bottom = top + plot
    height = bottom + 8
  }

  /// What was drawn, with its words.
  func chart(_ name: String, caption: String, finding: String, isInteractive: Bool = false) -> Chart {
    Chart(
      name: name, title: title, caption: caption, finding: finding, width: Self.width, height: height,
      isInteractive: isInteractive, content: svg.body)
  }

  mutating func horizontal(_ axis: Axis, title: String, shown: (Double) -> String) {
    let span = "\(SVG.tenth(top))V\(SVG.tenth(bottom))"
    minor(axis) { "M\($0) \(span)" }
    let labels = axis.ticks.compactMap { tick in
      axis.place(tick).map { x -> (text: String, x: Double, middle: Double, half: Double) in
        let text = Lettering.short(shown(tick))
        let half = Lettering.width(of: text) / 2
        return (text, x, min(max(x, half + 2), Self.width - half - 2), half)
      }
    }
    for label in labels { svg.line(label.x, top, label.x, bottom, class: "grid") }
    for label in Self.apart(labels, { ($0.middle - $0.half, $0.middle + $0.half) }) {
      svg.text(label.middle, bottom + 17, label.text, anchor: .middle)
    }
    svg.line(left, bottom, right, bottom, class: "axis")
    if !title.isEmpty { svg.text((left + right) / 2, bottom + 32, title, anchor: .middle) }
    height = bottom + (title.isEmpty ? 25 : 40)
  }

  /// Every, every second, … of them, so that none covers another.
  static func apart<Label>(_ labels: [Label], _ span: (Label) -> (from: Double, to: Double)) -> [Label] {
    for step in 1...max(1, labels.count) {
      let shown = labels.enumerated().filter { $0.offset % step == 0 }.map(\.element)
      if zip(shown, shown.dropFirst()).allSatisfy({ span($0).to + 4 <= span($1).from }) { return shown }
    }
    return []
  }

  mutating func vertical(_ axis: Axis, title: String, shown: (Double) -> String) {
    let (start, end) = (SVG.tenth(left), SVG.tenth(right))
    minor(axis) { "M\(start) \($0)H\(end)" }
    for tick in axis.ticks {
      guard let y = axis.place(tick) else { continue }
      svg.line(left, y, right, y, class: "grid")
      svg.text(left - 7, y + 4, Lettering.short(shown(tick)), anchor: .end)
    }
    svg.line(left, top, left, bottom, class: "axis")
    svg.text(8, top - 11, title)
  }

  private mutating func minor(_ axis: Axis, _ line: (String) -> String) {
    let lines = axis.minor.compactMap { axis.place($0) }.map { line(SVG.tenth($0)) }
    if !lines.isEmpty { svg.raw("<path class=\"minor\" d=\"\(lines.joined())\"/>") }
  }

  /// Entries below the plot, each with its mark, as many a row as fit.
  ///
  /// - Parameter pattern: fills in place of marks, by the prefix of their names.
  mutating func legend(_ entries: [(index: Int, name: String)], pattern: String? = nil) {
    var (x, y) = (8.0, height + 8)
    for entry in entries {
      let name = Lettering.cut(entry.name, width: Self.width - 40)
      let width = 22 + Lettering.width(of: name)
      if x > 8, x + width > Self.width - 4 { (x, y) = (8, y + 17) }
      if let pattern {
        svg.rect(x, y - 9, 14, 11, "fill=\"url(#\(pattern)\(entry.index))\"")
      } else {
        svg.raw(
          MarkShape.element(
            entry.index, x: x + 7, y: y - 4, size: 9, "class=\"mark f\(ChartStyle.colour(entry.index))\""))
      }
      svg.text(x + 18, y, name)
      x += width + 8
    }
    if !entries.isEmpty { height = y + 10 }
  }

  /// A sentence below everything.
  mutating func note(_ text: String) {
    for line in Lettering.lines(text, width: Self.width - 16) {
      svg.text(8, height + 8, line)
      height += 15
    }
  }
}
