import Import

/// The pictures of `diff`: where the time went, and each figure as a ratio.
enum DiffCharts {
  private static let most = 12
  private static let mostRatios = 30

  static func charts(
    _ old: JSONNode, _ new: JSONNode, _ changes: [DiffReport.Change], names: (String, String)
  ) -> [Chart] {
    let subtitle = "\(names.0) → \(names.1)"
    let passes: [(String, JSONNode?, JSONNode?)] =
      [("", old, new)] + ["decode", "prefill"].map { ($0, old[$0], new[$0]) }
    return passes.compactMap { waterfall($0.0, $0.1, $0.2, subtitle) } + ratios(changes, subtitle)
  }

  /// From one pass's time to another's, by operator.
  private static func waterfall(_ phase: String, _ old: JSONNode?, _ new: JSONNode?, _ subtitle: String)
    -> Chart?
  {
    guard let from = old?["totals"]?["seconds"]?.number, let to = new?["totals"]?["seconds"]?.number,
      from != to, let before = seconds(old), let after = seconds(new)
    else { return nil }
    let changes = Set(before.keys).union(after.keys).map { ($0, (after[$0] ?? 0) - (before[$0] ?? 0)) }
      .sorted { (-abs($0.1), $0.0) < (-abs($1.1), $1.0) }
    let steps = changes.prefix(most)
    return Waterfall(
      name: "waterfall" + (phase.isEmpty ? "" : "-\(phase)"),
      title: "Where the time went" + (phase.isEmpty ? "" : ", \(phase)"), subtitle: subtitle,
      from: ("before", from), to: ("after", to),
      steps: steps.map { (name: $0.0, change: $0.1) }
        + (changes.count > most ? [("others", to - from - steps.reduce(0) { $0 + $1.1 })] : []),
      shown: Units.seconds
    ).chart(caption: "What each operator adds or saves; all of them add up.")
  }

  /// Of each operator.
  private static func seconds(_ pass: JSONNode?) -> [String: Double]? {
    guard let rows = pass?["operators"]?.array else { return nil }
    return Dictionary(
      rows.compactMap { row in
        row["name"]?.string.flatMap { name in row["seconds"]?.number.map { (name, $0) } }
      },
      uniquingKeysWith: +)
  }

  /// Figures but those of operators, the largest change first.
  private static func ratios(_ changes: [DiffReport.Change], _ subtitle: String) -> [Chart] {
    let all = changes.filter { $0.effect.isFinite && !$0.path.contains("operators[") }
    let rows = all.prefix(mostRatios).compactMap { change -> RatioRows.Row? in
      guard let old = change.old, let new = change.new else { return nil }
      return (change.path, "", [.init(series: 0, ratio: new / old)])
    }
    guard let first = rows.first else { return [] }
    return [
      RatioRows(
        name: "ratios", title: "Figures, after ÷ before", subtitle: subtitle, axisTitle: "after ÷ before",
        rows: rows, close: 0, series: ["after ÷ before"]
      ).chart(
        caption: all.count > rows.count ? "The \(rows.count) of \(all.count) that changed most." : "",
        finding: "\(first.name) changed most: × \(Units.plain(first.marks[0].ratio)).")
    ]
  }
}
