import Kernels

/// `crosscheck`: every kernel, what was predicted beside what was counted, simulated and measured.
public enum CrosscheckReport {
  /// - Parameters:
  ///   - skipped: witnesses that were not heard, and why.
  ///   - measured: the machine and the day, where a clock ran.
  public static func document(
    _ traffic: [Crosscheck.Traffic], _ times: [Crosscheck.Time], skipped: [String] = [],
    measured: String? = nil
  ) -> Document {
    let failed = traffic.count { $0.disagrees } + times.count { $0.disagrees }
    var blocks: [Document.Block] = [.heading("Bytes"), .paragraph(CrosscheckBytes.summary(traffic))]
    blocks += [.table(CrosscheckBytes.table(traffic)), .list(CrosscheckBytes.notes + skipped)]
    if !times.isEmpty {
      blocks += [
        .heading("Seconds" + (measured.map { " on \($0)" } ?? "")),
        .paragraph(
          "ratio: measured ÷ predicted from the probed profile, nothing fitted; far memory at the rate that it was"
            + " read with beside each run."),
        .table(seconds(times)),
      ]
      if let error = Crosscheck.calibratedError(times) {
        let verdict = error <= Crosscheck.calibratedBound ? "within" : "beyond"
        blocks.append(
          .paragraph(
            "calibrated: two shares a kernel, of the core's rates and of bandwidth, fitted to runs of other shapes;"
              + " off by \(Units.percent(error)) on average, \(verdict) the \(Units.percent(Crosscheck.calibratedBound))"
              + " that are accepted."))
      }
    }
    return Document(
      title: failed == 0
        ? "Cross-check: no disagreement" : "Cross-check: \(failed) disagreement\(failed == 1 ? "" : "s")",
      blocks: blocks,
      records: Records(
        columns: [
          "kernel", "shape", "level", "predicted_bytes", "counted_bytes", "simulated_bytes",
          "datasheet_seconds", "predicted_seconds", "measured_seconds", "bound", "flags", "caches",
          "condition", "calibrated_seconds", "hardware_bytes",
        ],
        rows: traffic.map(CrosscheckBytes.record) + times.map(record)),
      json: .members(
        ("schema", .string("rooftree/crosscheck/1")), ("disagreements", .number(Double(failed))),
        ("skipped", .array(skipped.map { .string($0) })),
        ("traffic", .array(traffic.map(CrosscheckBytes.json))), ("times", .array(times.map(json)))),
      charts: { CrosscheckCharts.charts(traffic, times) })
  }

  /// Columns that nothing was measured or given for are left out.
  private static func seconds(_ times: [Crosscheck.Time]) -> Table {
    let optional: [(title: String, value: (Crosscheck.Time) -> Double?)] = [
      ("datasheet", { $0.datasheet?.seconds }), ("calibrated", { $0.calibratedSeconds }),
    ].filter { column in times.contains { column.1($0) != nil } }
    return Table(
      columns: [("kernel", .left), ("shape", .left), ("predicted", .right), ("bound", .left)]
        + optional.map { ($0.title, .right) }
        + [("measured", .right), ("ratio", .right), ("flags", .left)],
      rows: times.map { time in
        [time.kernel, time.shape, Units.seconds(time.predicted.seconds), time.predicted.bound]
          + optional.map { $0.value(time).map(Units.seconds) ?? "–" }
          + [
            Units.seconds(time.measured.minimum), Units.plain(time.ratio),
            time.flags.map(\.words).joined(separator: ", "),
          ]
      })
  }

  private static func record(_ row: Crosscheck.Time) -> [JSONValue] {
    [
      .string(row.kernel), .string(row.shape), .string(""), .string(""), .string(""), .string(""),
      row.datasheet.map { .number($0.seconds) } ?? .string(""), .number(row.predicted.seconds),
      .number(row.measured.minimum), .string(row.predicted.bound),
      .string(row.flags.map(\.words).joined(separator: "; ")), .string(""), .string(""),
      row.calibratedSeconds.map { .number($0) } ?? .string(""), .string(""),
    ]
  }

  private static func json(_ row: Crosscheck.Time) -> JSONValue {
    .members(
      ("kernel", .string(row.kernel)), ("shape", .string(row.shape)),
      ("datasheet_seconds", row.datasheet.map { .number($0.seconds) } ?? .null),
      ("predicted_seconds", .number(row.predicted.seconds)), ("bound", .string(row.predicted.bound)),
      ("predicted_bytes", .array(row.predicted.bytes.map { .number($0) })),
      ("calibrated_seconds", row.calibratedSeconds.map { .number($0) } ?? .null),
      ("measured_seconds", .number(row.measured.minimum)), ("ratio", .number(row.ratio)),
      ("judged", .bool(row.judged)), ("flags", .array(row.flags.map { .string($0.words) })))
  }
}
