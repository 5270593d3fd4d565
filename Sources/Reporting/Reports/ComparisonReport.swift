import CostModel

/// One model on one device in both phases.
public struct ComparisonCell: Sendable {
  public var prefill: AnalysisInput
  public var decode: AnalysisInput

  public init(prefill: AnalysisInput, decode: AnalysisInput) {
    self.prefill = prefill
    self.decode = decode
  }

  var evaluator: Evaluator { decode.evaluator }
  var model: ModelSpec { evaluator.model }
  var profile: HardwareProfile { evaluator.profile }
}

/// `compare`: architectures side by side, and what explains the differences.
public enum ComparisonReport {
  /// - Parameter cells: grouped by device, the models in the same order for each; at least one.
  public static func document(_ cells: [ComparisonCell], explain: Bool = false) -> Document {
    let devices = unique(cells.map(\.profile))
    let models = unique(cells.map(\.model))
    let format = cells.first?.evaluator.precision.kvCache ?? .bf16
    var blocks: [Document.Block] = models.compactMap(Describe.provenanceWarning).map { .paragraph($0) }
    blocks.append(.table(architecture(models, cells: cells)))
    for device in devices {
      let row = cells.filter { $0.profile == device }
      blocks.append(.heading("On \(device.title)"))
      blocks.append(.table(performance(row)))
    }
    blocks.append(.heading("What makes the difference"))
    blocks.append(
      .list(
        models.flatMap { Difference.mechanisms($0, format: format) }
          + Difference.between(models, cells: cells)))
    if explain, let base = cells.first {
      for model in models.dropFirst() {
        if let other = cells.first(where: { $0.model == model && $0.profile == base.profile }) {
          blocks += Morph.blocks(base, other)
        }
      }
    }
    blocks.append(.heading("Assumptions"))
    blocks.append(
      .list(
        assumptions(cells) + [
          standing(cells) + "; one device, no parallelism",
          "time per output token excludes the first",
        ]))
    return Document(
      title: models.map(\.title).joined(separator: " · "), blocks: blocks, records: records(cells),
      json: json(cells, explain: explain), charts: { AnalysisCharts.compare(cells) })
  }

  /// What times are: bounds, calibrated, or carried over from another device.
  private static func standing(_ cells: [ComparisonCell]) -> String {
    let devices = unique(cells.map(\.profile)).map { profile -> String in
      guard
        let predictor = cells.first(where: { $0.profile == profile })?.decode.fitted?.predictor,
        predictor.carriesOver
      else { return "calibrated on \(profile.name)" }
      return
        "extrapolated to \(profile.name) from runs of \(predictor.calibration.hardware), intervals widened"
    }
    return cells.first?.decode.fitted == nil
      ? "times are a roofline without calibration: upper bounds on speed"
      : "times are \(devices.joined(separator: ", "))"
  }

  /// Each assumption once, with the models it was made for where not for all.
  private static func assumptions(_ cells: [ComparisonCell]) -> [String] {
    var texts: [(text: String, models: [String])] = []
    for cell in cells {
      for text in cell.prefill.assumptions + cell.decode.assumptions {
        let index = texts.firstIndex { $0.text == text } ?? texts.count
        if index == texts.count { texts.append((text, [])) }
        if !texts[index].models.contains(cell.model.name) { texts[index].models.append(cell.model.name) }
      }
    }
    let all = unique(cells.map(\.model.name)).count
    return texts.map { $0.models.count == all ? $0.text : "\($0.models.joined(separator: ", ")): \($0.text)" }
  }

  private static func unique<T: Equatable>(_ values: [T]) -> [T] {
    values.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  private static func architecture(_ models: [ModelSpec], cells: [ComparisonCell]) -> Table {
    let precision = models.map { model in cells.first { $0.model == model }?.evaluator.precision }
    func row(_ label: String, _ value: (ModelSpec) -> String) -> [String] { [label] + models.map(value) }
    let zipped = Array(zip(models, precision))
    let rows = [
      row("attention", Describe.attention), row("positions", Describe.positions),
      row("feed-forward", Describe.feedForward), row("norm", Describe.norm),
      row("layers × hidden") { "\($0.layerCount) × \(Units.whole(Double($0.hidden)))" },
      row("vocabulary") { Units.whole(Double($0.vocabulary)) },
      row("context") { $0.maxPositions.map { Units.whole(Double($0)) } ?? "not stated" },
      row("parameters") { Units.count($0.parameters.total) },
      row("active per token") { Units.count($0.parameters.active) },
      ["weights"]
        + zipped.map { model, plan in
          plan.map { "\(Units.memory(model.weightBytes($0))) (\($0.weights.name))" } ?? ""
        },
      ["KV bytes per token"]
        + zipped.map { model, plan in Units.whole(model.cacheBytesPerToken(plan?.kvCache ?? .bf16)) },
    ]
    return Table(columns: [("", .left)] + models.map { ($0.name, .left) }, rows: rows)
  }

  private static func performance(_ cells: [ComparisonCell]) -> Table {
    let prefill = cells.map { ($0, $0.prefill.totals) }
    let decode = cells.map { ($0, $0.decode.totals) }
    let memory = cells.map(\.decode.memory)
    var rows: [(label: String, cells: [(text: String, number: Double?)])] = []
    func row<T>(_ label: String, _ items: [T], _ number: (T) -> Double, _ shown: (Double) -> String) {
      rows.append((label, items.map { (shown(number($0)), number($0)) }))
    }
    func interval(_ inputs: [AnalysisInput]) {
      guard inputs.contains(where: { $0.fitted != nil }) else { return }
      rows.append(
        (
          "… 80 % interval",
          inputs.map { ("\(Units.seconds($0.totals.low)) to \(Units.seconds($0.totals.high))", nil) }
        ))
    }
    if let first = cells.first {
      row(Describe.workload(first.prefill.workload), prefill, { $0.1.seconds }, Units.seconds)
      interval(cells.map(\.prefill))
      rows.append(("prefill bound", prefill.map { ($0.1.bound.name($0.0.profile), nil) }))
      row("prefill FLOPs", prefill, { $0.1.flops }, Units.flops)
      row("prefill FLOP/B", prefill, { $0.1.arithmeticIntensity }, Units.plain)
      row(Describe.workload(first.decode.workload), decode, { $0.1.seconds }, Units.seconds)
      interval(cells.map(\.decode))
      rows.append(("decode bound", decode.map { ($0.1.bound.name($0.0.profile), nil) }))
      row("decode far-memory bytes", decode, { $0.1.traffic.total[0] }, Units.traffic)
      row("decode FLOP/B", decode, { $0.1.arithmeticIntensity }, Units.plain)
      row("decode tokens/s", decode, { $0.0.decode.workload.tokens / $0.1.seconds }, Units.whole)
    }
    row("KV cache", memory, { $0.cacheBytes }, Units.memory)
    row("memory needed", memory, { $0.totalBytes }, Units.memory)
    rows.append(
      (
        "fits \(Units.memory(memory.first?.capacityBytes ?? 0))",
        memory.map {
          let devices = Units.whole(($0.totalBytes / $0.capacityBytes).rounded(.up))
          return ($0.fits ? "yes" : "no, \(devices) devices or more", nil)
        }
      ))
    var table = Table(
      columns: [("", .left)] + cells.map { ($0.model.name, .right) },
      rows: rows.map { [$0.label] + $0.cells.map(\.text) })
    table.numbers = rows.map { [nil] + $0.cells.map(\.number) }
    return table
  }

  private static func records(_ cells: [ComparisonCell]) -> Records {
    var rows: [[JSONValue]] = []
    let calibrated = cells.contains { $0.decode.fitted != nil }
    for cell in cells {
      let count = cell.model.parameters
      for input in [cell.prefill, cell.decode] {
        let totals = input.totals
        let memory = input.memory
        rows.append(
          [
            .string(cell.model.name), .string(cell.profile.name), .string(input.workload.phase.rawValue),
            .number(input.workload.batch), .number(input.workload.queries), .number(input.workload.prefix),
            .string(Describe.attention(cell.model)), .string(Describe.positions(cell.model)),
            .string(Describe.feedForward(cell.model)), .number(count.total), .number(count.active),
            .number(cell.model.cacheBytesPerToken(input.evaluator.precision.kvCache)),
            .number(memory.weightsBytes), .number(memory.cacheBytes), .number(memory.activationsBytes),
            .number(memory.totalBytes), .number(memory.capacityBytes), .bool(memory.fits),
            .number(totals.flops), .number(totals.matmulFLOPs), .number(totals.traffic.total[0]),
            .number(totals.arithmeticIntensity), .number(totals.seconds),
            .string(totals.bound.name(cell.profile)), .string(cell.model.provenance.rawValue),
          ] + (calibrated ? [.number(totals.low), .number(totals.high)] : []))
      }
    }
    return Records(
      columns: [
        "model", "hardware", "phase", "batch_size", "new_tokens", "context_len", "attention", "positions",
        "feed_forward", "total_parameters", "active_parameters", "kv_bytes_per_token", "weights_bytes",
        "kv_cache_bytes", "activations_bytes", "total_bytes", "capacity_bytes", "fits", "flops",
        "matmul_flops", "far_memory_bytes", "arithmetic_intensity", "seconds", "bound", "provenance",
      ] + (calibrated ? ["seconds_low", "seconds_high"] : []), rows: rows)
  }

  private static func json(_ cells: [ComparisonCell], explain: Bool) -> JSONValue {
    .members(
      ("schema", .string("rooftree/comparison/1")),
      (
        "results",
        .array(
          cells.flatMap { cell in
            [cell.prefill, cell.decode].map(AnalysisReport.json)
          })
      ),
      (
        "differences",
        .array(
          Difference.between(unique(cells.map(\.model)), cells: cells).map { .string($0) })
      ),
      (
        "waterfalls",
        .array(
          explain
            ? cells.dropFirst().filter { $0.profile == cells[0].profile }.map { Morph.json(cells[0], $0) }
            : [])
      ))
  }
}
