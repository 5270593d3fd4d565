import CostModel
import Kernels

/// The traffic of a cross-check: predicted, counted, simulated and charged bytes side by side.
enum CrosscheckBytes {
  /// Longer tables show only what disagrees.
  static let mostRows = 600

  static let notes = [
    "caches: alone, each size by itself; chain and this machine, several levels, each fed by the misses of the one before. Reads and writes added, write-allocation counted.",
    "ratio: predicted ÷ simulated. hardware: lines read by the processor's own counters, shown and not judged.",
    "operator: simulated less write-allocation and the kernel's own scratch. model: what the cost model charges; within 5 % of the operator's where they have to be equal, else never above by more.",
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
    Column("operator_bytes", "operator", Units.traffic, absent: "–") { $0.operatorBytes },
    Column("model_bytes", "model", Units.traffic, absent: "–") { $0.modelBytes },
    Column("hardware_bytes", "hardware", Units.traffic, absent: "–") { $0.hardware },
    .member("in_transition") { .bool($0.inTransition) },
    .member("operator") { $0.model.map(json) ?? .null },
    Column("flags", "flags", words: { $0.flags.map(\.words) }),
  ]

  /// Each kernel's operator once: exact, whatever the cache.
  static func operators(_ traffic: [Crosscheck.Traffic]) -> Table {
    let shown = traffic.count <= mostRows ? traffic : traffic.filter(\.disagrees)
    var seen = Set<[String]>()
    let rows = shown.compactMap { row -> [String]? in
      guard let model = row.model, seen.insert([row.kernel, row.shape]).inserted else { return nil }
      let (kernel, charged) = (model.kernel, model.compulsory)
      return [row.kernel, row.shape, model.call.kind.name]
        + pair(kernel.traffic.total[0], charged.traffic.total[0], Units.traffic)
        + pair(kernel.matmulFLOPs, charged.matmulFLOPs, Units.flops)
        + pair(kernel.vectorFLOPs, charged.vectorFLOPs, Units.flops) + [model.claim.words]
    }
    return Table(
      columns: [
        ("kernel", .left), ("shape", .left), ("operator", .left), ("all held", .right), ("model", .right),
        ("products", .right), ("model", .right), ("element-wise", .right), ("model", .right),
        ("below a cache", .left),
      ], rows: rows)
  }

  private static func pair(_ own: Double, _ model: Double, _ shown: (Double) -> String) -> [String] {
    [shown(own), shown(model)]
  }

  private static func json(_ model: Crosscheck.Model) -> JSONValue {
    func work(_ work: Work) -> JSONValue {
      .members(
        ("read_bytes", .number(work.traffic.reads[0])), ("write_bytes", .number(work.traffic.writes[0])),
        ("matmul_flops", .number(work.matmulFLOPs)), ("vector_flops", .number(work.vectorFLOPs)))
    }
    return .members(
      ("name", .string(model.call.kind.name)), ("claim", .string(model.claim.words)),
      ("kernel", work(model.kernel)), ("model", work(model.compulsory)))
  }
}
