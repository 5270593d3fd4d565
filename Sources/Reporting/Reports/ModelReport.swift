import CostModel

/// `show`: a model's anatomy.
public enum ModelReport {
  public static func document(_ model: ModelSpec, plan: PrecisionPlan) -> Document {
    let count = model.parameters
    var blocks: [Document.Block] = []
    if let warning = Describe.provenanceWarning(model) { blocks.append(.paragraph(warning)) }
    blocks.append(.table(Table(columns: [("", .left), ("", .left)], rows: anatomy(model, plan: plan))))
    blocks.append(.heading("Parameters"))
    blocks.append(.table(parameterTable(count)))
    if !model.notes.isEmpty {
      blocks.append(.heading("Notes"))
      blocks.append(.list(model.notes))
    }
    let json = JSONValue.members(
      ("schema", .string("rooftree/model/1")), ("model", modelJSON(model, format: plan.kvCache)))
    return Document(
      title: model.title, blocks: blocks, records: records(model, plan: plan), json: json)
  }

  private static func anatomy(_ model: ModelSpec, plan: PrecisionPlan) -> [[String]] {
    let perToken = model.cacheBytesPerToken(plan.kvCache)
    var rows = [
      ["layers", layerPattern(model)], ["hidden size", Units.whole(Double(model.hidden))],
      ["attention", Describe.attention(model)], ["positions", Describe.positions(model)],
      ["feed-forward", Describe.feedForward(model)], ["norm", Describe.norm(model)],
      [
        "vocabulary",
        Units.whole(Double(model.vocabulary))
          + (model.tiedEmbeddings ? ", lm_head tied to the embedding" : ", lm_head of its own"),
      ],
      [
        "KV cache",
        "\(Units.whole(perToken)) B per token (\(plan.kvCache.name)), at most \(Units.memory(fullCache(model, plan))) "
          + "a sequence",
      ],
    ]
    if let field = receptiveField(model) { rows.append(["receptive field", field]) }
    if let longest = model.maxPositions {
      rows.append(["context", "up to \(Units.whole(Double(longest))) tokens, as its authors state"])
    }
    rows.append(["source", model.source])
    return rows
  }

  private static func fullCache(_ model: ModelSpec, _ plan: PrecisionPlan) -> Double {
    model.cacheBytes(batch: 1, length: Double(model.maxPositions ?? 8192), format: plan.kvCache)
  }

  static func layerPattern(_ model: ModelSpec) -> String {
    let counts = zip(model.kinds, model.kindCounts).filter { $0.1 > 0 }
    if counts.count == 1 { return "\(model.layerCount)" }
    return "\(model.layerCount): " + counts.map { "\($0.1) \($0.0.name)" }.joined(separator: ", ")
  }

  /// layers × (W − 1) + 1 while all layers slide; unlimited as soon as one sees everything.
  static func receptiveField(_ model: ModelSpec) -> String? {
    var reach = 1.0
    var limited = false
    for (kind, count) in zip(model.kinds, model.kindCounts) {
      guard case .attention(let spec) = kind.layer.mixer, count > 0 else { continue }
      switch spec.span {
      case .full: return limited ? "unlimited (full-attention layers)" : nil
      case .sliding(let window):
        limited = true
        reach += Double(count) * Double(window - 1)
      case .chunked: return nil
      }
    }
    guard limited else { return nil }
    return "\(Units.whole(reach)) tokens after \(model.layerCount) layers: layers × (window − 1) + 1"
  }

  private static func parameterTable(_ count: ParameterCount) -> Table {
    let parts: [(String, Double)] = [
      ("embedding", count.embedding), ("attention", count.attention),
      ("feed_forward", count.feedForward), ("router", count.router), ("norm", count.norm),
      ("lm_head", count.lmHead),
    ]
    var rows = parts.map { [$0.0, Units.whole($0.1), Units.percent($0.1 / count.total)] }
    if count.active != count.total {
      rows.append(["active per token", Units.whole(count.active), Units.percent(count.active / count.total)])
    }
    rows.append(["total", Units.whole(count.total), ""])
    return Table(
      columns: [("component", .left), ("parameters", .right), ("share", .right)], rows: rows, hasTotal: true)
  }

  private static func records(_ model: ModelSpec, plan: PrecisionPlan) -> Records {
    let count = model.parameters
    return Records(
      columns: ["model", "component", "parameters"],
      rows: [
        ("embedding", count.embedding), ("attention", count.attention),
        ("feed_forward", count.feedForward), ("router", count.router), ("norm", count.norm),
        ("lm_head", count.lmHead), ("total", count.total), ("active", count.active),
      ].map { [.string(model.name), .string($0.0), .number($0.1)] })
  }

  /// The `model` member of every JSON answer.
  static func modelJSON(_ model: ModelSpec, format: NumberFormat) -> JSONValue {
    let count = model.parameters
    return .members(
      ("name", .string(model.name)), ("title", .string(model.title)),
      ("provenance", .string(model.provenance.rawValue)), ("source", .string(model.source)),
      (
        "parameters",
        .members(
          ("total", .number(count.total)), ("active", .number(count.active)),
          ("embedding", .number(count.embedding)), ("attention", .number(count.attention)),
          ("feed_forward", .number(count.feedForward)), ("router", .number(count.router)),
          ("norm", .number(count.norm)), ("lm_head", .number(count.lmHead)))
      ), ("kv_bytes_per_token", .number(model.cacheBytesPerToken(format))),
      ("num_hidden_layers", .number(Double(model.layerCount))),
      ("hidden_size", .number(Double(model.hidden))), ("vocab_size", .number(Double(model.vocabulary))),
      (
        "max_position_embeddings", model.maxPositions.map { .number(Double($0)) } ?? .null
      ), ("attention", .string(Describe.attention(model))),
      ("positions", .string(Describe.positions(model))),
      ("feed_forward", .string(Describe.feedForward(model))),
      (
        "layers",
        .array(
          zip(model.kinds, model.kindCounts).map {
            .members(("kind", .string($0.0.name)), ("count", .number(Double($0.1))))
          })
      ))
  }
}
