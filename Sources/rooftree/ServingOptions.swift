import ArgumentParser
import Calibration
import Specs

/// What `analyze` looks at: a pass, or a server under load.
enum AskedPhase: String, CaseIterable, ExpressibleByArgument {
  case prefill, decode, serve
}

/// The load of a server and the rules that it works by.
struct ServingOptions: ParsableArguments {
  @Option(help: "Clients that each send their next request when the last one is answered.")
  var concurrency: Double?
  @Option(help: "Requests a second, whatever the server does.") var requestRate: Double?
  @Option(help: "Lengths are uniform on [r·L, L] (default: 1, all alike).") var rangeRatio: Double?
  @Option(help: "Most sequences at once, in place of the recipe's.") var maxNumSeqs: Double?
  @Option(help: "Most tokens of a pass, in place of the recipe's.") var maxNumBatchedTokens: Double?
  @Option(help: "Share of the prompts' tokens that are cached already.") var prefixHitRate: Double?
  @Option(
    help: "How the engine runs the server: a recipe of the catalogue or a file (default: --framework's).",
    completion: Completion.recipes)
  var engineConfig: String?

  var request: ServingRequest {
    var request = ServingRequest()
    (request.concurrency, request.requestRate) = (concurrency, requestRate)
    request.rangeRatio = rangeRatio ?? request.rangeRatio
    request.hitRate = prefixHitRate ?? request.hitRate
    (request.slots, request.chunkTokens, request.recipe) = (maxNumSeqs, maxNumBatchedTokens, engineConfig)
    return request
  }

  /// The first option that was given.
  var given: String? {
    [
      ("--concurrency", concurrency), ("--request-rate", requestRate), ("--range-ratio", rangeRatio),
      ("--max-num-seqs", maxNumSeqs), ("--max-num-batched-tokens", maxNumBatchedTokens),
      ("--prefix-hit-rate", prefixHitRate), ("--engine-config", engineConfig.map { _ in 0 }),
    ].first { $0.1 != nil }?.0
  }
}

extension ServingOptions {
  /// Servers of each model on each device, under one load.
  func servers(
    _ models: [String], on devices: String, _ workload: WorkloadOptions, _ parallelism: ParallelismOptions,
    _ point: PointOptions, _ precision: PrecisionOptions, _ calibration: CalibrationOptions,
    _ resolver: inout Resolver
  ) throws -> [PredictedServing] {
    guard let input = workload.inputLen?.first, let output = workload.outputLen?.first,
      workload.inputLen?.count == 1, workload.outputLen?.count == 1
    else {
      throw InputError(.usage, "a server needs --input-len and --output-len, one mean length each")
    }
    let load = try request.load(input: Double(input), output: Double(output))
    let recipe = try request.engine(calibration.framework?.rawValue)
    try refuse(
      workload.ofOnePass + [
        ("--bandwidth-efficiency", point.bandwidthEfficiency != nil),
        ("--calibration", calibration.calibration != nil && recipe.framework != nil),
      ], in: "--phase serve")
    var work = workload
    (work.inputLen, work.outputLen) = (nil, nil)
    work.contextLen = [Int(load.input + load.output / 2)]
    return try models.flatMap { model in
      try devices.split(separator: ",").map(String.init).map { device in
        let requests = try ScenarioRequest.all(
          model: model, devices: [device], phase: .decode, work, parallelism, point, precision, calibration)
        guard requests.count == 1 else {
          throw InputError(.usage, "--phase serve takes one value of each option")
        }
        return try PredictedServing(try resolver.prediction(of: requests[0]), load, recipe: recipe)
      }
    }
  }
}
