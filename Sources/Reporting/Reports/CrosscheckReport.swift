import Kernels

/// `crosscheck`: every kernel, what was predicted beside what was counted, simulated and measured.
public enum CrosscheckReport {
  /// - Parameter skipped: witnesses that were not heard, and why.
  public static func document(
    _ traffic: [Crosscheck.Traffic], _ times: [Crosscheck.Time], skipped: [String] = []
  ) -> Document {
    let failed = (traffic.map(\.flags) + times.map(\.flags)).filter(Crosscheck.failed).count
    var blocks: [Document.Block] = [.heading("Bytes"), .paragraph(CrosscheckBytes.summary(traffic))]
    blocks += [.table(CrosscheckBytes.table(traffic)), .list(CrosscheckBytes.notes + skipped)]
    if !times.isEmpty {
      blocks += [
        .heading("Seconds"),
        .paragraph("ratio: measured ÷ predicted from the probed profile, nothing fitted."),
        .table(seconds(times)),
      ]
    }
    return Document(
      title: failed == 0
        ? "Cross-check: no disagreement" : "Cross-check: \(failed) disagreement\(failed == 1 ? "" : "s")",
      blocks: blocks,
      records: Records(
        columns: [
          "kernel", "shape", "level", "predicted_bytes", "counted_bytes", "simulated_bytes",
          "datasheet_seconds", "predicted_seconds", "measured_seconds", "bound", "flags", "caches",
          "condition", "hardware_bytes",
        ],
        rows: traffic.map(CrosscheckBytes.record) + times.map(record)),
      json: .members(
        ("schema", .string("rooftree/crosscheck/1")), ("disagreements", .number(Double(failed))),
        ("skipped", .array(skipped.map { .string($0) })),
        ("traffic", .array(traffic.map(CrosscheckBytes.json))), ("times", .array(times.map(json)))),
      charts: { CrosscheckCharts.charts(traffic, times) })
  }

  private static func seconds(_ times: [Crosscheck.Time]) -> Table {
    Table(
      columns: [
        ("kernel", .left), ("shape", .left), ("datasheet", .right), ("predicted", .right), ("bound", .left),
        ("measured", .right), ("ratio", .right), ("flags", .left),
      ],
      rows: times.map {
        [
          $0.kernel, $0.shape, $0.datasheet.map { Units.seconds($0.seconds) } ?? "–",
          Units.seconds($0.predicted.seconds), $0.predicted.bound, Units.seconds($0.measured.minimum),
          Units.plain($0.ratio), $0.flags.joined(separator: ", "),
        ]
      })
  }

  private static func record(_ row: Crosscheck.Time) -> [JSONValue] {
    [
      .string(row.kernel), .string(row.shape), .string(""), .string(""), .string(""), .string(""),
      row.datasheet.map { .number($0.seconds) } ?? .string(""), .number(row.predicted.seconds),
      .number(row.measured.minimum), .string(row.predicted.bound),
      .string(row.flags.joined(separator: "; ")), .string(""), .string(""), .string(""),
    ]
  }

  private static func json(_ row: Crosscheck.Time) -> JSONValue {
    .members(
      ("kernel", .string(row.kernel)), ("shape", .string(row.shape)),
      ("datasheet_seconds", row.datasheet.map { .number($0.seconds) } ?? .null),
      ("predicted_seconds", .number(row.predicted.seconds)), ("bound", .string(row.predicted.bound)),
      ("predicted_bytes", .array(row.predicted.bytes.map { .number($0) })),
      ("measured_seconds", .number(row.measured.minimum)), ("ratio", .number(row.ratio)),
      ("judged", .bool(row.judged)), ("flags", .array(row.flags.map { .string($0) })))
  }
}
