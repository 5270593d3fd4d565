/// Colours that the colour-blind tell apart (Okabe and Ito, 2008), always together with a shape or a hatch, so that a
/// print in black and white still reads.
enum ChartStyle {
  static let colours = [
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8A6D00", "#6A51A3", "#767676",
    "#A63603",
  ]

  /// Colours written out, for files that stand alone; many SVG readers know no CSS variables.
  static let sheet = sheet(ink: "#1a1a1a", paper: "#fff", faint: "#d9d9d9")
  /// Colours left to the page, light or dark.
  static let pageSheet = sheet(ink: "var(--ink)", paper: "var(--paper)", faint: "var(--faint)")

  private static func sheet(ink: String, paper: String, faint: String) -> String {
    ".chart,svg{font-family:Helvetica,Arial,sans-serif}"
      + ".paper{fill:\(paper)}"
      + ".title{font-size:15px;font-weight:600;fill:\(ink)}"
      + ".label{font-size:12px;fill:\(ink)}"
      + ".small{font-size:11px;fill:\(ink)}"
      + ".axis{stroke:\(ink);stroke-width:1}"
      + ".grid{stroke:\(faint);stroke-width:0.6}"
      + ".roof{stroke:\(ink);stroke-width:2;fill:none}"
      + ".roof2{stroke:\(ink);stroke-width:1.2;fill:none;stroke-dasharray:6 3}"
      + ".roof3{stroke:\(ink);stroke-width:1.2;fill:none;stroke-dasharray:2 3}"
      + ".limit{stroke:\(ink);stroke-width:1.6;stroke-dasharray:5 3}"
      + ".mark{stroke:\(paper);stroke-width:0.8}"
      + ".halo{font-size:11px;fill:\(ink);paint-order:stroke;stroke:\(paper);stroke-width:3px;stroke-linejoin:round}"
      + ".leader{stroke:\(ink);stroke-width:0.5}"
      + ".hatch{stroke:#000;stroke-opacity:0.45;stroke-width:1.2}"
  }

  /// Categories of operators in the order of legends; a category keeps its colour in every chart.
  static let categories = [
    "attention", "projection", "feed_forward", "experts", "lm_head", "norm", "activation", "cache",
    "embedding",
    "residual", "rotation", "router", "quantization", "state", "collective",
  ]

  static func index(of category: String) -> Int { categories.firstIndex(of: category) ?? categories.count }

  static func colour(_ index: Int) -> String { colours[index % colours.count] }

  /// Hatches for fills: none, two diagonals, dots, verticals, in turn; `id` must be unique in the page.
  static func pattern(_ index: Int, id: String) -> String {
    let strokes = [
      "", "<path class=\"hatch\" d=\"M0 8L8 0\"/>", "<path class=\"hatch\" d=\"M0 0L8 8\"/>",
      "<circle cx=\"4\" cy=\"4\" r=\"1.3\" fill=\"#000\" fill-opacity=\"0.45\"/>",
      "<path class=\"hatch\" d=\"M4 0V8\"/>",
    ]
    return
      "<pattern id=\"\(id)\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\"><rect width=\"8\" height=\"8\""
      + " fill=\"\(colour(index))\"/>\(strokes[(index + index / colours.count) % strokes.count])</pattern>"
  }

  /// A mark of about `size`² around a point; shapes repeat later than colours do, so that no two categories share both.
  static func shape(_ index: Int, x: Double, y: Double, size: Double) -> String {
    let n = SVG.number
    let r = size / 2
    switch shapeIndex(index) {
    case 0: return "<circle cx=\"\(n(x))\" cy=\"\(n(y))\" r=\"\(n(r * 1.128))\""
    case 1:
      return "<rect x=\"\(n(x - r))\" y=\"\(n(y - r))\" width=\"\(n(size))\" height=\"\(n(size))\""
    case 2: return path([(0, -1.316 * r), (1.14 * r, 0.658 * r), (-1.14 * r, 0.658 * r)], x, y)
    case 3: return path([(0, -1.414 * r), (1.414 * r, 0), (0, 1.414 * r), (-1.414 * r, 0)], x, y)
    case 4: return path([(0, 1.316 * r), (1.14 * r, -0.658 * r), (-1.14 * r, -0.658 * r)], x, y)
    case 5:
      return path(
        [
          (-1.2 * r, 0), (-0.6 * r, -1.04 * r), (0.6 * r, -1.04 * r), (1.2 * r, 0), (0.6 * r, 1.04 * r),
          (-0.6 * r, 1.04 * r),
        ],
        x, y)
    default:
      let a = 0.42 * r
      let b = 1.25 * r
      return path(
        [
          (-a, -b), (a, -b), (a, -a), (b, -a), (b, a), (a, a), (a, b), (-a, b), (-a, a), (-b, a), (-b, -a),
          (-a, -a),
        ], x, y)
    }
  }

  static func shapeIndex(_ index: Int) -> Int { index % 7 }

  /// The element that `shape` opens.
  static func tag(_ index: Int) -> String {
    ["circle", "rect"].indices.contains(shapeIndex(index)) ? ["circle", "rect"][shapeIndex(index)] : "path"
  }

  private static func path(_ points: [(Double, Double)], _ x: Double, _ y: Double) -> String {
    let n = SVG.number
    let list = points.map { "\(n(x + $0.0)) \(n(y + $0.1))" }.joined(separator: "L")
    return "<path d=\"M\(list)Z\""
  }

  /// Width of a line of text in user units, on the safe side.
  static func width(of text: String, size: Double) -> Double {
    text.unicodeScalars.reduce(0) { $0 + ($1.value > 0x2E7F ? size : size * 0.58) }
  }
}
