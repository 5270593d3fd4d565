import Calibration
import CostModel

/// `compare A B --explain`: what each mechanism has to do with the difference.
struct MorphReport {
  private let a, b: PredictedPhases
  private let shares: MechanismShares

  init(from a: PredictedPhases, to b: PredictedPhases) {
    (self.a, self.b) = (a, b)
    shares = MechanismShares(
      from: a.decode.scenario.whole, to: b.decode.scenario.whole,
      prefill: a.prefill.scenario.workload, decode: a.decode.scenario.workload)
  }

  private typealias Row = (name: String, figures: MechanismShares.Figures)

  /// - Parameter signed: changes, not sums.
  private static func columns(signed: Bool = false) -> [Column<Row>] {
    func figure(
      _ key: String, _ title: String, _ unit: @escaping @Sendable (Double) -> String,
      _ number: @escaping @Sendable (MechanismShares.Figures) -> Double
    ) -> Column<Row> {
      Column(
        key, title,
        { signed ? ($0 == 0 ? "·" : ($0 < 0 ? "− " : "+ ") + unit(abs($0))) : unit($0) },
        number: { number($0.figures) })
    }
    return [
      Column("step", "mechanism", word: \.name),
      figure("parameters", "params", Units.count) { $0.parameters },
      figure("active_parameters", "active", Units.count) { $0.active },
      figure("kv_bytes_per_token", "KV B/token", Units.whole) { $0.cachePerToken },
      figure("prefill_seconds", "prefill", Units.seconds) { $0.prefillSeconds },
      figure("decode_seconds", "decode", Units.seconds) { $0.decodeSeconds },
      figure("decode_far_bytes", "decode bytes", Units.traffic) { $0.decodeBytes },
    ]
  }

  private var changes: [Row] { shares.shares.map { ($0.mechanism.rawValue, $0.figures) } }

  var blocks: [Document.Block] {
    var table = Self.columns().table([(a.model.name, shares.from)], total: (b.model.name, shares.to))
    table.rows.insert(contentsOf: Self.columns(signed: true).table(changes).rows, at: 1)
    return [
      .heading("From \(a.model.name) to \(b.model.name), mechanism by mechanism"), .table(table),
      .paragraph(
        "Each share is the mean of what the mechanism changes over all orders in which they may be taken over"
          + " (Shapley); they add up to the difference. Workload: \(a.model.name)'s, on \(a.profile.title)."),
    ]
  }

  /// - Parameter number: tells their names from those of other pairs.
  func charts(_ number: String) -> [Chart] {
    let phases: [(Prediction, (MechanismShares.Figures) -> Double)] = [
      (a.decode, { $0.decodeSeconds }), (a.prefill, { $0.prefillSeconds }),
    ]
    return phases.map { pass, seconds in
      let phase = pass.scenario.workload.phase.rawValue
      return Waterfall(
        name: "waterfall-\(phase)-\(number)",
        title: "Why \(phase) takes what it takes: \(a.model.name) to \(b.model.name)",
        subtitle: "\(pass.profile.title): \(Describe.workload(pass.scenario.workload))",
        from: (a.model.name, seconds(shares.from)),
        to: (b.model.name, seconds(shares.to)), steps: changes.map { ($0.name, seconds($0.figures)) },
        shown: Units.seconds
      ).chart(
        caption: "Times of the roofline; each mechanism's share is its mean over all orders, and they add up."
      )
    }
  }

  var json: JSONValue {
    let columns = Self.columns()
    return .members(
      ("from", .string(a.model.name)), ("to", .string(b.model.name)),
      ("first", columns.json((a.model.name, shares.from))), ("shares", columns.json(changes)),
      ("last", columns.json((b.model.name, shares.to))))
  }
}
