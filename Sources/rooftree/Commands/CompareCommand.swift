import ArgumentParser
import Calibration
import Reporting
import Specs

struct CompareCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare", abstract: "Architectures side by side, with what explains each difference.",
    discussion: """
      Example:
        rooftree compare gpt-3-175b llama-3-70b mixtral-8x7b --on h100-sxm,h200-sxm
        rooftree compare llama-3-8b mistral-7b --on h100-sxm --phase serve --isl 1000 --osl 250 --concurrency 32
      """)

  @Argument(help: "Catalogue names or spec files.", completion: Completion.models) var models: [String]
  @Option(
    name: [.customLong("on"), .customLong("hardware")],
    help: "Catalogue names or profile files, with commas.",
    completion: Completion.devices
  )
  var on: String
  @Option(help: "serve: servers under a load; without it a prompt and a decode step.") var phase: AskedPhase?
  @Flag(help: "Each model in the precision of its checkpoint; otherwise all in one, bf16 where they differ.")
  var ownPrecision = false
  @Option(
    help:
      "Least first: time, bytes or price of a decode step, memory, parameters or cache; of servers time or parameters."
  ) var sort: Order?
  @OptionGroup(title: "Models") var reading: ModelOptions
  @OptionGroup(title: "Workload") var workload: WorkloadOptions
  @OptionGroup(title: "Devices") var parallelism: ParallelismOptions
  @OptionGroup(title: "Operating point") var point: PointOptions
  @OptionGroup(title: "Precision") var precision: PrecisionOptions
  @OptionGroup(title: "Times") var calibration: CalibrationOptions
  @OptionGroup(title: "Server") var serving: ServingOptions
  @Flag(help: "Turn the first model into each other one, one mechanism at a time.") var explain = false
  @Option(
    help: """
      Exit 1 where a model does not meet these, such as 'fits, tpot < 30ms, weights < 40GiB'; times and bytes are those \
      of a decode step, ttft the prompt's.
      """)
  var require: String?
  @OptionGroup(title: "Output") var output: OutputOptions

  func report(to outputs: [Output]) throws {
    let devices = on.split(separator: ",").map(String.init)
    guard !explain || models.count > 1 || !reading.set.isEmpty else {
      throw InputError(.usage, "--explain turns the first model into each other one; there is one")
    }
    try outputs.refuseUnseen([("--explain", explain)], json: true)
    if models.count == 1 { try refuse([("--sort", sort != nil)], in: "one model before and after --set") }
    guard !devices.isEmpty else { throw InputError(.usage, "--on names no device") }
    if let phase { return try compareServers(phase, to: outputs) }
    if let option = serving.given {
      throw InputError(.usage, "\(option) asks for a server; accepted: --phase serve")
    }
    let requests = try devices.flatMap { device in
      try models.map { model in
        let all = try ScenarioRequest.all(
          model: model, devices: [device], workload, parallelism, point, precision, calibration)
        guard all.count == 1 else {
          throw InputError(.usage, "several values of one option are for analyze; accepted by compare: one")
        }
        return all[0]
      }
    }
    var resolver = try reading.resolver(for: models)
    var cells = try resolver.phases(of: requests, ownPrecision: ownPrecision)
    if models.count == 1, !reading.set.isEmpty {
      // One model and a change: before and after.
      resolver.forgetChanges()
      cells = zip(try resolver.phases(of: requests, ownPrecision: ownPrecision), cells).flatMap { [$0, $1] }
    } else if let sort {
      if sort == .price, let cell = cells.first(where: { $0.profile.priceUSD == nil }) {
        throw InputError(
          .usage, "--sort price: the profile of \(cell.profile.name) states none (price: 2.5 USD, an hour)")
      }
      // By the first device, so that columns stand in one order on all of them.
      let order = (0..<models.count).sorted { sort.key(cells[$0]) < sort.key(cells[$1]) }
      cells = devices.indices.flatMap { device in order.map { cells[device * models.count + $0] } }
    }
    let failures = try Requirement.failures(
      try require.map(Requirement.list) ?? [],
      of: cells.map { cell in
        ("\(cell.model.name) on \(cell.profile.name)", { ComparisonReport.figures(cell) })
      })
    try outputs.write(ComparisonReport.document(cells, explain: explain))
    try Requirement.enforce(failures)
  }

  private func compareServers(_ phase: AskedPhase, to outputs: [Output]) throws {
    guard phase == .serve else {
      throw InputError(.usage, "--phase \(phase.rawValue): both are shown without it; accepted: serve")
    }
    try refuse(
      [("--explain", explain), ("--own-precision", ownPrecision)], in: "--phase serve")
    let key = try sort.map { try $0.serverKey() }
    var resolver = try reading.resolver(for: models)
    var servers = try serving.servers(
      models, on: on, workload, parallelism, point, precision, calibration, &resolver)
    if let key { servers.sort { key($0) < key($1) } }
    let failures = try Requirement.failures(
      try require.map(Requirement.list) ?? [],
      of: servers.map { server in
        (
          "\(server.scenario.model.name) on \(server.scenario.profile.name)", { ServingReport.json(server) }
        )
      })
    try outputs.write(ServingReport.comparison(servers))
    try Requirement.enforce(failures)
  }

  /// What models are sorted by, least first; of a decode step where it differs.
  enum Order: String, CaseIterable, ExpressibleByArgument {
    case time, bytes, price, memory, parameters, cache

    func key(_ cell: PredictedPhases) -> Double {
      let devices = Double(cell.decode.scenario.deployed?.split.devices ?? 1)
      return switch self {
      case .time: cell.decode.totals.seconds
      case .bytes: cell.decode.totals.traffic.total[0] * devices
      case .price: cell.decode.usdPerToken ?? 0
      case .memory: cell.decode.memory.totalBytes * devices
      case .parameters: cell.model.parameters.total
      case .cache: cell.model.cacheBytesPerToken(cell.decode.scenario.precision.kvCache)
      }
    }

    /// Of servers: their requests from end to end, those that are unstable last.
    func serverKey() throws -> (PredictedServing) -> Double {
      switch self {
      case .time: { $0.times.isStable ? $0.times.endToEnd : .infinity }
      case .parameters: { $0.scenario.model.parameters.total }
      default: throw InputError(.usage, "--sort \(rawValue) in --phase serve; accepted: time, parameters")
      }
    }
  }
}
