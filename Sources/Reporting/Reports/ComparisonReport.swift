import Calibration
import CostModel

/// `compare`: architectures side by side, and what explains the differences.
public enum ComparisonReport {
  /// - Parameters:
  ///   - cells: grouped by device, the models in the same order for each; at least one.
  ///   - explain: the first model turned into each other one.
  public static func document(_ cells: [PredictedPhases], explain: Bool = false) -> Document {
    let models = unique(cells.map(\.model))
    return Document(
      title: models.map(\.title).joined(separator: " · "), records: records(cells),
      json: json(cells, morphs: explain ? morphs(cells) : []), charts: { AnalysisCharts.compare(cells) }
    ) {
      var blocks: [Document.Block] = models.compactMap(Describe.provenanceWarning).map { .paragraph($0) }
      blocks.append(.table(architecture(models, cells: cells)))
      for device in unique(cells.map(\.profile)) {
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
  }

  /// What times are: bounds, calibrated, or carried over from another device.
  private static func standing(_ cells: [PredictedPhases]) -> String {
    let devices = unique(cells.map(\.profile)).map { profile -> String in
      guard
        let predictor = cells.first(where: { $0.profile == profile })?.decode.pricing?.predictor,
        predictor.carriesOver
      else { return "calibrated on \(profile.name)" }
      return
        "extrapolated to \(profile.name) from runs of \(predictor.calibration.hardware), intervals widened"
    }
    return cells.first?.decode.pricing == nil
      ? "times are a roofline without calibration: upper bounds on speed"
      : "times are \(devices.joined(separator: ", "))"
  }

  /// Each assumption once, with the models it was made for where not for all.
  private static func assumptions(_ cells: [PredictedPhases]) -> [String] {
    var texts: [(text: String, models: [String])] = []
    for cell in cells {
      for assumption in cell.prefill.scenario.assumptions + cell.decode.scenario.assumptions {
        let text = assumption.text(for: cell.model)
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

  private static func architecture(_ models: [ModelSpec], cells: [PredictedPhases]) -> Table {
    let shown = models.compactMap { model in cells.first { $0.model == model }?.decode }
    return Table(
      ComparisonColumns.all(shown).lines(shown, at: .architecture), names: models.map(\.name), .left)
  }

  private static func performance(_ cells: [PredictedPhases]) -> Table {
    let (prefill, decode) = (cells.map(\.prefill), cells.map(\.decode))
    let columns = ComparisonColumns.all(decode)
    return Table(
      ComparisonColumns.all(prefill).lines(prefill, at: .prefill) + columns.lines(decode, at: .decode)
        + columns.lines(decode, at: .memory), names: cells.map(\.model.name), .right, sortable: true)
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
    return unique(cells.map(\.model)).dropFirst().compactMap { model in
      cells.first { $0.model == model && $0.profile == first.profile }
    }
  }

  private static func json(_ cells: [PredictedPhases], morphs: [MorphReport]) -> JSONValue {
    .members(
      ("schema", .string("rooftree/comparison/1")),
      ("results", .list(cells.flatMap { [$0.prefill, $0.decode] }, AnalysisReport.json)),
      ("differences", .array(Difference.between(cells).map { .string($0) })),
      ("waterfalls", .array(morphs.map(\.json))))
  }
}
