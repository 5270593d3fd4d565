/// What clients ask of a server: how they arrive, how long their prompts and answers are.
public struct ServingLoad: Hashable, Sendable {
  /// When requests come.
  public enum Arrivals: Hashable, Sendable {
    /// So many clients, each of which sends its next request when its last one is answered.
    case closed(concurrency: Double)
    /// So many requests a second, whatever the server does.
    case open(perSecond: Double)
  }

  /// When requests come.
  public var arrivals: Arrivals
  /// Mean tokens of a prompt, and of an answer.
  public var input, output: Double
  /// Share of a prompt's tokens that are cached already.
  public var hitRate: Double
  /// Requests that each client of a closed loop sends before the measurement ends: the first of all clients arrive
  /// together, and their wait counts by 1 / `rounds`. Infinite for a steady loop.
  public var rounds: Double

  /// - Parameter rounds: see `rounds`.
  public init(
    _ arrivals: Arrivals, input: Double, output: Double, hitRate: Double = 0, rounds: Double = .infinity
  ) {
    self.arrivals = arrivals
    self.input = input
    self.output = output
    self.hitRate = hitRate
    self.rounds = rounds
  }

  /// Tokens of a prompt that have to be computed: at least the last one.
  var computed: Double { max(1, input * (1 - hitRate)) }
  /// Tokens of a prompt that are cached already.
  var cached: Double { max(0, input - computed) }
  /// What a decoding sequence's cache holds on average over its answer.
  var meanContext: Double { input + max(0, output - 1) / 2 }
  /// Tokens that are timed between the first and the last.
  var intervals: Double { max(1, output - 1) }
}
