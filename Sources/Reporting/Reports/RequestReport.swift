import Calibration
import CostModel
import Specs

/// `analyze` without a phase: whole requests, the prompt and the steps behind it.
public enum RequestReport {
  /// Requests of one length that start together.
  public static func document(
    _ request: PredictedRequest, _ detail: AnalysisReport.Detail = AnalysisReport.Detail()
  ) -> Document {
    let passes = [request.prefill, request.decode]
    var document = Document(
      title: AnalysisReport.title(request.last, words(request)),
      records: Records(ComparisonColumns.all(passes), passes), json: json(request),
      charts: {
        passes.reversed().flatMap {
          AnalysisCharts.pass($0, suffix: "-\($0.scenario.workload.phase.rawValue)")
        } + AnalysisCharts.memory(request.last, request.memory) + AnalysisCharts.mechanisms(request.prefill)
      }
    ) {
      [.table(table(request)), .paragraph(AnalysisReport.meaning(request.decode))]
        + passes.flatMap { pass -> [Document.Block] in
          [
            .heading(Describe.workload(pass.scenario.workload).capitalised),
            .table(AnalysisReport.table(pass, all: detail.all)),
          ] + (detail.explain ? [.lines(Explanation.lines(pass))] : [])
        } + [
          .heading("Assumptions"),
          .list(
            unique(passes.flatMap { AnalysisReport.assumptions($0, verbose: detail.verbose) })
              + [
                "requests start together and run to their end; time per output token excludes the first"
              ]),
        ]
    }
    document.answer = Answer.lines(request)
    return document
  }

  private static func words(_ request: PredictedRequest) -> String {
    "\(Units.whole(request.prefill.scenario.workload.batch)) × \(Units.whole(request.inputLength)) tokens in,"
      + " \(Units.whole(request.outputLength)) out"
  }

  private static func unique(_ texts: [String]) -> [String] {
    texts.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  private static func table(_ request: PredictedRequest) -> Table {
    let isFitted = request.decode.pricing != nil
    func row(_ name: String, _ span: Span) -> [String] {
      [name, Units.seconds(span.seconds)] + (isFitted ? [Answer.interval(span.low, span.high)] : [])
        + [Units.seconds(span.best)]
    }
    return Table(
      columns: [("", .left), (isFitted ? "expected" : "kernel by kernel", .right)]
        + (isFitted ? [("80 %", .right)] : []) + [("at best", .right)],
      rows: [
        row("time to first token", request.firstToken), row("time per output token", request.perToken),
        row("end to end", request.whole),
      ])
  }

  static func json(_ request: PredictedRequest) -> JSONValue {
    func span(_ name: String, _ span: Span) -> [(String, JSONValue)] {
      [
        ("\(name)_seconds", .number(span.seconds)), ("\(name)_seconds_low", .number(span.low)),
        ("\(name)_seconds_high", .number(span.high)), ("\(name)_bound_seconds", .number(span.best)),
      ]
    }
    let figures =
      span("ttft", request.firstToken) + span("tpot", request.perToken) + span("e2e", request.whole)
      + [("output_tokens_per_second", .number(request.tokensPerSecond)), ("fits", .bool(request.fits))]
    let (work, prompt) = (request.prefill.scenario.workload, AnalysisReport.json(request.prefill))
    let members: [JSONValue.Member] = [
      .init("schema", .string("rooftree/analysis/1")), .init("model", prompt["model"] ?? .null),
      .init("hardware", prompt["hardware"] ?? .null),
      .init(
        "workload",
        .object([
          .init("batch_size", .number(work.batch)), .init("input_len", .number(request.inputLength)),
          .init("output_len", .number(request.outputLength)), .init("context_len", .number(work.prefix)),
          .init("dtype", .string(request.last.precision.weights.name)),
          .init("kv_cache_dtype", .string(request.last.precision.kvCache.name)),
        ])),
      .init("memory", AnalysisReport.memory(request.memory, request.last, batch: request.largestBatch)),
      .init("request", .object(figures.map { JSONValue.Member($0.0, $0.1) })),
      .init("prefill", prompt), .init("decode", AnalysisReport.json(request.decode)),
    ]
    return .object(members)
  }
}

extension String {
  /// With a capital in front.
  fileprivate var capitalised: String { prefix(1).uppercased() + dropFirst() }
}
