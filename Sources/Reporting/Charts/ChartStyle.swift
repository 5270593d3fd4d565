/// What pictures look like: colours, always together with a shape or a hatch, so that a print in black and white reads.
enum ChartStyle {
  /// On white and on black, each with at least three times the contrast of the other side's paper; no two alike.
  private static let colours: [(light: String, dark: String)] = [
    ("#0072b2", "#56b4e9"), ("#d55e00", "#ff8a3d"), ("#008a63", "#2fd0a2"), ("#b4559a", "#f29bcb"),
    ("#a07000", "#f0c040"), ("#007f91", "#4dd6e8"), ("#6a51a3", "#b9a3f0"), ("#727272", "#a8a8a8"),
    ("#a63603", "#e8603c"), ("#558400", "#a6d854"), ("#c2185b", "#ff5c93"), ("#1b4f8a", "#7f9cff"),
    ("#8c6d46", "#d1b38a"), ("#3d3d3d", "#e6e6e6"), ("#7a0177", "#db7fe0"), ("#005f4b", "#7fc8a9"),
  ]

  /// Pages and files alike; `f3` fills and `s3` strokes in the fourth colour.
  static let sheet =
    rules(ink: "#1a1a1a", paper: "#fff", faint: "#d4d4d4") { $0.light } + Self.fixed
    + "@media (prefers-color-scheme:dark){"
    + rules(ink: "#ececec", paper: "#161a1f", faint: "#3d434c") { $0.dark } + "}"

  private static func rules(
    ink: String, paper: String, faint: String, _ colour: ((light: String, dark: String)) -> String
  ) -> String {
    ".paper{fill:\(paper)}text{fill:\(ink)}.axis,.roof,.limit,.best,.gap,.tie{stroke:\(ink)}"
      + ".grid,.minor{stroke:\(faint)}.halo,.mark{stroke:\(paper)}"
      + colours.enumerated().map {
        ".f\($0.offset){fill:\(colour($0.element))}.s\($0.offset){stroke:\(colour($0.element))}"
      }.joined()
  }

  private static let fixed =
    ".chart text{font:\(SVG.number(Lettering.size))px Helvetica,Arial,sans-serif}"
    + ".chart .title{font-size:14px;font-weight:600}.chart .strong{font-weight:600}"
    + ".axis{stroke-width:1}.grid{stroke-width:.7}.minor{stroke-width:.35;fill:none}"
    + ".roof{stroke-width:1.8;fill:none}.near{stroke-width:1.2;stroke-dasharray:6 3}"
    + ".peak{stroke-width:1.2;stroke-dasharray:2 3}.limit{stroke-width:1.5;stroke-dasharray:5 3}"
    + ".best{stroke-width:2}.gap{stroke-width:1;fill:none}.tie{stroke-width:.6;stroke-opacity:.7;fill:none}.mark{stroke-width:.8}"
    + ".hollow{fill-opacity:.25;stroke-width:1.4}.halo{paint-order:stroke;stroke-width:3px;stroke-linejoin:round}"
    + ".dots{fill:none;stroke-width:2.6;stroke-linecap:round;stroke-opacity:.55}.band{fill-opacity:.18}"
    + ".line{fill:none;stroke-width:2}.hatch{stroke:#000;stroke-opacity:.45;stroke-width:1.2}"

  /// Categories of operators in the order of legends; a category keeps its colour and its shape in every chart.
  static let categories = [
    "attention", "projection", "feed_forward", "experts", "lm_head", "norm", "activation", "cache",
    "embedding", "residual", "rotation", "router", "quantization", "state", "collective",
  ]

  static func index(of category: String) -> Int { categories.firstIndex(of: category) ?? categories.count }

  /// A category by its index, for people.
  static func name(_ index: Int) -> String {
    categories.indices.contains(index) ? categories[index].replacing("_", with: " ") : "other"
  }

  static func colour(_ index: Int) -> Int { index % colours.count }

  /// Hatches for fills: none, two diagonals, dots, verticals, in turn; `id` must be unique in the page.
  static func pattern(_ index: Int, id: String) -> String {
    let strokes = [
      "", "<path class=\"hatch\" d=\"M0 8L8 0\"/>", "<path class=\"hatch\" d=\"M0 0L8 8\"/>",
      "<circle cx=\"4\" cy=\"4\" r=\"1.3\" fill=\"#000\" fill-opacity=\"0.45\"/>",
      "<path class=\"hatch\" d=\"M4 0V8\"/>",
    ]
    return
      "<pattern id=\"\(id)\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\"><rect width=\"8\" height=\"8\""
      + " class=\"f\(colour(index))\"/>\(strokes[index % strokes.count])</pattern>"
  }
}
