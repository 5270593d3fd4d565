import CostModel
import Specs

/// What the router's load does, for models with a mixture.
enum ExpertSection {
  private struct Row: Sendable {
    var mixture: Mixture
    var load: ExpertLoad
  }

  private static func rows(_ scenario: Scenario) -> [Row] {
    scenario.model.mixtures.map {
      Row(
        mixture: $0,
        load: ExpertLoad($0.spec, load: scenario.evaluator.router, tokens: scenario.workload.tokens))
    }
  }

  private static let columns: [Column<Row>] = [
    Column("layers", "layers", word: \.mixture.layers),
    Column("experts", at: .json) { Double($0.mixture.spec.experts) },
    Column("top_k", at: .json) { Double($0.mixture.spec.topK) },
    .shown("a token uses") { "\($0.mixture.spec.topK) of \($0.mixture.spec.experts)" },
    Column("touched", "touched", Units.plain) { $0.load.distinct },
    Column("fewest", "at least", Units.plain) { $0.load.fewest },
    Column("hottest_over_mean", "hottest ÷ mean", { "× " + Units.plain($0) }) { $0.load.hottestOverMean },
    Column("dropped_share", at: .json) { $0.load.dropped },
    .shown("dropped") { $0.mixture.spec.capacityFactor == nil ? "none" : Units.percent($0.load.dropped) },
  ]

  static func json(_ scenario: Scenario) -> JSONValue { columns.json(rows(scenario)) }

  static func blocks(_ scenario: Scenario) -> [Document.Block] {
    let rows = rows(scenario)
    guard let first = rows.first else { return [] }
    var blocks: [Document.Block] = [.heading("Experts"), .table(columns.table(rows))]
    if let text = ranks(first.mixture.spec, load: scenario.evaluator.router) {
      blocks.append(.paragraph(text))
    }
    if scenario.workload.phase == .decode, let text = crossover(scenario) { blocks.append(.paragraph(text)) }
    return blocks
  }

  static func assumption(_ router: RouterLoad) -> String {
    switch router {
    case .balanced: "router: taken as balanced; a batch touches E(1 − (1 − k/E)^tokens) experts (--router)"
    case .zipf(let exponent):
      "router: skewed as Zipf with exponent \(Units.plain(exponent)); a batch touches Σ 1 − (1 − share)^tokens"
    case .measured: "router: measured shares; a batch touches Σ 1 − (1 − share)^tokens"
    }
  }

  /// A step waits for its slowest rank.
  private static func ranks(_ spec: MixtureSpec, load: RouterLoad) -> String? {
    guard load != .balanced else { return nil }
    let counts = [2, 4, 8, 16, 32, 64].filter { spec.experts % $0 == 0 && $0 <= spec.experts }
    guard !counts.isEmpty else { return nil }
    let parts = counts.map { count in
      "\(count) ranks × "
        + Units.plain(ExpertLoad.rankImbalance(spec, load: load, ranks: count)) + " ("
        + Units.plain(ExpertLoad.rankImbalance(spec, load: load, ranks: count, balancedPlacement: true))
        + " with experts placed by load)"
    }
    return "Under expert parallelism a step waits for its slowest rank, whose tokens over the mean are: "
      + parts.joined(separator: ", ") + "."
  }

  private static func crossover(_ scenario: Scenario) -> String? {
    guard
      let crossing = ExpertCrossover(scenario.evaluator, contextLength: scenario.workload.prefix),
      let twin = scenario.model.denseTwin
    else { return nil }
    var text =
      "Against a dense model of its active size (\(Units.count(twin.parameters.total)) parameters, the same"
      + " attention) at this context: "
    if let from = crossing.dearerFrom {
      text +=
        "a step costs the same up to batch \(Units.whole(from - 1)) and over 5 % more from batch \(Units.whole(from)) on,"
        + " at worst × \(Units.plain(crossing.worstRatio)) at batch \(Units.whole(crossing.worstBatch))"
      text +=
        crossing.evenAgainFrom.map { "; from batch \(Units.whole($0)) on both cost the same again" }
        ?? "; it stays dearer up to batch 65,536"
    } else {
      text += "a step never costs over 5 % more"
    }
    return text + ". 99 % of the experts are read from batch \(Units.whole(crossing.allTouchedFrom)) on."
  }
}
