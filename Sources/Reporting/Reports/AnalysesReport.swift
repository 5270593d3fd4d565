import Calibration
import CostModel
import Specs

/// `analyze` with several values of an option: a column each.
public enum AnalysesReport {
  /// A pass or a whole request.
  public enum Cell: Sendable {
    case pass(Prediction)
    case request(PredictedRequest)

    /// What decides whether it fits.
    var scenario: Scenario {
      switch self {
      case .pass(let prediction): prediction.scenario
      case .request(let request): request.last
      }
    }

    var memory: MemoryFootprint {
      switch self {
      case .pass(let prediction): prediction.memory
      case .request(let request): request.memory
      }
    }

    /// The pass, or the middle step.
    var step: Prediction {
      switch self {
      case .pass(let prediction): prediction
      case .request(let request): request.decode
      }
    }

    var tokensPerSecond: Double {
      switch self {
      case .pass(let prediction): prediction.tokensPerSecond
      case .request(let request): request.tokensPerSecond
      }
    }

    /// The result alone.
    public var json: JSONValue {
      switch self {
      case .pass(let prediction): AnalysisReport.json(prediction)
      case .request(let request): RequestReport.json(request)
      }
    }
  }

  /// - Parameters:
  ///   - cells: of one model, at least one.
  ///   - names: what tells them apart, in the same order.
  public static func document(_ cells: [Cell], names: [String]) -> Document {
    let passes = cells.map(\.step)
    var document = Document(
      title: title(cells), records: Records(ComparisonColumns.all(passes), passes),
      json: .members(("schema", .string("rooftree/analyses/1")), ("cells", .list(cells, \.json))),
      charts: { ComparisonCharts.columns(passes, names) }
    ) {
      [
        .table(Table(lines(cells), names: names, .right, sortable: true)),
        .heading("Assumptions"),
        .list(
          passes.flatMap { AnalysisReport.assumptions($0, verbose: false) }.reduce(into: []) {
            if !$0.contains($1) { $0.append($1) }
          }),
      ]
    }
    document.answer = answer(cells, names)
    return document
  }

  /// The most sequences of a cell's length that the memory holds, in all of its passes.
  public static func largestBatch(_ cell: Cell) -> Double {
    switch cell {
    case .pass(let prediction): prediction.scenario.largestBatch
    case .request(let request): request.largestBatch
    }
  }

  private static func title(_ cells: [Cell]) -> String {
    let devices = Set(cells.map(\.scenario.profile.name))
    let model = cells[0].scenario.model.title
    return devices.count == 1
      ? "\(model) on \(cells[0].scenario.profile.title)" : "\(model) on \(devices.count) devices"
  }

  private static func answer(_ cells: [Cell], _ names: [String]) -> [String] {
    let sides = zip(cells, names).map { cell, name in
      let span: Span =
        switch cell {
        case .pass(let prediction): Span(prediction)
        case .request(let request): request.whole
        }
      return Answer.Side(
        name: name, memory: cell.memory, largestBatch: largestBatch(cell), span: span, step: cell.step,
        tokensPerSecond: cell.tokensPerSecond)
    }
    return Answer.lines(sides, "in")
  }

  private static func lines(_ cells: [Cell]) -> [Table.Line] {
    func line(_ title: String, _ shown: (Double) -> String, _ value: (Cell) -> Double) -> Table.Line {
      let values = cells.map(value)
      return Table.Line(title: title, texts: values.map(shown), numbers: values)
    }
    func spans(_ title: String, _ value: (Cell) -> Span?) -> [Table.Line] {
      let spans = cells.compactMap(value)
      guard spans.count == cells.count else { return [] }
      func row(_ title: String, _ text: (Span) -> String) -> Table.Line {
        Table.Line(title: title, texts: spans.map(text), numbers: spans.map(\.seconds))
      }
      return [row(title) { Units.seconds($0.seconds) }]
        + (cells.contains { $0.step.pricing != nil }
          ? [row("… 80 %") { Answer.interval($0.low, $0.high) }] : [])
        + [row("… at best") { Units.seconds($0.best) }]
    }
    func ofRequest(_ path: KeyPath<PredictedRequest, Span>) -> (Cell) -> Span? {
      { if case .request(let request) = $0 { request[keyPath: path] } else { nil } }
    }
    let fits = Table.Line(
      title: "fits", texts: cells.map { $0.memory.fits ? "yes" : "no" }, numbers: cells.map { _ in nil })
    let bound = Table.Line(
      title: "bound by", texts: cells.map { $0.step.totals.bound.name($0.step.profile) },
      numbers: cells.map { _ in nil })
    return [
      fits, line("memory needed", Units.memory, \.memory.totalBytes),
      line("… of", Units.memory, \.memory.capacityBytes),
      line("weights", Units.memory, \.memory.weightsBytes),
      line("KV cache", Units.memory, \.memory.cacheBytes),
      line("largest batch", Answer.count, largestBatch),
      line("longest context", Answer.count) { Answer.longest($0.scenario) },
    ]
      + spans("time to first token", ofRequest(\.firstToken)) + spans("time per token", ofRequest(\.perToken))
      + spans("end to end", ofRequest(\.whole))
      + spans("time") { if case .pass(let prediction) = $0 { Span(prediction) } else { nil } }
      + [bound, line("tokens/s", Units.rate, \.tokensPerSecond)]
  }
}
