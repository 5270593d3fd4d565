import Calibration

/// Errors of predicted against measured runs.
public enum ValidationReport {
  /// - Parameter everyRun: CSV lists runs instead of groups.
  public static func document(_ validation: Validation, everyRun: Bool) -> Document {
    let whole = Validation.summary(validation.rows)
    let case_ =
      validation.calibration.map {
        $0 == validation.device
          ? "with the calibration of this device"
          : "with \($0)'s calibration carried over through the profile's quantities; intervals are widened"
      } ?? "with the datasheet's roofline alone: an upper bound on speed, without an interval"
    let blocks: [Document.Block] = [
      .paragraph(
        "\(validation.rows.count) runs predicted \(case_); \(validation.rejected.count) rows left out."
          + " Mean error \(Units.fixed(whole.mape, 1)) %, measured over predicted"
          + " \(Units.fixed(whole.geometricMeanRatio, 3)) in geometric mean."),
      .table(table(validation.groups)), .heading("Worst rows"), .table(worst(validation.worst(10))),
    ]
    return Document(
      title: "Predicted against measured on \(validation.device)", blocks: blocks,
      records: everyRun ? runs(validation.rows) : records(validation.groups),
      json: .members(
        ("schema", .string("rooftree/validation/1")), ("hardware", .string(validation.device)),
        ("calibration", validation.calibration.map(JSONValue.string) ?? .null),
        ("runs", .number(Double(validation.rows.count))),
        ("rejected", .number(Double(validation.rejected.count))),
        ("groups", .array(validation.groups.map { .object(zip(columns, cells($0)).map { .init($0, $1) }) }))))
  }

  private static let columns = [
    "gpu", "kernel", "framework", "version", "dtype", "kv_dtype", "n", "mape", "median_ape", "p90_ape",
    "geometric_mean_ratio", "interval_coverage", "source",
  ]

  private static func cells(_ group: Validation.Group) -> [JSONValue] {
    let e = group.errors
    return [
      .string(group.key.gpu), .string(group.key.kernel.rawValue), .string(group.key.framework),
      .string(group.key.version), .string(group.key.format.rawValue), .string(group.key.cacheFormat),
      .number(Double(e.count)), .number(e.mape), .number(e.median), .number(e.p90),
      .number(e.geometricMeanRatio), e.coverage.map(JSONValue.number) ?? .null,
      .string(group.source.rawValue),
    ]
  }

  private static func records(_ groups: [Validation.Group]) -> Records {
    Records(columns: columns, rows: groups.map(cells))
  }

  private static func runs(_ rows: [Validation.Row]) -> Records {
    Records(
      columns: [
        "file", "line", "kernel", "seconds", "predicted", "predicted_low", "predicted_high", "error_percent",
      ],
      rows: rows.map {
        [
          .string($0.run.file), .number(Double($0.run.line)), .string($0.run.key.kernel.rawValue),
          .number($0.run.seconds), .number($0.prediction.seconds), .number($0.prediction.low),
          .number($0.prediction.high), .number($0.error),
        ]
      })
  }

  private static func table(_ groups: [Validation.Group]) -> Table {
    Table(
      columns: [
        ("group", .left), ("source", .left), ("n", .right), ("MAPE", .right), ("median", .right),
        ("p90", .right),
        ("meas/pred", .right), ("coverage", .right),
      ],
      rows: groups.map {
        [
          $0.key.title, $0.source.rawValue, "\($0.errors.count)", Units.fixed($0.errors.mape, 1),
          Units.fixed($0.errors.median, 1), Units.fixed($0.errors.p90, 1),
          Units.fixed($0.errors.geometricMeanRatio, 3), $0.errors.coverage.map(Units.percent) ?? "–",
        ]
      })
  }

  private static func worst(_ rows: [Validation.Row]) -> Table {
    Table(
      columns: [
        ("row", .left), ("kernel", .left), ("family", .left), ("measured", .right), ("predicted", .right),
      ],
      rows: rows.map {
        [
          "\($0.run.file):\($0.run.line)", $0.run.key.kernel.rawValue, $0.run.family,
          Units.seconds($0.run.seconds), Units.seconds($0.prediction.seconds),
        ]
      })
  }
}
