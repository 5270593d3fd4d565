import CostModel
import Deployment

/// What measured servers taught: every number that serving is predicted with, none by model.
public struct ServingFit: ParameterVector {
  /// Of passes, on any engine.
  public var pass = PassParameters()
  /// Of the queue, on any engine.
  public var queue = ServingParameters()
  /// By engine.
  public var vllm = EngineShares(products: 0.3, server: 0.01, runningPass: 0.5)
  /// See `vllm`.
  public var trtllm = EngineShares(products: 0.4, server: 0.002, runningPass: 1.5)
  /// See `vllm`.
  public var sglang = EngineShares(products: 0.15, server: 0.05, runningPass: 1)

  /// What differs by engine.
  public struct EngineShares: Hashable, Sendable {
    /// Share of the peak of products.
    public var products: Double
    /// Seconds of a request outside its passes.
    public var server: Double
    /// The same before the releases of 2026, which warm up first.
    public var coldServer: Double = 0.03
    /// Passes that a prompt waits for.
    public var runningPass: Double
  }

  /// The starting points.
  public init() {}

  static let table: [ParameterEntry<ServingFit>] =
    [
      .init(\.pass.weights, "weights", "share of far bandwidth that weights stream at", 0.5...1),
      .init(\.pass.cache, "cache", "share of far bandwidth that the cache is read at", 0.3...1),
      .init(\.pass.attention, "attention", "share of the peak in prompts' attention", 0.05...0.9),
      .init(\.pass.hopper, "hopper", "share of the peak before Blackwell, over that since", 0.7...1.6),
      .init(\.pass.experts16, "experts_16", "share of far bandwidth, experts in 16 bits", 0.3...1.2),
      .init(\.pass.experts8, "experts_8", "share of far bandwidth, experts in 8 bits", 0.3...1.2),
      .init(\.pass.experts4, "experts_4", "share of far bandwidth, experts in 4-bit floats", 0.3...1.5),
      .init(
        \.pass.integerExperts4, "experts_int4", "share of far bandwidth, experts in 4-bit integers", 0.1...1.2
      ),
      .init(
        \.pass.expertProducts16, "expert_products_16", "share of products' share, experts in 16 bits",
        0.1...1.5
      ),
      .init(\.pass.expertProducts8, "expert_products_8", "the same in 8 bits", 0.05...2),
      .init(\.pass.expertProducts4, "expert_products_4", "the same in 4-bit floats", 0.05...2),
      .init(\.pass.integerExpertProducts4, "expert_products_int4", "the same in 4-bit integers", 0.03...2),
      .init(\.pass.messages, "messages", "of what the laws of links expect above the links' rate", 0.05...3),
      .init(\.pass.kernel, "kernel", "seconds of a kernel beside its work", 5e-7...2e-5),
      .init(\.pass.kernelGrowth, "kernel_growth", "more for each doubling of the sequences", 1e-9...4e-6),
      .init(\.pass.promptPass, "prompt_pass", "seconds of a pass that no graph holds", 1e-3...0.2),
      .init(\.pass.promptLayer, "prompt_layer", "seconds of each of its layers", 1e-7...2e-4),
      .init(\.pass.sharedPrompt, "shared_prompt", "part of these felt by sequences that decode", 0.02...1),
      .init(\.queue.stall, "stall", "share of others' prompts that a decoding sequence waits for", 0.3...1.2),
      .init(\.queue.ownPrompt, "own_prompt", "share of a prompt until its first token is out", 0.5...1.2),
      .init(\.queue.burst, "burst", "share of the wait behind prompts that arrived together", 0.5...1.4),
    ] + engine(\.vllm, "vllm") + engine(\.trtllm, "trtllm") + engine(\.sglang, "sglang")

  private static func engine(
    _ path: WritableKeyPath<ServingFit, EngineShares>, _ name: String
  ) -> [ParameterEntry<ServingFit>] {
    [
      .init(
        path.appending(path: \.products), "\(name).products", "share of the peak of products", 0.05...1),
      .init(path.appending(path: \.server), "\(name).server", "seconds outside of passes", 1e-4...0.3),
      .init(
        path.appending(path: \.coldServer), "\(name).cold_server", "more before it warmed up by itself",
        1e-4...0.5),
      .init(
        path.appending(path: \.runningPass), "\(name).running_pass", "passes that a prompt waits for",
        0.02...6),
    ]
  }

  /// Of an engine's passes and queue.
  ///
  /// - Parameter isCold: it has to warm up while it serves.
  func parameters(of engine: String, isCold: Bool = false) -> (pass: PassParameters, queue: ServingParameters)
  {
    let shares = shares(of: engine)
    var (pass, queue) = (pass, queue)
    pass.products = shares.products
    queue.runningPass = shares.runningPass
    queue.server = shares.server + (isCold ? shares.coldServer : 0)
    return (pass, queue)
  }

  /// The shares of an engine; another's are the three's mean.
  private func shares(of engine: String) -> EngineShares {
    switch engine {
    case "vllm": vllm
    case "trtllm": trtllm
    case "sglang": sglang
    default:
      EngineShares(
        products: mean(\.products), server: mean(\.server), coldServer: mean(\.coldServer),
        runningPass: mean(\.runningPass))
    }
  }

  private func mean(_ share: KeyPath<EngineShares, Double>) -> Double {
    [vllm, trtllm, sglang].reduce(0) { $0 + $1[keyPath: share] } / 3
  }
}
