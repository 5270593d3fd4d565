import Calibration
import CostModel

/// `compare`: architectures side by side, and what explains the differences.
public enum ComparisonReport {
  /// - Parameters:
  ///   - cells: grouped by device, the models in the same order for each; at least one.
  ///   - explain: the first model turned into each other one.
  public static func document(_ cells: [PredictedPhases], explain: Bool = false) -> Document {
    let models = unique(cells.map(\.model))
    let devices = unique(cells.map(\.profile))
    var document = Document(
      title: models.map(\.title).joined(separator: " · ") + " on "
        + (devices.count == 1 ? devices[0].title : devices.map(\.name).joined(separator: ", ")),
      records: records(cells),
      json: json(cells, morphs: explain ? morphs(cells) : []),
      charts: { ComparisonCharts.compare(cells, morphs: explain ? morphs(cells) : []) }
    ) {
      var blocks: [Document.Block] = models.compactMap(Describe.provenanceWarning).map { .paragraph($0) }
      blocks.append(.table(architecture(models, cells: cells)))
      if models.count == 1, devices.count > 1 {
        blocks += [
          .heading("On \(devices.count) devices"), .table(performance(cells, names: devices.map(\.name))),
        ]
      }
      for device in models.count == 1 && devices.count > 1 ? [] : devices {
        blocks += [
          .heading("On \(device.title)"), .table(performance(cells.filter { $0.profile == device })),
        ]
      }
      let format = cells.first?.decode.scenario.precision.kvCache ?? .bf16
      blocks += [
        .heading("What makes the difference"),
        .list(models.flatMap { Difference.mechanisms($0, format: format) } + Difference.between(cells)),
      ]
      if explain { blocks += morphs(cells).flatMap(\.blocks) }
      return blocks + [
        .heading("Assumptions"),
        .list(
          assumptions(cells) + [
            standing(cells)
              + (cells.contains { $0.decode.scenario.deployed != nil } ? "" : "; one device, no parallelism"),
            "time per output token excludes the first",
          ]),
      ]
    }
    document.answer = answer(cells, models.count)
    return document
  }

  /// Of a decode step, each model on each device.
  private static func answer(_ cells: [PredictedPhases], _ models: Int) -> [String] {
    Answer.lines(
      cells.map { cell in
        let (model, device) = (cell.model.name, cell.profile.name)
        return Answer.Side(
          name: models == 1 ? device : models == cells.count ? model : "\(model) on \(device)",
          memory: cell.decode.memory,
          largestBatch: cell.decode.scenario.largestBatch, span: Span(cell.decode), step: cell.decode,
          tokensPerSecond: cell.decode.tokensPerSecond)
      }, "a step takes")
  }

  /// What times are, by device.
  private static func standing(_ cells: [PredictedPhases]) -> String {
    let devices = unique(cells.map(\.profile)).map { profile -> String in
      guard let pricing = cells.first(where: { $0.profile == profile })?.decode.pricing else {
        return "on \(profile.name) a roofline without calibration"
      }
      return "on \(profile.name) by \(Standing.phrase(pricing, on: profile))"
    }
    return "times are " + devices.joined(separator: "; ")
  }

  /// Each assumption once, with the models it was made for where not for all.
  private static func assumptions(_ cells: [PredictedPhases]) -> [String] {
    var texts: [String] = []
    var models: [String: [String]] = [:]
    for cell in cells {
      for assumption in cell.prefill.scenario.assumptions + cell.decode.scenario.assumptions {
        let text = assumption.text(for: cell.model)
        texts.append(text)
        models[text, default: []].append(cell.model.name)
      }
    }
    let all = unique(cells.map(\.model.name)).count
    return unique(texts).map { text in
      let names = unique(models[text] ?? [])
      return names.count == all ? text : "\(names.joined(separator: ", ")): \(text)"
    }
  }

  private static func unique<T: Hashable>(_ values: [T]) -> [T] { unique(values) { $0 } }

  /// The first of each key, in order.
  private static func unique<T, Key: Hashable>(_ values: [T], by key: (T) -> Key) -> [T] {
    var seen = Set<Key>()
    return values.filter { seen.insert(key($0)).inserted }
  }

  private static func architecture(_ models: [ModelSpec], cells: [PredictedPhases]) -> Table {
    let shown = unique(cells) { $0.model }.map(\.decode)
    return Table(
      ComparisonColumns.all(shown).lines(shown, at: .architecture), names: models.map(\.name), .left)
  }

  private static func performance(_ cells: [PredictedPhases], names: [String]? = nil) -> Table {
    let (prefill, decode) = (cells.map(\.prefill), cells.map(\.decode))
    let columns = ComparisonColumns.all(decode)
    return Table(
      ComparisonColumns.all(prefill).lines(prefill, at: .prefill) + columns.lines(decode, at: .decode)
        + columns.lines(decode, at: .memory), names: names ?? cells.map(\.model.name), .right, sortable: true)
  }

  private static func records(_ cells: [PredictedPhases]) -> Records {
    let rows = cells.flatMap { [$0.prefill, $0.decode] }
    return Records(ComparisonColumns.all(rows), rows)
  }

  /// The first model turned into each other one.
  private static func morphs(_ cells: [PredictedPhases]) -> [MorphReport] {
    guard let first = cells.first else { return [] }
    return others(cells).map { MorphReport(from: first, to: $0) }
  }

  /// Every model but the first, once, on the first one's device.
  static func others(_ cells: [PredictedPhases]) -> [PredictedPhases] {
    guard let first = cells.first else { return [] }
    return Array(unique(cells.filter { $0.profile == first.profile }) { $0.model }.dropFirst())
  }

  /// What `--require` goes by: the decode step's figures, the time of the prompt, and memory where it is fuller.
  public static func figures(_ cell: PredictedPhases) -> JSONValue {
    let isPromptFuller = cell.prefill.memory.totalBytes > cell.decode.memory.totalBytes
    let decode = AnalysisReport.json(cell.decode)
    let fuller = isPromptFuller ? AnalysisReport.json(cell.prefill) : decode
    return .members(
      ("model", decode["model"] ?? .null), ("memory", fuller["memory"] ?? .null),
      ("totals", decode["totals"] ?? .null),
      (
        "request",
        .members(
          ("ttft_seconds", .number(cell.prefill.latency)), ("tpot_seconds", .number(cell.decode.latency)))
      ))
  }

  private static func json(_ cells: [PredictedPhases], morphs: [MorphReport]) -> JSONValue {
    .members(
      ("schema", .string("rooftree/comparison/1")),
      ("results", .list(cells.flatMap { [$0.prefill, $0.decode] }, AnalysisReport.json)),
      ("differences", .array(Difference.between(cells).map { .string($0) })),
      ("waterfalls", .array(morphs.map(\.json))))
  }
}
