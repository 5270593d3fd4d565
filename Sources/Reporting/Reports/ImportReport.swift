import CostModel
import Import
import Specs

/// `import`: the spec that came out, where its figures come from, and how it agrees with the weights' headers.
public enum ImportReport {
  /// - Parameter yaml: the spec as it is written.
  public static func document(_ imported: ImportedModel, check: HeaderCheck?, yaml: String) -> Document {
    var blocks: [Document.Block] = [
      .paragraph("\(imported.format), family \(imported.family)."),
      .lines(yaml.split(separator: "\n").map(String.init)),
    ]
    if !imported.remarks.isEmpty { blocks += [.heading("Remarks"), .list(imported.remarks)] }
    if let check { blocks += checkBlocks(check) }
    return Document(
      title: imported.model.title, blocks: blocks, records: records(imported, check),
      json: json(imported, check, yaml))
  }

  private static func checkBlocks(_ check: HeaderCheck) -> [Document.Block] {
    let rows = check.rows.map { row in
      [
        row.component, Units.whole(row.computed), Units.whole(row.stored),
        Units.memory(check.tally.bytes[row.component] ?? 0), row.agrees ? "" : "differs",
      ]
    }
    var blocks: [Document.Block] = [
      .heading("Against \(check.source)"),
      .table(
        Table(
          columns: [
            ("component", .left), ("computed", .right), ("in the file", .right), ("bytes", .right),
            ("", .left),
          ],
          rows: rows)),
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
    if !check.differences.isEmpty {
      blocks.append(
        .table(
          Table(
            columns: [("module", .left), ("bytes by the spec", .right), ("in the file", .right)],
            rows: check.differences.map { [$0.module, Units.whole($0.computed), Units.whole($0.stored)] })))
    }
    let types = check.tally.bytesByType.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    blocks.append(
      .paragraph(
        "\(Units.whole(Double(check.tally.tensors))) tensors, \(Units.memory(types.reduce(0) { $0 + $1.value })): "
          + types.map { "\($0.key) \(Units.memory($0.value))" }.joined(separator: ", ") + "."))
    return blocks
  }

  private static func records(_ imported: ImportedModel, _ check: HeaderCheck?) -> Records {
    Records(
      columns: ["model", "key", "value", "line", "from"],
      rows: imported.origins.map { origin in
        [
          .string(imported.model.name), .string(origin.key), .string(origin.value),
          origin.line.map { .number(Double($0)) } ?? .null,
          .string(origin.line == nil ? "family default" : "file"),
        ]
      })
  }

  private static func from(_ origin: FigureOrigin) -> String {
    origin.line == nil ? "family default" : "file"
  }

  /// Binary files have none.
  private static func line(_ origin: FigureOrigin) -> JSONValue {
    guard let line = origin.line, line > 0 else { return .null }
    return .number(Double(line))
  }

  private static func json(_ imported: ImportedModel, _ check: HeaderCheck?, _ yaml: String) -> JSONValue {
    var checked = JSONValue.null
    if let check {
      checked = .members(
        ("source", .string(check.source)), ("agrees", .bool(check.agrees)),
        ("computed_bytes", .number(check.computedBytes)), ("stored_bytes", .number(check.storedBytes)),
        (
          "differences",
          .array(
            check.differences.map {
              .members(
                ("module", .string($0.module)), ("computed_bytes", .number($0.computed)),
                ("stored_bytes", .number($0.stored)))
            })
        ),
        (
          "components",
          .array(
            check.rows.map {
              .members(
                ("component", .string($0.component)), ("computed", .number($0.computed)),
                ("stored", .number($0.stored)), ("bytes", .number(check.tally.bytes[$0.component] ?? 0)))
            })
        ),
        (
          "bytes_by_type",
          .object(check.tally.bytesByType.sorted { $0.key < $1.key }.map { .init($0.key, .number($0.value)) })
        ), ("unknown", .array(check.tally.unknown.map { .string($0) })))
    }
    return .members(
      ("schema", .string("rooftree/import/1")), ("format", .string(imported.format)),
      ("family", .string(imported.family)),
      ("model", ModelReport.modelJSON(imported.model, format: .bf16)),
      (
        "origins",
        .array(
          imported.origins.map {
            .members(
              ("key", .string($0.key)), ("value", .string($0.value)),
              ("line", $0.line.map { .number(Double($0)) } ?? .null))
          })
      ), ("remarks", .array(imported.remarks.map { .string($0) })), ("check", checked),
      ("yaml", .string(yaml)))
  }
}
