import Calibration
import CostModel
import Deployment
import Specs

/// `analyze --phase serve`: what clients feel under load.
public enum ServingReport {
  /// - Parameter explain: the terms behind each figure too.
  public static func document(_ serving: PredictedServing, explain: Bool = false) -> Document {
    let load = serving.load
    let arrivals =
      switch load.arrivals {
      case .closed(let clients): "\(Units.whole(clients)) clients"
      case .open(let rate): "\(Units.plain(rate)) requests a second"
      }
    var document = Document(
      title: AnalysisReport.title(
        serving.scenario,
        "\(arrivals), \(Units.whole(load.input)) tokens in, \(Units.whole(load.output)) out"),
      records: records(serving), json: json(serving), charts: { charts(serving) }
    ) { blocks(serving, explain) }
    document.answer = answer(serving)
    return document
  }

  private static func blocks(_ serving: PredictedServing, _ explain: Bool) -> [Document.Block] {
    let times = serving.times
    guard times.isStable else { return [.list(assumptions(serving))] }
    var blocks: [Document.Block] = [.table(table(serving))]
    if explain { blocks += [.heading("Time to the first token"), .table(terms(serving))] }
    return blocks + [.heading("Assumptions"), .list(assumptions(serving))]
  }

  private static func answer(_ serving: PredictedServing) -> [String] {
    let times = serving.times
    guard times.isStable else {
      return ["unstable: more than the server answers; its queue grows as long as requests come"]
    }
    func time(_ seconds: Double, _ interval: ErrorInterval?) -> String {
      interval.map { Answer.about(seconds, seconds * $0.low, seconds * $0.high) } ?? Units.seconds(seconds)
    }
    return [
      "first token after about \(time(times.timeToFirstToken, serving.toFirst))",
      "then \(time(times.timePerToken, serving.perToken)) a token",
      "\(Units.whole(serving.outputTokensPerSecond)) tokens/s on \(serving.devices) \(serving.devices == 1 ? "device" : "devices")",
      "\(Units.plain(times.decoding)) sequences decode at once, \(Units.whole(times.capacity)) fit",
    ]
  }

  /// A figure with its interval.
  private static func rows(_ serving: PredictedServing) -> [(String, String, Double, ErrorInterval?)] {
    let (times, load) = (serving.times, serving.load)
    return [
      ("ttft_seconds", "time to first token", times.timeToFirstToken, serving.toFirst),
      ("tpot_seconds", "time per output token", times.timePerToken, serving.perToken),
      (
        "e2e_seconds", "end to end", times.endToEnd,
        load.output > 1 ? serving.perToken.widened : serving.toFirst
      ),
    ]
  }

  private static func table(_ serving: PredictedServing) -> Table {
    let times = serving.times
    return Table(
      columns: [("mean", .left), ("expected", .right), ("80 % interval", .right)],
      rows: rows(serving).map { _, title, value, interval in
        [
          title, Units.seconds(value),
          interval.map { Answer.interval(value * $0.low, value * $0.high) } ?? "",
        ]
      } + [
        ["output tokens a second", Units.plain(serving.outputTokensPerSecond), ""],
        [
          "output tokens a second and device",
          Units.plain(serving.outputTokensPerSecond / Double(serving.devices)),
          "",
        ],
        ["requests a second", Units.plain(times.requestsPerSecond), ""],
        ["sequences decoding", Units.plain(times.decoding), ""],
        ["sequences that fit", Units.whole(times.capacity), ""],
      ])
  }

  /// What the time to the first token is made of.
  private static func waits(_ serving: PredictedServing) -> [(name: String, seconds: Double)] {
    let wait = serving.times.wait
    return [
      ("tokenizer, scheduler, network", wait.server), ("running pass, polling, filling a batch", wait.passes),
      ("own prompt", wait.prompt), ("prompts that arrived together", wait.burst),
      ("room in cache or slots", wait.admission),
    ]
  }

  private static func terms(_ serving: PredictedServing) -> Table {
    Table(
      columns: [("term", .left), ("seconds", .right)],
      rows: (waits(serving) + [("in all", serving.times.wait.seconds)]).map {
        [$0.name, Units.seconds($0.seconds)]
      },
      hasTotal: true)
  }

  private static func charts(_ serving: PredictedServing) -> [Chart] {
    let (times, waits) = (serving.times, waits(serving))
    guard times.isStable else { return [] }
    func chart(_ name: String, _ title: String, _ parts: [(name: String, seconds: Double)]) -> Chart {
      let whole = parts.reduce(0) { $0 + $1.seconds }
      let largest = parts.max { $0.seconds < $1.seconds }
      return StackedBars(
        name: name, title: title,
        subtitle: "\(serving.scenario.model.title) on \(serving.devices) × \(serving.scenario.profile.title)",
        axisTitle: "time",
        bars: [
          (
            "mean", Units.seconds(whole), parts.enumerated().map { ($0.offset, $0.element.seconds) }, nil
          )
        ], parts: parts.map(\.name), shown: Units.seconds
      ).chart(
        caption: "Means in the steady state.",
        finding: largest.map { "Most of it is \($0.name): \(Units.seconds($0.seconds))." } ?? "")
    }
    return [
      chart("first-token", "Time to the first token", waits),
      chart(
        "request", "A request from end to end",
        [
          ("first token", times.timeToFirstToken),
          ("further tokens", max(0, times.endToEnd - times.timeToFirstToken)),
        ]),
    ]
  }

  private static func assumptions(_ serving: PredictedServing) -> [String] {
    let recipe = serving.recipe
    var list = [
      "engine: recipe “\(recipe.name)”\(recipe.version.isEmpty ? "" : " (\(recipe.version))"): \(recipe.source)"
    ]
    if recipe.chunkTokens.isFinite {
      list.append("passes of at most \(Units.whole(recipe.chunkTokens)) tokens")
    }
    list.append(
      "means in the steady state; \(serving.basis == .upperBound ? "times are the roofline's" : "times stand on \(serving.basis.rawValue) parameters")"
    )
    return list + serving.scenario.assumptions.map { $0.text(for: serving.scenario.model) }
  }

  private static func records(_ serving: PredictedServing) -> Records {
    Records(
      columns: ["metric", "seconds", "low", "high"],
      rows: rows(serving).map { key, _, value, interval in
        [
          .string(key), .number(value), interval.map { .number(value * $0.low) } ?? .null,
          interval.map { .number(value * $0.high) } ?? .null,
        ]
      })
  }

  private static func json(_ serving: PredictedServing) -> JSONValue {
    let times = serving.times
    var members: [(String, JSONValue)] = []
    switch serving.load.arrivals {
    case .closed(let clients): members.append(("concurrency", .number(clients)))
    case .open(let rate): members.append(("request_rate", .number(rate)))
    }
    if times.isStable {
      for (key, _, value, interval) in rows(serving) {
        members.append(
          (
            key,
            .members(
              ("mean", .number(value)), ("low", .number(value * (interval?.low ?? 1))),
              ("high", .number(value * (interval?.high ?? 1))))
          ))
      }
      members += [
        ("itl_seconds", .members(("mean", .number(times.timePerToken)))),
        ("output_tokens_per_second", .number(serving.outputTokensPerSecond)),
        (
          "output_tokens_per_second_per_device",
          .number(serving.outputTokensPerSecond / Double(serving.devices))
        ),
        ("requests_per_second", .number(times.requestsPerSecond)),
      ]
    }
    members += [
      ("kv_cache_tokens", .number(serving.cacheTokens)), ("stable", .bool(times.isStable)),
      ("basis", .string(serving.basis.rawValue)), ("recipe", .string(serving.recipe.name)),
    ]
    return .members(
      ("schema", .string("rooftree/analysis/1")),
      ("model", .members(("name", .string(serving.scenario.model.name)))),
      ("hardware", .members(("name", .string(serving.scenario.profile.name)))),
      ("serving", .object(members.map { JSONValue.Member($0.0, $0.1) })))
  }
}
