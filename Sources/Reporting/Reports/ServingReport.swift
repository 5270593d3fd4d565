import Basics
import Calibration
import CostModel
import Deployment
import Specs

/// `analyze --phase serve`: what clients feel under load.
public enum ServingReport {
  /// - Parameter explain: the terms behind each figure too.
  public static func document(_ serving: PredictedServing, explain: Bool = false) -> Document {
    var document = Document(
      title: AnalysisReport.title(serving.scenario, load(serving)),
      records: records(serving), json: json(serving), charts: { charts(serving) }
    ) { blocks(serving, explain) }
    document.answer = answer(serving)
    return document
  }

  /// Servers of several models or devices under one load.
  public static func comparison(_ servers: [PredictedServing]) -> Document {
    var titles: [String] = []
    for server in servers where !titles.contains(server.scenario.model.title) {
      titles.append(server.scenario.model.title)
    }
    var document = Document(
      title: titles.joined(separator: " · ") + (servers.first.map { ": " + load($0) } ?? ""),
      records: Records(
        columns: ["model", "hardware"] + columns,
        rows: servers.flatMap { server in
          values(server).map {
            [.string(server.scenario.model.name), .string(server.scenario.profile.name)] + $0
          }
        }),
      json: .members(
        ("schema", .string("rooftree/comparison/1")), ("results", .array(servers.map(json)))),
      charts: { requests(servers) }
    ) {
      var seen: [String] = []
      let all = servers.flatMap(assumptions)
      for text in all where !seen.contains(text) { seen.append(text) }
      return [.table(table(servers)), .heading("Assumptions"), .list(seen)]
    }
    if let first = fastest(servers) {
      document.answer =
        ["fastest \(first.scenario.model.name) on \(place(first))"] + answer(first)
    }
    return document
  }

  private static func fastest(_ servers: [PredictedServing]) -> PredictedServing? {
    servers.filter(\.times.isStable).min { $0.times.endToEnd < $1.times.endToEnd }
  }

  private static func table(_ servers: [PredictedServing]) -> Table {
    Table(
      columns: [
        ("model", .left), ("devices", .left), ("first token", .right), ("80 %", .right), ("a token", .right),
        ("80 %", .right), ("tokens/s", .right), ("a device", .right), ("fit", .right),
      ],
      rows: servers.map { server in
        let times = server.times
        let name = [server.scenario.model.name, place(server)]
        guard times.isStable else {
          return name + ["unstable", "", "", "", "", "", Units.whole(times.capacity)]
        }
        func span(_ value: Double, _ interval: ErrorInterval) -> [String] {
          [Units.seconds(value), Answer.interval(value * interval.low, value * interval.high)]
        }
        return name + span(times.timeToFirstToken, server.toFirst) + span(times.timePerToken, server.perToken)
          + [
            Units.plain(server.outputTokensPerSecond),
            Units.plain(server.outputTokensPerSecond / Double(server.devices)), Units.whole(times.capacity),
          ]
      })
  }

  /// `h100-sxm:8`.
  private static func place(_ server: PredictedServing) -> String {
    server.scenario.profile.name + (server.devices > 1 ? ":\(server.devices)" : "")
  }

  private static func blocks(_ serving: PredictedServing, _ explain: Bool) -> [Document.Block] {
    let times = serving.times
    guard times.isStable else { return [.list(assumptions(serving))] }
    var blocks: [Document.Block] = [.table(table(serving))]
    if explain { blocks += [.heading("Time to the first token"), .table(terms(serving))] }
    return blocks + [.heading("Assumptions"), .list(assumptions(serving))]
  }

  /// What arrives.
  private static func load(_ serving: PredictedServing) -> String {
    let load = serving.load
    let arrivals =
      switch load.arrivals {
      case .closed(let clients): "\(Units.whole(clients)) clients"
      case .open(let rate): "\(Units.plain(rate)) requests a second"
      }
    return "\(arrivals), \(Units.whole(load.input)) tokens in, \(Units.whole(load.output)) out"
  }

  private static func answer(_ serving: PredictedServing) -> [String] {
    let times = serving.times
    guard times.isStable else {
      return [
        "unstable: more than the server answers; its queue grows as long as requests come",
        "at most \(Units.plain(serving.mostRequestsPerSecond)) requests a second are answered",
      ]
    }
    func time(_ seconds: Double, _ interval: ErrorInterval?) -> String {
      interval.map { Answer.about(seconds, seconds * $0.low, seconds * $0.high) } ?? Units.seconds(seconds)
    }
    return [
      "first token after about \(time(times.timeToFirstToken, serving.toFirst))",
      "then \(time(times.timePerToken, serving.perToken)) a token",
      "\(Units.rate(serving.outputTokensPerSecond)) tokens/s on \(serving.devices) \(serving.devices == 1 ? "device" : "devices")",
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
    let waits = waits(serving)
    let load = loadCharts(serving)
    guard serving.times.isStable else { return load }
    let largest = waits.max { $0.seconds < $1.seconds }
    let bars = StackedBars(
      name: "first-token", title: "Time to the first token",
      subtitle: "\(serving.scenario.model.title) on \(serving.devices) × \(serving.scenario.profile.title)",
      axisTitle: "time",
      bars: [
        (
          "mean", Units.seconds(serving.times.timeToFirstToken),
          waits.enumerated().map { ($0.offset, $0.element.seconds) }, nil
        )
      ], parts: waits.map(\.name), shown: Units.seconds)
    return [
      bars.chart(
        caption: "Means in the steady state.",
        finding: largest.map { "Most of it is \($0.name): \(Units.seconds($0.seconds))." } ?? "")
    ] + requests([serving]) + load
  }

  /// What clients feel as more and more requests arrive, up to what is answered; and how much that is.
  private static func loadCharts(_ serving: PredictedServing) -> [Chart] {
    guard case .open(let asked) = serving.load.arrivals else { return [] }
    let most = serving.mostRequestsPerSecond
    guard most > 0 else { return [] }
    let rates =
      (0...14).map { most * power(2, Double($0 - 14) * 0.35) } + (serving.times.isStable ? [asked] : [])
    let points = rates.sorted().map { (rate: $0, times: serving.times(at: $0)) }.filter(\.times.isStable)
    let subtitle = "\(serving.scenario.model.title) on \(serving.devices) × \(serving.scenario.profile.title)"
    let (limit, all) = ("answered at most \(Units.plain(most))", "asked \(Units.plain(asked))")
    let full = serving.times(at: most * 0.999)
    return [
      LineChart(
        name: "load", title: "Times over the load", subtitle: subtitle,
        horizontalTitle: "requests a second", verticalTitle: "mean time",
        lines: [
          ("end to end", points.map { ($0.rate, $0.times.endToEnd) }),
          ("first token", points.map { ($0.rate, $0.times.timeToFirstToken) }),
        ], uprights: [(limit, most), (all, asked)],
        shownX: Units.plain, shownY: Units.seconds
      ).chart(
        caption: "Means in the steady state; beyond what is answered there is none.",
        finding: serving.times.isStable
          ? "\(Units.plain(asked)) requests a second are \(Units.percent(asked / most)) of what is answered."
          : "Of \(Units.plain(asked)) requests a second \(Units.plain(asked - most)) stay in the queue, more and more."
      ),
      LineChart(
        name: "batch", title: "Sequences over the load", subtitle: subtitle,
        horizontalTitle: "requests a second", verticalTitle: "sequences that decode",
        lines: [("decoding", points.map { ($0.rate, $0.times.decoding) })],
        limits: [("fit \(Units.whole(full.capacity))", full.capacity)],
        uprights: [(limit, most), (all, asked)],
        shownX: Units.plain, shownY: Units.plain
      ).chart(
        caption: "What decodes at once, against what cache and slots hold.",
        finding: full.decoding > 0.9 * full.capacity
          ? "The cache binds: at \(Units.plain(most)) requests a second as many decode as fit."
          : "The passes bind: at \(Units.plain(most)) requests a second prompts leave no time for tokens."),
    ]
  }

  /// Requests from end to end, a bar a server.
  private static func requests(_ servers: [PredictedServing]) -> [Chart] {
    let stable = servers.filter(\.times.isStable)
    guard let first = fastest(servers) else { return [] }
    let fastest = "\(first.scenario.model.name) on \(place(first))"
    return [
      StackedBars(
        name: "request", title: "A request from end to end", subtitle: load(first), axisTitle: "time",
        bars: stable.map { server in
          let times = server.times
          return (
            "\(server.scenario.model.name) on \(place(server))",
            Units.seconds(times.endToEnd),
            [(0, times.timeToFirstToken), (1, max(0, times.endToEnd - times.timeToFirstToken))], nil
          )
        }, parts: ["first token", "further tokens"], shown: Units.seconds
      ).chart(
        caption: "Means in the steady state.",
        finding:
          "\(fastest)\(stable.count > 1 ? " is the fastest" : ""): \(Units.seconds(first.times.endToEnd)).")
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

  private static let columns = ["metric", "seconds", "low", "high"]

  private static func records(_ serving: PredictedServing) -> Records {
    Records(columns: columns, rows: values(serving))
  }

  private static func values(_ serving: PredictedServing) -> [[JSONValue]] {
    rows(serving).map { key, _, value, interval in
      [
        .string(key), .number(value), interval.map { .number(value * $0.low) } ?? .null,
        interval.map { .number(value * $0.high) } ?? .null,
      ]
    }
  }

  /// `rooftree/analysis/1` with the server's figures; what `--require` goes by.
  public static func json(_ serving: PredictedServing) -> JSONValue {
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
