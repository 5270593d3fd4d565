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
    blocks.append(.heading("Bytes of weights"))
    blocks.append(.table(byteTable(model, plan)))
    blocks += PositionSection.blocks(model)
    if !model.notes.isEmpty {
      blocks.append(.heading("Notes"))
      blocks.append(.list(model.notes))
    }
    let json = JSONValue.members(
      ("schema", .string("rooftree/model/1")), ("model", modelJSON(model, format: plan.kvCache)),
      ("weight_bytes", .number(model.weightBytes(plan))), ("weights", byteJSON(model, plan)))
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
    let state = model.stateBytes(batch: 1, activations: plan.activations)
    if state > 0 {
      rows.append(["recurrent state", "\(Units.memory(state)) a sequence, whatever its length"])
    }
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

  /// Components in the order they run; recurrent layers only where there are any.
  static func components(_ count: ParameterCount) -> [(name: String, count: Double)] {
    [
      ("embedding", count.embedding), ("attention", count.attention), ("recurrent", count.recurrent),
      ("feed_forward", count.feedForward), ("router", count.router), ("norm", count.norm),
      ("lm_head", count.lmHead),
    ].filter { $0.0 != "recurrent" || $0.1 > 0 }
  }

  private static func parameterTable(_ count: ParameterCount) -> Table {
    var rows = components(count).map {
      [$0.name, Units.whole($0.count), Units.percent($0.count / count.total)]
    }
    if count.active != count.total {
      rows.append(["active per token", Units.whole(count.active), Units.percent(count.active / count.total)])
    }
    rows.append(["total", Units.whole(count.total), ""])
    return Table(
      columns: [("component", .left), ("parameters", .right), ("share", .right)], rows: rows, hasTotal: true)
  }

  /// Component by component and format by format.
  private static func byteTable(_ model: ModelSpec, _ plan: PrecisionPlan) -> Table {
    var rows = model.weightBytesByComponent(plan).map {
      [$0.component.rawValue, $0.format.name, Units.whole($0.bytes)]
    }
    if model.unreadBytes > 0 { rows.append(["read by no layer", "", Units.whole(model.unreadBytes)]) }
    rows.append(["total", "", Units.whole(model.weightBytes(plan))])
    return Table(
      columns: [("component", .left), ("format", .left), ("bytes", .right)], rows: rows, hasTotal: true)
  }

  private static func byteJSON(_ model: ModelSpec, _ plan: PrecisionPlan) -> JSONValue {
    .array(
      model.weightBytesByComponent(plan).map {
        .members(
          ("component", .string($0.component.rawValue)), ("dtype", .string($0.format.name)),
          ("bytes", .number($0.bytes)))
      })
  }

  private static func records(_ model: ModelSpec, plan: PrecisionPlan) -> Records {
    let count = model.parameters
    return Records(
      columns: ["model", "component", "parameters"],
      rows: (components(count) + [("total", count.total), ("active", count.active)]).map {
        [.string(model.name), .string($0.0), .number($0.1)]
      })
  }

  /// The `model` member of every JSON answer.
  static func modelJSON(_ model: ModelSpec, format: NumberFormat) -> JSONValue {
    let count = model.parameters
    return .members(
      ("name", .string(model.name)), ("title", .string(model.title)),
      ("provenance", .string(model.provenance.rawValue)), ("source", .string(model.source)),
      (
        "parameters",
        .object(
          ([("total", count.total), ("active", count.active)] + components(count)).map {
            JSONValue.Member($0.0, .number($0.1))
          })
      ), ("kv_bytes_per_token", .number(model.cacheBytesPerToken(format))),
      ("num_hidden_layers", .number(Double(model.layerCount))),
      ("hidden_size", .number(Double(model.hidden))), ("vocab_size", .number(Double(model.vocabulary))),
      (
        "max_position_embeddings", model.maxPositions.map { .number(Double($0)) } ?? .null
      ), ("attention", .string(Describe.attention(model))),
      ("positions", .string(Describe.positions(model))),
      ("feed_forward", .string(Describe.feedForward(model))),
      ("state_bytes_per_sequence", .number(model.stateBytes(batch: 1, activations: .bf16))),
      (
        "receptive_field",
        .array(ReceptiveField.byDepth(model).map { $0.isFinite ? .number($0) : .null })
      ), ("rotary", PositionSection.json(model)),
      (
        "layers",
        .array(
          zip(model.kinds, model.kindCounts).map {
            .members(("kind", .string($0.0.name)), ("count", .number(Double($0.1))))
          })
      ))
  }
}
