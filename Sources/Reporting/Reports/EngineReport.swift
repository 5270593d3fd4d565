import Calibration
import CostModel
import Kernels

/// `crosscheck --engine`: an engine's passes beside bound and expectation.
public enum EngineReport {
  /// - Parameters:
  ///   - engine: its name; `machine`: the processor and the day.
  ///   - noise: how steady the machine was.
  public static func document(
    _ checks: [EngineCheck], engine: String, machine: String, noise: Noise
  ) -> Document {
    let failed = checks.count { $0.disagrees }
    let judged = checks.contains(where: \.judged)
    let verdict: Crosscheck.Verdict = failed > 0 ? .disagree : judged ? .agree : .notJudged
    return Document(
      title:
        "\(engine) on \(machine): \(failed > 0 ? "\(failed) of \(checks.count) passes disagree" : verdict.rawValue)",
      records: Records(columns, checks),
      json: .members(
        ("schema", .string("rooftree/engine/1")), ("engine", .string(engine)),
        ("verdict", .string(verdict.rawValue)),
        ("noise", ProbeReport.json(noise)), ("passes", columns.json(checks))),
      charts: { [chart(checks, engine)] }
    ) {
      [
        .table(columns.table(checks)),
        .list([
          "ratio: the median of \(checks.first?.run.seconds.count ?? 0) repeats ÷ expected; accepted from"
            + " \(EngineCheck.ratioBounds.lowerBound) to \(EngineCheck.ratioBounds.upperBound). Nothing may be faster than at best.",
          "expected: shares of the probed rates that are the same for every machine, 80 % interval.",
          ProbeReport.words(noise),
        ]),
      ]
    }
  }

  private static func chart(_ checks: [EngineCheck], _ engine: String) -> Chart {
    RatioRows(
      name: "passes", title: "Seconds, measured over expected", subtitle: engine,
      axisTitle: "measured over expected",
      rows: checks.map { ("\($0.run.model), \(pass($0))", "", [.init(series: 0, ratio: $0.ratio)]) },
      close: 0,
      series: ["measured ÷ expected"]
    ).chart(
      caption: "The median of the repeats.",
      finding: "\(checks.count { $0.disagrees }) of \(checks.count) passes disagree.")
  }

  private static func pass(_ check: EngineCheck) -> String {
    check.run.prompt > 0 ? "prompt of \(check.run.prompt)" : "token after \(check.run.context)"
  }

  private static let columns: [Column<EngineCheck>] = [
    Column("model", "model", word: \.run.model),
    Column("pass", "pass", word: { pass($0) }),
    Column("bound_seconds", "at best", Units.seconds) { $0.bound },
    Column("seconds", "expected", Units.seconds) { $0.expected },
    Column("seconds_low", "from", Units.seconds) { $0.prediction.totals.low },
    Column("seconds_high", "to", Units.seconds) { $0.prediction.totals.high },
    Column("measured_seconds", "measured", Units.seconds) { $0.run.median },
    Column("fastest_seconds", "fastest", Units.seconds) { $0.run.best },
    Column("ratio", "ratio", Units.plain) { $0.ratio },
    Column("flags", "flags", words: flags),
  ]

  private static func flags(_ check: EngineCheck) -> [String] {
    (check.beatsBound ? ["beats the bound"] : []) + (check.isOutside ? ["outside"] : [])
      + (check.isInside ? [] : ["outside its interval"]) + (check.judged ? [] : ["not judged"])
  }
}
