import Calibration

/// The calibration report: errors on unseen shapes by class of kernel and by group, learning curve, ablation.
public enum StudyReport {
  public static func document(_ groups: [Study.GroupResult]) -> Document {
    let devices = groups.map(\.device).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    return Document(
      title: "Calibration: error on shapes the parameters never saw",
      blocks: [
        .paragraph(
          "Mean absolute percentage error on LLM-sized shapes of held-out shape families (five folds of whole"
            + " families), median of the groups (framework × version × precision) of a device. Roofline: datasheet"
            + " peaks alone. Three scalars: one compute efficiency, one bandwidth efficiency and one overhead, held"
            + " out likewise. Groups of at most \(Calibrator.manyRuns) runs start from another device's parameters."
        ),
        .heading("By class of kernel"), .table(classes(groups, devices)), .heading("By group"),
        .table(byGroup(groups)), .heading("Learning curve"),
        .paragraph(
          "Held-out error of one fold against runs fitted, from another device's parameters as a prior."),
        .table(curve(groups)), .heading("Ablation"),
        .paragraph(
          "Held-out error with one effect taken out of the model, less the error with it, in points."),
        .table(ablation(groups)),
      ],
      records: records(groups),
      json: .members(
        ("schema", .string("rooftree/calibration-study/1")),
        ("groups", .array(groups.map { group in .object(zip(columns, cells(group)).map { .init($0, $1) }) })))
    )
  }

  private static func median(_ values: [Double]) -> Double { Quantile.of(values.filter(\.isFinite), 0.5) }

  private static func classes(_ groups: [Study.GroupResult], _ devices: [String]) -> Table {
    var rows: [[String]] = []
    for device in devices {
      for kind in Study.Class.allCases {
        let own = groups.filter { $0.device == device && Study.Class($0.key) == kind }
        guard !own.isEmpty else { continue }
        rows.append([
          device, kind.rawValue, "\(own.count)", "\(own.reduce(0) { $0 + $1.model.count })",
          Units.fixed(median(own.map(\.roofline.mape)), 1), Units.fixed(median(own.map(\.scalars.mape)), 1),
          Units.fixed(median(own.map(\.model.mape)), 1),
          Units.fixed(median(own.map(\.model.geometricMeanRatio)), 3),
          Units.percent(median(own.compactMap(\.model.coverage))),
        ])
      }
    }
    return Table(
      columns: [
        ("device", .left), ("kernel", .left), ("groups", .right), ("runs", .right), ("roofline", .right),
        ("three scalars", .right), ("model", .right), ("measured/predicted", .right),
        ("80 % interval holds", .right),
      ], rows: rows)
  }

  private static func byGroup(_ groups: [Study.GroupResult]) -> Table {
    Table(
      columns: [
        ("device", .left), ("group", .left), ("runs", .right), ("roofline", .right),
        ("three scalars", .right),
        ("model", .right), ("measured/predicted", .right), ("80 % interval holds", .right),
      ],
      rows: groups.map {
        [
          $0.device, $0.key.title, "\($0.runs)", Units.fixed($0.roofline.mape, 1),
          Units.fixed($0.scalars.mape, 1), Units.fixed($0.model.mape, 1),
          Units.fixed($0.model.geometricMeanRatio, 3), $0.model.coverage.map(Units.percent) ?? "–",
        ]
      })
  }

  private static func curve(_ groups: [Study.GroupResult]) -> Table {
    let rows = Study.Class.allCases.compactMap { kind -> [String]? in
      let own = groups.filter { Study.Class($0.key) == kind && $0.runs >= 40 }
      guard !own.isEmpty else { return nil }
      return [kind.rawValue]
        + Study.curveSizes.indices.map { index in Units.fixed(median(own.compactMap { $0.curve[index] }), 1) }
        + [Units.fixed(median(own.map(\.model.mape)), 1)]
    }
    return Table(
      columns: [("kernel", .left)] + Study.curveSizes.map { ("\($0) runs", .right) } + [("all", .right)],
      rows: rows)
  }

  private static func ablation(_ groups: [Study.GroupResult]) -> Table {
    var rows: [[String]] = []
    for kind in Study.Class.allCases {
      let own = groups.filter { Study.Class($0.key) == kind && !$0.ablation.isEmpty }
      guard let first = own.first else { continue }
      for (index, entry) in first.ablation.enumerated() {
        let differences = own.compactMap { group in
          group.ablation.indices.contains(index) ? group.ablation[index].mape - group.model.mape : nil
        }
        rows.append([
          kind.rawValue, entry.name, Units.fixed(median(differences), 1),
          Units.fixed(differences.max() ?? .nan, 1),
        ])
      }
    }
    return Table(
      columns: [("kernel", .left), ("without", .left), ("median", .right), ("worst group", .right)],
      rows: rows)
  }

  private static let columns = [
    "device", "kernel", "framework", "version", "dtype", "kv_dtype", "runs", "n", "mape_roofline",
    "mape_three_scalars", "mape", "median_ape", "p90_ape", "geometric_mean_ratio", "interval_coverage",
  ]

  private static func cells(_ group: Study.GroupResult) -> [JSONValue] {
    [
      .string(group.device), .string(group.key.kernel.rawValue), .string(group.key.framework),
      .string(group.key.version), .string(group.key.format.rawValue), .string(group.key.cacheFormat),
      .number(Double(group.runs)), .number(Double(group.model.count)), .number(group.roofline.mape),
      .number(group.scalars.mape), .number(group.model.mape), .number(group.model.median),
      .number(group.model.p90), .number(group.model.geometricMeanRatio),
      group.model.coverage.map(JSONValue.number) ?? .null,
    ]
  }

  private static func records(_ groups: [Study.GroupResult]) -> Records {
    Records(columns: columns, rows: groups.map(cells))
  }
}
