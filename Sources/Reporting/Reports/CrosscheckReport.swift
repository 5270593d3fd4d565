import Kernels

/// `crosscheck`: every kernel, what was predicted beside what was counted, simulated and measured.
public enum CrosscheckReport {
  public static func document(_ traffic: [Crosscheck.Traffic], _ times: [Crosscheck.Time]) -> Document {
    let failed = (traffic.map(\.flags) + times.map(\.flags)).filter(Crosscheck.failed).count
    let bytes = Table(
      columns: [
        ("kernel", .left), ("shape", .left), ("below", .left), ("predicted", .right), ("counted", .right),
        ("simulated", .right), ("ratio", .right), ("flags", .left),
      ],
      rows: traffic.map {
        [
          $0.kernel, $0.shape, $0.level, Units.traffic($0.predicted), $0.counted.map(Units.traffic) ?? "–",
          Units.traffic($0.simulated), Units.plain($0.predicted / max($0.simulated, 1)),
          $0.flags.joined(separator: ", "),
        ]
      })
    let seconds = Table(
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
    return Document(
      title: failed == 0 ? "Cross-check: no disagreement" : "Cross-check: \(failed) disagreements",
      blocks: [
        .heading("Bytes"),
        .paragraph(
          "ratio: predicted ÷ simulated. transition: a tile needs between half and twice the cache, or only part of one fits; no formula holds there."
        ),
        .table(bytes), .heading("Seconds"),
        .paragraph("ratio: measured ÷ predicted from the probed profile, nothing fitted."), .table(seconds),
      ],
      records: Records(
        columns: [
          "kernel", "shape", "level", "predicted_bytes", "counted_bytes", "simulated_bytes",
          "datasheet_seconds", "predicted_seconds", "measured_seconds", "bound", "flags",
        ],
        rows: traffic.map {
          [
            .string($0.kernel), .string($0.shape), .string($0.level), .number($0.predicted),
            $0.counted.map { .number($0) } ?? .string(""), .number($0.simulated), .string(""), .string(""),
            .string(""), .string(""), .string($0.flags.joined(separator: "; ")),
          ]
        }
          + times.map {
            [
              .string($0.kernel), .string($0.shape), .string(""), .string(""), .string(""), .string(""),
              $0.datasheet.map { .number($0.seconds) } ?? .string(""), .number($0.predicted.seconds),
              .number($0.measured.minimum), .string($0.predicted.bound),
              .string($0.flags.joined(separator: "; ")),
            ]
          }),
      json: .members(
        ("schema", .string("rooftree/crosscheck/1")), ("disagreements", .number(Double(failed))),
        ("traffic", .array(traffic.map(json))), ("times", .array(times.map(json)))))
  }

  private static func json(_ row: Crosscheck.Traffic) -> JSONValue {
    .members(
      ("kernel", .string(row.kernel)), ("shape", .string(row.shape)), ("level", .string(row.level)),
      ("predicted_bytes", .number(row.predicted)),
      ("counted_bytes", row.counted.map { .number($0) } ?? .null),
      ("simulated_bytes", .number(row.simulated)), ("in_transition", .bool(row.inTransition)),
      ("flags", .array(row.flags.map { .string($0) })))
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
