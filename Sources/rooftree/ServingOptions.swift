import ArgumentParser
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
