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
    let shown = traffic.count <= mostRows ? traffic : traffic.filter(\.disagrees)
    return Table(
      columns: [
        ("kernel", .left), ("shape", .left), ("caches", .left), ("below", .left), ("predicted", .right),
        ("counted", .right), ("simulated", .right), ("ratio", .right), ("operator", .right),
        ("model", .right), ("hardware", .right), ("flags", .left),
      ],
      rows: shown.map { row in
        [
          row.kernel, row.shape, row.system, row.level, Units.traffic(row.predicted),
          row.counted.map(Units.traffic) ?? "–", row.simulated.map(Units.traffic) ?? "–",
          row.simulated.map { Units.plain(row.predicted / max($0, 1)) } ?? "–",
          row.operatorBytes.map(Units.traffic) ?? "–", row.modelBytes.map(Units.traffic) ?? "–",
          row.hardware.map(Units.traffic) ?? "–",
          row.flags.map(\.words).joined(separator: ", "),
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
      row.modelBytes.map { .number($0) } ?? .string(""),
      row.operatorBytes.map { .number($0) } ?? .string(""),
    ]
  }

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

  static func json(_ row: Crosscheck.Traffic) -> JSONValue {
    .members(
      ("kernel", .string(row.kernel)), ("shape", .string(row.shape)), ("caches", .string(row.system)),
      ("level", .string(row.level)), ("predicted_bytes", .number(row.predicted)),
      ("model_bytes", row.modelBytes.map { .number($0) } ?? .null),
      ("operator_bytes", row.operatorBytes.map { .number($0) } ?? .null),
      ("condition", .string(row.condition)), ("counted_bytes", row.counted.map { .number($0) } ?? .null),
      ("simulated_bytes", row.simulated.map { .number($0) } ?? .null),
      ("hardware_bytes", row.hardware.map { .number($0) } ?? .null),
      ("in_transition", .bool(row.inTransition)), ("operator", row.model.map(json) ?? .null),
      ("flags", .array(row.flags.map { .string($0.words) })))
  }
}
