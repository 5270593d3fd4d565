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
    columns.table(traffic.count <= mostRows ? traffic : traffic.filter(\.disagrees))
  }

  static let columns: [Column<Crosscheck.Traffic>] = [
    Column("kernel", "kernel", word: \.kernel), Column("shape", "shape", word: \.shape),
    Column("caches", "caches", word: \.system), Column("level", "below", word: \.level),
    Column("predicted_bytes", "predicted", Units.traffic) { $0.predicted },
    Column("condition", at: .data, word: \.condition),
    Column("counted_bytes", "counted", Units.traffic, absent: "–") { $0.counted },
    Column("simulated_bytes", "simulated", Units.traffic, absent: "–") { $0.simulated },
    .shown("ratio") { row in row.simulated.map { Units.plain(row.predicted / max($0, 1)) } ?? "–" },
    Column("hardware_bytes", "hardware", Units.traffic, absent: "–") { $0.hardware },
    .member("in_transition") { .bool($0.inTransition) },
    Column("flags", "flags", words: { $0.flags.map(\.words) }),
  ]
}
