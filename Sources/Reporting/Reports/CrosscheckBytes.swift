import Kernels

/// The traffic of a cross-check: predicted, counted and simulated bytes side by side.
enum CrosscheckBytes {
  /// Longer tables show only what disagrees.
  static let mostRows = 600

  static let notes = [
    "caches: alone, each size by itself; chain and this machine, several levels, each fed by the misses of the one before. Reads and writes added, write-allocation counted.",
    "ratio: predicted ÷ simulated. hardware: lines read by the processor's own counters, shown and not judged.",
    "transition: a tile needs between half and twice the cache, or only part of one fits; reuse is partial there and the formula a bound.",
  ]

  static func summary(_ traffic: [Crosscheck.Traffic]) -> String {
    let failed = traffic.count { $0.disagrees }
    let judged = traffic.count { $0.simulated != nil && !$0.inTransition }
    let shown = traffic.count <= mostRows ? "" : " Only disagreements are shown."
    return
      "\(traffic.count) levels: \(judged) judged, \(traffic.count { $0.inTransition }) in transition, \(failed) in disagreement.\(shown)"
  }

  static func table(_ traffic: [Crosscheck.Traffic]) -> Table {
    let shown = traffic.count <= mostRows ? traffic : traffic.filter(\.disagrees)
    return Table(
      columns: [
        ("kernel", .left), ("shape", .left), ("caches", .left), ("below", .left), ("predicted", .right),
        ("counted", .right), ("simulated", .right), ("ratio", .right), ("hardware", .right), ("flags", .left),
      ],
      rows: shown.map { row in
        [
          row.kernel, row.shape, row.system, row.level, Units.traffic(row.predicted),
          row.counted.map(Units.traffic) ?? "–", row.simulated.map(Units.traffic) ?? "–",
          row.simulated.map { Units.plain(row.predicted / max($0, 1)) } ?? "–",
          row.hardware.map(Units.traffic) ?? "–", row.flags.map(\.words).joined(separator: ", "),
        ]
      })
  }

  static func record(_ row: Crosscheck.Traffic) -> [JSONValue] {
    [
      .string(row.kernel), .string(row.shape), .string(row.level), .number(row.predicted),
      row.counted.map { .number($0) } ?? .string(""), row.simulated.map { .number($0) } ?? .string(""),
      .string(""), .string(""), .string(""), .string(""),
      .string(row.flags.map(\.words).joined(separator: "; ")),
      .string(row.system), .string(row.condition), .string(""),
      row.hardware.map { .number($0) } ?? .string(""),
    ]
  }

  static func json(_ row: Crosscheck.Traffic) -> JSONValue {
    .members(
      ("kernel", .string(row.kernel)), ("shape", .string(row.shape)), ("caches", .string(row.system)),
      ("level", .string(row.level)), ("predicted_bytes", .number(row.predicted)),
      ("condition", .string(row.condition)), ("counted_bytes", row.counted.map { .number($0) } ?? .null),
      ("simulated_bytes", row.simulated.map { .number($0) } ?? .null),
      ("hardware_bytes", row.hardware.map { .number($0) } ?? .null),
      ("in_transition", .bool(row.inTransition)), ("flags", .array(row.flags.map { .string($0.words) })))
  }
}
