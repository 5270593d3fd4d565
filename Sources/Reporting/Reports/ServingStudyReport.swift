import Calibration

/// How well serving is predicted, for `Reports/serving.md`.
public enum ServingStudyReport {
  /// The study as a page.
  public static func document(_ study: ServingStudy) -> Document {
    let table = table(study.lines)
    return Document(
      title: "Serving: predicted against measured servers", records: records(study.lines),
      json: .members(("schema", .string("rooftree/serving-study/1")))
    ) {
      [
        .paragraph(
          "\(study.fitted.rows) servers taught; \(study.unlike) more differ from others of which the same is said and are predicted only; \(study.leftOut) are left out (speculation that no column states, models that nobody knows, layouts that are not said)."
            + " All \(ServingFile.parameterCount) fitted numbers stand in `Calibrations/servers/servers.yaml`, none by"
            + " model. Errors in percent: |predicted − measured| ÷ measured."),
        .table(table),
        .paragraph(
          "For comparison, NVIDIA's aiconfigurator 0.12.0 over 1,639 public servers (InferenceX and a vendor's laboratory):"
            + " time per token 13.7 median and 16.2 mean, time to the first 45.4 median."),
        .paragraph("Throughput of servers that were given all requests at once:"),
        .table(offline(study.lines)),
      ]
    }
  }

  private static func cells(_ errors: ServingStudy.Errors) -> [String] {
    [errors.median, errors.mean, errors.p90].map { Units.fixed($0, 1) } + [Units.percent(errors.coverage)]
  }

  private static func offline(_ lines: [ServingStudy.Line]) -> Table {
    Table(
      columns: [
        ("", .left), ("rows", .right), ("median", .right), ("mean", .right), ("p90", .right),
        ("in interval", .right),
      ],
      rows: lines.filter { $0.offlineRows > 0 }.map {
        [$0.name, Units.whole(Double($0.offlineRows))] + cells($0.throughput)
      })
  }

  private static func table(_ lines: [ServingStudy.Line]) -> Table {
    return Table(
      columns: [
        ("", .left), ("rows", .right), ("per token: median", .right), ("mean", .right), ("p90", .right),
        ("in interval", .right), ("to first: median", .right), ("mean", .right), ("p90", .right),
        ("in interval", .right),
      ],
      rows: lines.map {
        [$0.name, Units.whole(Double($0.rows))] + cells($0.perToken) + cells($0.toFirst)
      })
  }

  private static func records(_ lines: [ServingStudy.Line]) -> Records {
    Records(
      columns: [
        "name", "rows", "tpot_median_ape", "tpot_mape", "ttft_median_ape", "ttft_mape",
        "throughput_median_ape",
      ],
      rows: lines.map {
        [
          .string($0.name), .number(Double($0.rows)), .number($0.perToken.median), .number($0.perToken.mean),
          .number($0.toFirst.median), .number($0.toFirst.mean), .number($0.throughput.median),
        ]
      })
  }
}
