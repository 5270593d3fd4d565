import Calibration
import CostModel

/// A line of `analyze`: an operator, or their sum.
struct OperatorRow: Sendable {
  /// With its kind of layer where the model has several.
  var name: String
  /// Nil for the sum.
  var call: PricedOperator?
  var cost: any Priced
  /// Several operators together.
  var isShared = false

  static func rows(_ prediction: Prediction) -> [OperatorRow] {
    prediction.analysis.operators.map {
      OperatorRow(name: Describe.name($0, in: prediction.model), call: $0, cost: $0)
    }
  }

  /// Those of at least half a percent of the time, and the others as one.
  static func mainRows(_ prediction: Prediction) -> [OperatorRow] {
    let rows = rows(prediction)
    let small = rows.filter { $0.cost.seconds < 0.005 * prediction.totals.seconds }
    guard small.count > 1 else { return rows }
    var sum = Totals()
    for row in small { sum.add(row.cost) }
    return rows.filter { row in !small.contains { $0.name == row.name } }
      + [OperatorRow(name: "\(small.count) others (--all)", cost: sum, isShared: true)]
  }

  static func columns(_ prediction: Prediction) -> [Column<OperatorRow>] {
    let (profile, whole) = (prediction.profile, prediction.totals.seconds)
    let seconds = Column<OperatorRow>("seconds", "time", Units.seconds) { $0.cost.seconds }
    let bound = Column<OperatorRow>("bound", "bound", word: { $0.cost.bound.name(profile) })
    var columns: [Column<OperatorRow>] = [
      Column("operator", "operator", at: [.table, .csv], word: \.name),
      Column("name", at: .json, word: \.name),
      Column("kind", at: .data, word: \.call?.call.kind.category),
      Column("layers", "×") { $0.call?.call.layers },
      Column("flops", "FLOPs", { Units.flops($0).dropping("FLOP") }) { $0.cost.flops },
      Column("matmul_flops", at: .data) { $0.cost.matmulFLOPs },
    ]
    for (index, level) in profile.levels.enumerated() {
      if index < 2 {
        columns.append(
          Column("", level.name, Units.traffic, at: .table) { $0.cost.traffic.total[index] })
      }
      columns += [
        Column("\(level.name)_read_bytes", at: .csv) { $0.cost.traffic.reads[index] },
        Column("\(level.name)_write_bytes", at: .csv) { $0.cost.traffic.writes[index] },
      ]
    }
    if prediction.scenario.deployed != nil {
      columns.append(Column("link_bytes", "link", Units.traffic, at: [.table, .csv]) { $0.cost.sentBytes })
    }
    columns += [
      .member("bytes") { AnalysisReport.bytes($0.cost, prediction) },
      .member("read_bytes") { AnalysisReport.bytes($0.cost.traffic.reads, profile) },
      .member("write_bytes") { AnalysisReport.bytes($0.cost.traffic.writes, profile) },
      seconds.only(.json), bound.only(.json),
      Column("arithmetic_intensity", "FLOP/B", Units.plain) { $0.cost.arithmeticIntensity },
      seconds.only([.table, .csv]),
      .share { $0.call == nil && !$0.isShared ? nil : $0.cost.seconds / whole },
      bound.only([.table, .csv]),
      Column("bound_seconds", "at best", Units.seconds) { $0.cost.floor.seconds },
      Column("bound_by", at: .data, word: { $0.cost.floor.by.name(profile) }),
      Column("resident_bound_seconds", at: .data) { $0.cost.floor.resident },
      // Of its bound, what an operator is expected to reach.
      Column("bound_share", "reaches", Units.percent) {
        $0.cost.seconds > 0 ? $0.cost.floor.seconds / $0.cost.seconds : nil
      },
    ]
    guard prediction.pricing != nil else { return columns }
    return columns + [
      Column("seconds_low", at: .data) { $0.cost.low }, Column("seconds_high", at: .data) { $0.cost.high },
      Column("basis", at: .data, word: \.call?.time.basis.rawValue),
    ]
  }
}

extension Totals {
  /// Adds what a whole operator costs.
  fileprivate mutating func add(_ cost: any Priced) {
    matmulFLOPs += cost.matmulFLOPs
    vectorFLOPs += cost.flops - cost.matmulFLOPs
    traffic.reads += cost.traffic.reads
    traffic.writes += cost.traffic.writes
    sentBytes += cost.sentBytes
    seconds += cost.seconds
    low += cost.low
    high += cost.high
    secondsByBound[cost.bound.index] += cost.seconds
    kernelFloor += cost.floor.seconds
    floor = floor + cost.floor
  }
}

extension String {
  /// `1.2 GFLOP` → `1.2 G`, under a heading that says FLOPs.
  fileprivate func dropping(_ suffix: String) -> String {
    hasSuffix(suffix) ? String(dropLast(suffix.count)) : self
  }
}
