import Calibration
import CostModel

/// `compare A B --explain`: A turned into B one mechanism at a time.
struct MorphReport {
  private let a, b: PredictedPhases
  private let steps: [Waterfall.Step]

  init(from a: PredictedPhases, to b: PredictedPhases) {
    (self.a, self.b) = (a, b)
    steps =
      Waterfall(
        from: a.decode.scenario.evaluator, to: b.decode.scenario.evaluator,
        prefill: a.prefill.scenario.workload, decode: a.decode.scenario.workload
      ).steps
  }

  /// - Parameter signed: changes, not sums.
  private static func columns(signed: Bool = false) -> [Column<Waterfall.Step>] {
    func figure(
      _ key: String, _ title: String, _ unit: @escaping @Sendable (Double) -> String,
      _ number: @escaping @Sendable (Waterfall.Step) -> Double
    ) -> Column<Waterfall.Step> {
      Column(
        key, title,
        { signed ? ($0 == 0 ? "·" : ($0 < 0 ? "− " : "+ ") + unit(abs($0))) : unit($0) }, number: number)
    }
    return [
      Column("step", "step", word: \.name), figure("parameters", "params", Units.count) { $0.parameters },
      figure("active_parameters", "active", Units.count) { $0.active },
      figure("kv_bytes_per_token", "KV B/token", Units.whole) { $0.cachePerToken },
      figure("prefill_seconds", "prefill", Units.seconds) { $0.prefillSeconds },
      figure("decode_seconds", "decode", Units.seconds) { $0.decodeSeconds },
      figure("decode_far_bytes", "decode bytes", Units.traffic) { $0.decodeBytes },
    ]
  }

  var blocks: [Document.Block] {
    guard let first = steps.first, var last = steps.last else { return [] }
    last.name = b.model.name
    let changes = zip(steps, steps.dropFirst()).map { $1 - $0 }
    var table = Self.columns().table([first], total: last)
    table.rows.insert(contentsOf: Self.columns(signed: true).table(changes).rows, at: 1)
    return [
      .heading("From \(a.model.name) to \(b.model.name), one mechanism at a time"), .table(table),
      .paragraph(
        "Each step keeps what the ones before it changed; the steps add up to the difference. Another order would"
          + " share it out differently. Workload: \(a.model.name)'s,"
          + " on \(a.profile.title)."),
    ]
  }

  var json: JSONValue {
    .members(
      ("from", .string(a.model.name)), ("to", .string(b.model.name)), ("steps", Self.columns().json(steps)))
  }
}
