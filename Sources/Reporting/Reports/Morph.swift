import CostModel

/// `compare A B --explain`: A turned into B one mechanism at a time.
public enum Morph {
  struct Step {
    var name: String
    var model: ModelSpec
  }

  /// A, then A with more and more of B, the last one costing exactly what B costs.
  static func steps(from a: ModelSpec, to b: ModelSpec) -> [Step] {
    var layers = expanded(a)
    let target = expanded(b)
    // B's layer that stands at the same share of the depth.
    func match(_ index: Int) -> LayerSpec { target[index * target.count / layers.count] }
    var model = a
    var steps = [Step(name: a.name, model: a)]
    func record(_ name: String) {
      model.setLayers(layers)
      if model != steps[steps.count - 1].model { steps.append(Step(name: name, model: model)) }
    }
    for index in layers.indices {
      layers[index].mixer = keepingPosition(of: layers[index].mixer, match(index).mixer)
    }
    record("heads")
    for index in layers.indices { layers[index].mixer = match(index).mixer }
    model.embeddingPosition = b.embeddingPosition
    model.maxPositions = b.maxPositions
    record("positions")
    for index in layers.indices { layers[index].feedForward = match(index).feedForward }
    record("feed-forward")
    for index in layers.indices {
      layers[index].norm = match(index).norm
      layers[index].norms = match(index).norms
      layers[index].parallel = match(index).parallel
    }
    model.finalNorm = b.finalNorm
    model.embeddingNorm = b.embeddingNorm
    record("norms")
    model.hidden = b.hidden
    record("width")
    layers = target
    record("depth")
    model.vocabulary = b.vocabulary
    model.tiedEmbeddings = b.tiedEmbeddings
    model.lmHeadBias = b.lmHeadBias
    model.logitSoftcap = b.logitSoftcap
    record("vocabulary and head")
    return steps
  }

  private static func expanded(_ model: ModelSpec) -> [LayerSpec] {
    model.pattern.map { model.kinds[$0].layer }
  }

  private static func keepingPosition(of old: MixerSpec, _ new: MixerSpec) -> MixerSpec {
    guard case .attention(let before) = old, case .attention(var after) = new else { return new }
    after.position = before.position
    return .attention(after)
  }

  /// What one model of the chain costs.
  struct Cost {
    var parameters, active, cachePerToken, prefillSeconds, decodeSeconds, decodeBytes: Double

    init?(_ model: ModelSpec, plan: PrecisionPlan, cell: ComparisonCell) {
      guard let evaluator = try? Evaluator(model: model, profile: cell.profile, precision: plan) else {
        return nil
      }
      let count = model.parameters
      let decode = evaluator.totals(cell.decode.workload)
      parameters = count.total
      active = count.active
      cachePerToken = model.cacheBytesPerToken(plan.kvCache)
      prefillSeconds = evaluator.totals(cell.prefill.workload).seconds
      decodeSeconds = decode.seconds
      decodeBytes = decode.traffic.total[0]
    }

    var figures: [Double] { [parameters, active, cachePerToken, prefillSeconds, decodeSeconds, decodeBytes] }

    static let names = [
      "parameters", "active_parameters", "kv_bytes_per_token", "prefill_seconds", "decode_seconds",
      "decode_far_bytes",
    ]
  }

  /// The chain with costs, precision last.
  static func waterfall(_ a: ComparisonCell, _ b: ComparisonCell) -> [(name: String, cost: Cost)] {
    var chain: [(name: String, cost: Cost)] = []
    let plan = a.evaluator.precision
    for step in steps(from: a.model, to: b.model) {
      if let cost = Cost(step.model, plan: plan, cell: a) { chain.append((step.name, cost)) }
    }
    if b.evaluator.precision != plan,
      b.model.weightBytes(b.evaluator.precision) != b.model.weightBytes(plan)
        || b.evaluator.precision.kvCache.bytesPerElement != plan.kvCache.bytesPerElement,
      let cost = Cost(b.model, plan: b.evaluator.precision, cell: a)
    {
      chain.append(("precision", cost))
    }
    return chain
  }

  static func blocks(_ a: ComparisonCell, _ b: ComparisonCell) -> [Document.Block] {
    let chain = waterfall(a, b)
    guard let first = chain.first, let last = chain.last else { return [] }
    func shown(_ figures: [Double]) -> [String] {
      [
        Units.count(figures[0]), Units.count(figures[1]), Units.whole(figures[2]), Units.seconds(figures[3]),
        Units.seconds(figures[4]), Units.traffic(figures[5]),
      ]
    }
    func signed(_ figures: [Double]) -> [String] {
      zip(figures, shown(figures.map(abs))).map { $0 == 0 ? "·" : ($0 < 0 ? "− " : "+ ") + $1 }
    }
    var rows = [[a.model.name] + shown(first.cost.figures)]
    for (before, step) in zip(chain, chain.dropFirst()) {
      rows.append([step.name] + signed(zip(step.cost.figures, before.cost.figures).map { $0 - $1 }))
    }
    rows.append([b.model.name] + shown(last.cost.figures))
    return [
      .heading("From \(a.model.name) to \(b.model.name), one mechanism at a time"),
      .table(
        Table(
          columns: [
            ("step", .left), ("params", .right), ("active", .right), ("KV B/token", .right),
            ("prefill", .right), ("decode", .right), ("decode bytes", .right),
          ], rows: rows, hasTotal: true)),
      .paragraph(
        "Each step keeps what the ones before it changed; the steps add up to the difference. Another order would"
          + " share it out differently. Workload: \(a.model.name)'s,"
          + " on \(a.profile.title)."),
    ]
  }

  static func json(_ a: ComparisonCell, _ b: ComparisonCell) -> JSONValue {
    let chain = waterfall(a, b)
    return .members(
      ("from", .string(a.model.name)), ("to", .string(b.model.name)),
      (
        "steps",
        .array(
          chain.map { step in
            .object(
              [JSONValue.Member("step", .string(step.name))]
                + zip(Cost.names, step.cost.figures).map { JSONValue.Member($0, .number($1)) })
          })
      ))
  }
}

extension ModelSpec {
  /// Declares the layers one by one; equal ones share a kind.
  mutating func setLayers(_ layers: [LayerSpec]) {
    let names = kinds
    kinds = []
    pattern = layers.map { layer in
      if let index = kinds.firstIndex(where: { $0.layer == layer }) { return index }
      let name = names.first { $0.layer == layer }?.name ?? "decoder \(kinds.count + 1)"
      kinds.append(LayerKind(name: name, layer: layer))
      return kinds.count - 1
    }
  }
}
