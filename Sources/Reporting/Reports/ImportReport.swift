import CostModel
import Import
import Specs

/// `import`: the spec that came out, where its figures come from, and how it agrees with the weights' headers.
public enum ImportReport {
  /// - Parameter yaml: the spec as it is written.
  public static func document(_ imported: ImportedModel, check: HeaderCheck?, yaml: String) -> Document {
    var document = Document(
      title: imported.model.title, records: Records(origins(of: imported.model.name), imported.origins),
      json: json(imported, check, yaml),
      charts: { ModelReport.charts(imported.model, PrecisionPlan(uniform: .bf16)) }
    ) {
      [
        .paragraph("\(imported.format), family \(imported.family)."),
        .lines(yaml.split(separator: "\n").map(String.init)),
      ] + (imported.remarks.isEmpty ? [] : [.heading("Remarks"), .list(imported.remarks)])
        + (check.map(checkBlocks) ?? [])
    }
    document.headlines = ModelReport.headlines(imported.model, PrecisionPlan(uniform: .bf16))
    return document
  }

  private static func origins(of model: String) -> [Column<FigureOrigin>] {
    [
      Column("model", at: .csv, word: { _ in model }), Column("key", word: \.key),
      Column("value", word: \.value),
      Column("line") { $0.line.map { Double($0) } },
      Column("from", at: .csv, word: { $0.line == nil ? "family default" : "file" }),
    ]
  }

  private static func components(_ check: HeaderCheck) -> [Column<HeaderCheck.Row>] {
    [
      Column("component", "component", word: \.component), Column("computed", "computed") { $0.computed },
      Column("stored", "in the file") { $0.stored },
      Column("bytes", "bytes", Units.memory) { check.tally.bytes[$0.component] ?? 0 },
      .shown("", .left) { $0.agrees ? "" : "differs" },
    ]
  }

  private static let differences: [Column<HeaderCheck.Difference>] = [
    Column("module", "module", word: \.module),
    Column("computed_bytes", "bytes by the spec") { $0.computed },
    Column("stored_bytes", "in the file") { $0.stored },
  ]

  private static func checkBlocks(_ check: HeaderCheck) -> [Document.Block] {
    var blocks: [Document.Block] = [
      .heading("Against \(check.source)"), .table(components(check).table(check.rows)),
    ]
    let others = check.tally.elements.keys.filter { name in !check.rows.contains { $0.component == name } }
      .sorted()
    if !others.isEmpty {
      let parts = others.map { "\($0) \(Units.whole(check.tally.elements[$0] ?? 0))" }
      blocks.append(.paragraph("Not part of the spec: \(parts.joined(separator: ", "))."))
    }
    if !check.tally.unknown.isEmpty {
      blocks.append(.paragraph("Of no known part: \(check.tally.unknown.joined(separator: ", "))."))
    }
    blocks.append(
      .paragraph(
        "Bytes: \(Units.whole(check.computedBytes)) by the spec, \(Units.whole(check.storedBytes)) in the file, "
          + (check.bytesAgree ? "which agree." : "which differ.")))
    if !check.differences.isEmpty { blocks.append(.table(differences.table(check.differences))) }
    let types = check.tally.bytesByType.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    blocks.append(
      .paragraph(
        "\(Units.whole(Double(check.tally.tensors))) tensors, \(Units.memory(types.reduce(0) { $0 + $1.value })): "
          + types.map { "\($0.key) \(Units.memory($0.value))" }.joined(separator: ", ") + "."))
    return blocks
  }

  private static func json(_ imported: ImportedModel, _ check: HeaderCheck?, _ yaml: String) -> JSONValue {
    var checked = JSONValue.null
    if let check {
      checked = .members(
        ("source", .string(check.source)), ("agrees", .bool(check.agrees)),
        ("computed_bytes", .number(check.computedBytes)), ("stored_bytes", .number(check.storedBytes)),
        ("differences", differences.json(check.differences)),
        ("components", components(check).json(check.rows)),
        (
          "bytes_by_type",
          .object(check.tally.bytesByType.sorted { $0.key < $1.key }.map { .init($0.key, .number($0.value)) })
        ), ("unknown", .array(check.tally.unknown.map { .string($0) })))
    }
    return .members(
      ("schema", .string("rooftree/import/1")), ("format", .string(imported.format)),
      ("family", .string(imported.family)),
      ("model", ModelReport.json(imported.model, format: .bf16)),
      ("origins", origins(of: imported.model.name).json(imported.origins)),
      ("remarks", .array(imported.remarks.map { .string($0) })), ("check", checked),
      ("yaml", .string(yaml)))
  }
}
