import CostModel

/// `show`: a model's anatomy.
public enum ModelReport {
  /// - Parameter plan: formats that the cache and states are kept in.
  public static func document(_ model: ModelSpec, plan: PrecisionPlan) -> Document {
    let count = model.parameters
    let rows = components(count).map { Row(model: model.name, name: $0.name, count: $0.count) }
    let total = Row(model: model.name, name: "total", count: count.total)
    var document = Document(
      title: model.title,
      records: Records(
        columns(count), rows + [total, Row(model: model.name, name: "active", count: count.active)]),
      json: .members(
        ("schema", .string("rooftree/model/1")), ("model", json(model, format: plan.kvCache)),
        ("weight_bytes", .number(model.weightBytes(plan))), ("weights", weights.json(stored(model, plan)))),
      charts: { charts(model, plan) }
    ) {
      var blocks: [Document.Block] = []
      if let warning = Describe.provenanceWarning(model) { blocks.append(.paragraph(warning)) }
      let active = Row(model: model.name, name: "active per token", count: count.active)
      blocks += [
        .table(Table(columns: [("", .left), ("", .left)], rows: anatomy(model, plan: plan))),
        .heading("Parameters"),
        .table(
          columns(count).table(rows + (count.active == count.total ? [] : [active]), total: total)),
        .heading("Bytes of weights"),
        .table(
          weights.table(
            stored(model, plan), total: Stored(component: "total", format: "", bytes: model.weightBytes(plan))
          )),
      ]
      blocks += PositionSection.blocks(model)
      return blocks + (model.notes.isEmpty ? [] : [.heading("Notes"), .list(model.notes)])
    }
    document.headlines = headlines(model, plan)
    return document
  }

  static func charts(_ model: ModelSpec, _ plan: PrecisionPlan) -> [Chart] {
    ModelCharts.show(
      model, parameters: components(model.parameters),
      bytes: stored(model, plan).map { ($0.component, $0.bytes) })
  }

  static func headlines(_ model: ModelSpec, _ plan: PrecisionPlan) -> [String] {
    let count = model.parameters
    return [
      "\(Units.count(count.total)) parameters"
        + (count.active == count.total ? "" : ", \(Units.count(count.active)) active per token"),
      "\(Units.memory(model.weightBytes(plan))) of weights, \(plan.weights.name)",
      "\(Units.whole(model.cacheBytesPerToken(plan.kvCache))) B of cache per token, \(plan.kvCache.name)",
      "\(model.layerCount) layers, \(Units.whole(Double(model.hidden))) wide",
    ]
  }

  /// A component, or a sum of them.
  private struct Row: Sendable {
    var model, name: String
    var count: Double
  }

  /// Bytes of a component in one format.
  private struct Stored: Sendable {
    var component, format: String
    var bytes: Double
  }

  private static let weights: [Column<Stored>] = [
    Column("component", "component", word: \.component), Column("dtype", "format", word: \.format),
    Column("bytes", "bytes") { $0.bytes },
  ]

  private static func stored(_ model: ModelSpec, _ plan: PrecisionPlan) -> [Stored] {
    let rows = model.weightBytesByComponent(plan).map {
      Stored(component: $0.component.rawValue, format: $0.format.name, bytes: $0.bytes)
    }
    guard model.unreadBytes > 0 else { return rows }
    return rows + [Stored(component: "unread", format: "", bytes: model.unreadBytes)]
  }

  private static func columns(_ count: ParameterCount) -> [Column<Row>] {
    [
      Column("model", at: .csv, word: \.model), Column("component", "component", word: \.name),
      Column("parameters", "parameters") { $0.count },
      .share { $0.name == "total" ? nil : $0.count / count.total },
    ]
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
  private static func components(_ count: ParameterCount) -> [(name: String, count: Double)] {
    [
      ("embedding", count.embedding), ("attention", count.attention), ("recurrent", count.recurrent),
      ("feed_forward", count.feedForward), ("router", count.router), ("norm", count.norm),
      ("lm_head", count.lmHead), ("vision", count.vision), ("audio", count.audio),
    ].filter { !["recurrent", "vision", "audio"].contains($0.0) || $0.1 > 0 }
  }

  /// The `model` member of every JSON answer.
  static func json(_ model: ModelSpec, format: NumberFormat) -> JSONValue { columns(format).json(model) }

  /// What lists of models and JSON answers say of a model; bytes of its cache in `format`.
  static func columns(_ format: NumberFormat) -> [Column<ModelSpec>] {
    let (provenance, source) = (
      Column<ModelSpec>("provenance", word: \.provenance.rawValue),
      Column<ModelSpec>("source", word: \.source)
    )
    return [
      Column("name", "name", word: \.name), Column("title", at: .data, word: \.title),
      provenance.only(.json), source.only(.json),
      .member("parameters") { .object(parameters($0.parameters)) },
      Column("total_parameters", "params", Units.count, at: [.table, .csv]) { $0.parameters.total },
      Column("active_parameters", at: .csv) { $0.parameters.active },
      .shown("active") {
        $0.parameters.active == $0.parameters.total ? "" : Units.count($0.parameters.active)
      },
      Column("layers", "layers", { "\(Int($0))" }, at: [.table, .csv]) { Double($0.layerCount) },
      Column("kv_bytes_per_token", at: .json) { $0.cacheBytesPerToken(format) },
      Column("kv_bytes_per_token_\(format.name)", "KV/token", { Units.whole($0) + " B" }, at: [.table, .csv])
      {
        $0.cacheBytesPerToken(format)
      },
      Column("num_hidden_layers", at: .json) { Double($0.layerCount) },
      Column("hidden_size", at: .json) { Double($0.hidden) },
      Column("vocab_size", at: .json) { Double($0.vocabulary) },
      Column("max_position_embeddings", at: .json) { $0.maxPositions.map { Double($0) } },
      Column("attention", "attention", word: Describe.attention),
      Column("positions", at: .data, word: Describe.positions),
      Column("feed_forward", at: .data, word: Describe.feedForward),
      provenance.only(.csv), source.only(.csv),
      .shown("", .left) { $0.provenance == .speculative ? "speculative" : "" },
      Column("state_bytes_per_sequence", at: .json) { $0.stateBytes(batch: 1, activations: .bf16) },
      .member("receptive_field") {
        .array(ReceptiveField.byDepth($0).map { $0.isFinite ? .number($0) : .null })
      },
      .member("rotary", PositionSection.json),
      .member("layers") { model in
        .array(
          zip(model.kinds, model.kindCounts).map {
            .members(("kind", .string($0.0.name)), ("count", .number(Double($0.1))))
          })
      },
    ]
  }

  private static func parameters(_ count: ParameterCount) -> [JSONValue.Member] {
    ([("total", count.total), ("active", count.active)] + components(count)).map {
      JSONValue.Member($0.0, .number($0.1))
    }
  }
}
