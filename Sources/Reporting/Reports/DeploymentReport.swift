import Calibration

/// `validate` of measured deployments: a row a measurement, and how wrong the predictions of each group are.
public enum DeploymentReport {
  /// The rows of all files, in order.
  public static func document(_ rows: [DeploymentRow]) -> Document {
    let groups = Group.all(rows)
    var document = Document(
      title: "Measured deployments", records: records(rows), json: json(groups),
      charts: { groups.isEmpty ? [] : charts(groups) }
    ) {
      let left = rows.filter { $0.expected == nil }
      var blocks: [Document.Block] = [
        .paragraph(
          "\(Units.whole(Double(rows.count - left.count))) of \(Units.whole(Double(rows.count))) measurements have a"
            + " prediction."),
        .table(table(groups)),
      ]
      if !left.isEmpty {
        let reasons = Dictionary(grouping: left, by: \.note).mapValues(\.count).sorted {
          ($1.value, $0.key) < ($0.value, $1.key)
        }
        blocks += [
          .heading("Without a prediction"),
          .list(reasons.map { "\(Units.whole(Double($0.value))): \($0.key)" }),
        ]
      }
      return blocks
    }
    let judged = groups.reduce(0) { $0 + $1.rows.count }
    if judged > 0 {
      document.headlines = [
        "\(Units.whole(Double(judged))) measurement\(judged == 1 ? "" : "s"), \(groups.count) group\(groups.count == 1 ? "" : "s")",
        spread(groups),
      ]
    }
    return document
  }

  private static func spread(_ groups: [Group]) -> String {
    let errors = groups.flatMap(\.errors).sorted()
    func within(_ share: Double) -> String {
      "within \(Units.error(GroupFitting.quantile(errors, share)))"
    }
    return "half are \(within(0.5)), nine in ten \(within(0.9))"
  }

  /// Measured over predicted, a panel a metric.
  private static func charts(_ groups: [Group]) -> [Chart] {
    let metrics = groups.map(\.metric).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    return RatioFacets(
      name: "ratios", title: "Measured over predicted", subtitle: "deployments",
      horizontalTitle: "what was predicted",
      verticalTitle: "measured ÷ predicted",
      facets: metrics.map { metric in facet(metric, groups.filter { $0.metric == metric }) }
    ).charts(
      caption:
        "Each measurement a dot over its prediction; shaded: the 80 % interval. Named: the farthest outside it.",
      finding: "Of the measurements " + spread(groups) + " of what was predicted.")
  }

  private static func facet(_ metric: String, _ groups: [Group]) -> RatioFacets.Facet {
    let points = groups.flatMap(\.rows).compactMap { row -> RatioFacets.Point? in
      guard let expected = row.expected else { return nil }
      return RatioFacets.Point(
        size: expected.seconds, ratio: row.measured / expected.seconds, low: expected.low / expected.seconds,
        high: expected.high / expected.seconds, name: row.id)
    }
    func shown(_ value: Double) -> String {
      metric.hasSuffix("seconds")
        ? Units.seconds(value) : metric == "bytes" ? Units.memory(value) : Units.plain(value)
    }
    return (metric.replacing("_", with: " "), points, shown)
  }

  /// Rows of one device, framework, model (or operation) and metric.
  private struct Group {
    var hardware, framework, model, metric: String
    var rows: [DeploymentRow]

    static func all(_ rows: [DeploymentRow]) -> [Group] {
      Dictionary(grouping: rows.filter { $0.expected != nil }) {
        [$0.hardware, $0.framework, $0.model, $0.metric]
      }
      .sorted { $0.key.lexicographicallyPrecedes($1.key) }
      .map { Group(hardware: $0[0], framework: $0[1], model: $0[2], metric: $0[3], rows: $1) }
    }

    /// Percent, sorted.
    var errors: [Double] {
      rows.compactMap { row in
        row.expected.map { 100 * abs($0.seconds - row.measured) / max(row.measured, .leastNormalMagnitude) }
      }.sorted()
    }

    var coverage: Double {
      Double(rows.count { row in row.expected.map { ($0.low...$0.high).contains(row.measured) } ?? false })
        / Double(rows.count)
    }
  }

  private static func table(_ groups: [Group]) -> Table {
    Table(
      columns: [
        ("device", .left), ("framework", .left), ("model", .left), ("metric", .left), ("n", .right),
        ("median error", .right), ("p90", .right), ("in interval", .right),
      ],
      rows: groups.map { group in
        let errors = group.errors
        return [
          group.hardware, group.framework, group.model, group.metric, Units.whole(Double(errors.count)),
          Units.error(GroupFitting.quantile(errors, 0.5)),
          Units.error(GroupFitting.quantile(errors, 0.9)), Units.percent(group.coverage),
        ]
      })
  }

  private static func records(_ rows: [DeploymentRow]) -> Records {
    Records(
      columns: ["id", "metric", "measured", "predicted", "low", "high", "basis", "note"],
      rows: rows.map { row in
        let expected = row.expected
        return [
          .string(row.id), .string(row.metric), .number(row.measured),
          expected.map { .number($0.seconds) } ?? .null, expected.map { .number($0.low) } ?? .null,
          expected.map { .number($0.high) } ?? .null, .string(row.basis), .string(row.note),
        ]
      })
  }

  private static func json(_ groups: [Group]) -> JSONValue {
    .members(
      ("schema", .string("rooftree/validation/1")),
      (
        "groups",
        .array(
          groups.map { group in
            let errors = group.errors
            return .members(
              ("hardware", .string(group.hardware)), ("framework", .string(group.framework)),
              ("model", .string(group.model)), ("metric", .string(group.metric)),
              ("n", .number(Double(errors.count))),
              ("mape", .number(errors.reduce(0, +) / Double(max(1, errors.count)))),
              ("median_ape", .number(GroupFitting.quantile(errors, 0.5))),
              ("p90_ape", .number(GroupFitting.quantile(errors, 0.9))),
              ("interval_coverage", .number(group.coverage)))
          })
      ))
  }
}
