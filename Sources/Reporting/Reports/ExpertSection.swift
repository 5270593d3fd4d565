import CostModel

/// What the router's load does, for models with a mixture.
enum ExpertSection {
  static func blocks(_ input: AnalysisInput) -> [Document.Block] {
    let model = input.evaluator.model
    let kinds = mixtures(model)
    guard !kinds.isEmpty else { return [] }
    var rows: [[String]] = []
    for (name, spec) in kinds {
      let load = ExpertLoad(spec, load: input.evaluator.router, tokens: input.workload.tokens)
      rows.append([
        name, "\(spec.topK) of \(spec.experts)", Units.plain(load.distinct),
        "× " + Units.plain(load.hottestOverMean),
        spec.capacityFactor == nil ? "none" : Units.percent(load.dropped),
      ])
    }
    var blocks: [Document.Block] = [
      .heading("Experts"),
      .table(
        Table(
          columns: [
            ("layers", .left), ("a token uses", .right), ("touched", .right), ("hottest ÷ mean", .right),
            ("dropped", .right),
          ], rows: rows)),
    ]
    if let text = ranks(kinds[0].1, load: input.evaluator.router) { blocks.append(.paragraph(text)) }
    if input.workload.phase == .decode, let text = crossover(input) { blocks.append(.paragraph(text)) }
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

  private static func mixtures(_ model: ModelSpec) -> [(String, MixtureSpec)] {
    zip(model.kinds, model.kindCounts).compactMap { kind, count in
      guard count > 0, case .mixture(let spec) = kind.layer.feedForward else { return nil }
      return (kind.name, spec)
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

  private static func crossover(_ input: AnalysisInput) -> String? {
    guard
      let crossing = ExpertCrossover(input.evaluator, contextLength: input.workload.prefix),
      let twin = input.evaluator.model.denseTwin
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

  static func json(_ input: AnalysisInput) -> JSONValue {
    .array(
      mixtures(input.evaluator.model).map { name, spec in
        let load = ExpertLoad(spec, load: input.evaluator.router, tokens: input.workload.tokens)
        return .members(
          ("layers", .string(name)), ("experts", .number(Double(spec.experts))),
          ("top_k", .number(Double(spec.topK))), ("touched", .number(load.distinct)),
          ("hottest_over_mean", .number(load.hottestOverMean)), ("dropped_share", .number(load.dropped)))
      })
  }
}
