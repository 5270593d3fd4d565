import CostModel
import Deployment

/// What a user asks of a server; what is nil stays open.
public struct ServingRequest: Hashable, Sendable {
  /// Clients that each wait for their answer (`--concurrency`).
  public var concurrency: Double?
  /// Requests a second, whatever the server does (`--request-rate`).
  public var requestRate: Double?
  /// Lengths are uniform on [r·L, L] (`--range-ratio`); 1 where all are alike.
  public var rangeRatio = 1.0
  /// Share of the prompts' tokens that are cached already (`--prefix-hit-rate`).
  public var hitRate = 0.0
  /// The engine's limits, where other than its recipe's (`--max-num-seqs`, `--max-num-batched-tokens`).
  public var slots, chunkTokens: Double?
  /// A recipe of the catalogue or a file (`--engine-config`).
  public var recipe: String?

  /// Nothing said.
  public init() {}

  /// - Throws: `InputError`, 64, where nobody says how requests arrive, or a value is none.
  public func load(input: Double, output: Double) throws(InputError) -> ServingLoad {
    let arrivals: ServingLoad.Arrivals
    switch (concurrency, requestRate) {
    case (let clients?, nil):
      arrivals = .closed(concurrency: try Self.checked(clients, "--concurrency", 1...1e7))
    case (nil, let rate?): arrivals = .open(perSecond: try Self.checked(rate, "--request-rate", 1e-9...1e9))
    case (nil, nil):
      throw InputError(
        .usage, "a server needs its load; accepted: --concurrency CLIENTS or --request-rate PER-SECOND")
    case (_?, _?):
      throw InputError(
        .usage, "--concurrency and --request-rate exclude each other: a closed loop, or open arrivals")
    }
    let mean = (1 + (try Self.checked(rangeRatio, "--range-ratio", 0...1))) / 2
    return ServingLoad(
      arrivals, input: max(1, mean * input), output: max(1, mean * output),
      hitRate: try Self.checked(hitRate, "--prefix-hit-rate", 0...1))
  }

  private static func checked(
    _ value: Double, _ name: String, _ range: ClosedRange<Double>
  ) throws(InputError) -> Double {
    guard range.contains(value) else {
      throw InputError(.usage, "\(name) is \(value); accepted: \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// The engine's recipe: the one named, else the framework's, else vLLM's.
  ///
  /// - Throws: `InputError` for a name nobody knows or a file with faults.
  public func engine(_ framework: String?) throws(InputError) -> EngineRecipe {
    var recipe = try Catalogue.recipe(recipe ?? framework ?? "vllm")
    if let slots { recipe.slots = try Self.checked(slots, "--max-num-seqs", 1...1e9) }
    if let chunkTokens {
      recipe.chunkTokens = try Self.checked(chunkTokens, "--max-num-batched-tokens", 1...1e9)
    }
    return recipe
  }
}
