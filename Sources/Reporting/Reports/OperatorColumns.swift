import Calibration
import CostModel

/// A line of `analyze`: an operator, or their sum.
struct OperatorRow: Sendable {
  var name: String
  var kind = ""
  var layers: Double?
  var flops, matmulFLOPs: Double
  var traffic: Traffic
  var intensity, seconds, low, high: Double
  /// Of the pass's time.
  var share: Double?
  var bound: String
  var basis = ""

  init(_ op: PricedOperator, in prediction: Prediction) {
    name = Describe.name(op, in: prediction.model)
    kind = op.call.kind.category
    layers = op.call.layers
    (flops, matmulFLOPs, traffic) = (op.flops, op.matmulFLOPs, op.traffic)
    (intensity, seconds, low, high) = (op.arithmeticIntensity, op.seconds, op.time.low, op.time.high)
    share = op.seconds / prediction.totals.seconds
    bound = op.bound.name(prediction.profile)
    basis = op.time.basis.rawValue
  }

  init(totals prediction: Prediction) {
    let totals = prediction.totals
    name = "total"
    (flops, matmulFLOPs, traffic) = (totals.flops, totals.matmulFLOPs, totals.traffic)
    (intensity, seconds, low, high) = (totals.arithmeticIntensity, totals.seconds, totals.low, totals.high)
    bound = totals.bound.name(prediction.profile)
  }

  static func rows(_ prediction: Prediction) -> [OperatorRow] {
    prediction.analysis.operators.map { OperatorRow($0, in: prediction) }
  }

  static func columns(_ prediction: Prediction) -> [Column<OperatorRow>] {
    let profile = prediction.profile
    let seconds = Column<OperatorRow>("seconds", "time", Units.seconds) { $0.seconds }
    let bound = Column<OperatorRow>("bound", "bound", word: \.bound)
    var columns: [Column<OperatorRow>] = [
      Column("operator", "operator", at: [.table, .csv], word: \.name),
      Column("name", "", at: .json, word: \.name),
      Column("kind", "", at: .data, word: \.kind), Column("layers", "layers") { $0.layers },
      Column("flops", "FLOPs", { Units.flops($0).dropping("FLOP") }) { $0.flops },
      Column("matmul_flops", "", at: .data) { $0.matmulFLOPs },
    ]
    for (index, level) in profile.levels.enumerated() {
      if index < 2 {
        columns.append(
          Column("", "\(level.name) bytes", Units.traffic, at: .table) { $0.traffic.total[index] })
      }
      columns += [
        Column("\(level.name)_read_bytes", "", at: .csv) { $0.traffic.reads[index] },
        Column("\(level.name)_write_bytes", "", at: .csv) { $0.traffic.writes[index] },
      ]
    }
    columns += [
      .member("bytes") { AnalysisReport.bytes($0.traffic.total, profile) },
      .member("read_bytes") { AnalysisReport.bytes($0.traffic.reads, profile) },
      .member("write_bytes") { AnalysisReport.bytes($0.traffic.writes, profile) },
      seconds.only(.json), bound.only(.json),
      Column("arithmetic_intensity", "FLOP/B", Units.plain) { $0.intensity },
      seconds.only([.table, .csv]), .shown("share") { $0.share.map(Units.percent) ?? "" },
      bound.only([.table, .csv]),
    ]
    guard prediction.pricing != nil else { return columns }
    return columns + [
      Column("seconds_low", "", at: .data) { $0.low }, Column("seconds_high", "", at: .data) { $0.high },
      Column("basis", "", at: .data, word: \.basis),
    ]
  }
}

extension String {
  /// `1.2 GFLOP` → `1.2 G`, under a heading that says FLOPs.
  fileprivate func dropping(_ suffix: String) -> String {
    hasSuffix(suffix) ? String(dropLast(suffix.count)) : self
  }
}
