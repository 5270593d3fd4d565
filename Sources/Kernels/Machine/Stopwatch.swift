import MicroKernels

/// Seconds of several runs of one thing.
public struct Sample: Hashable, Sendable {
  public var minimum: Double
  public var median: Double
  /// Ninetieth percentile; its ratio to the minimum is the spread that reports show.
  public var p90: Double
  public var runs: Int

  /// - Returns: nil of no runs.
  public init?(_ seconds: [Double]) {
    let sorted = seconds.sorted()
    guard let first = sorted.first else { return nil }
    minimum = first
    median = sorted[sorted.count / 2]
    p90 = sorted[min(sorted.count - 1, sorted.count * 9 / 10)]
    runs = sorted.count
  }

  public var spread: Double { p90 / max(minimum, 1e-12) }
}

public enum Stopwatch {
  static func seconds(_ body: () -> Void) -> Double {
    let clock = ContinuousClock()
    let parts = clock.measure(body).components
    return Double(parts.seconds) + Double(parts.attoseconds) * 1e-18
  }

  /// Runs `body` until `budgetSeconds` are spent, at least `least` and at most `most` times. A body shorter than
  /// 50 µs is repeated inside a sample, since the clock itself costs about 50 ns.
  static func sample(budgetSeconds: Double, least: Int = 3, most: Int = 50, _ body: () -> Void) -> Sample? {
    let first = seconds(body)
    let inner = max(1, min(100_000, Int(50e-6 / max(first, 1e-9))))
    var all: [Double] = []
    var spent = 0.0
    while all.count < least || (spent < budgetSeconds && all.count < most) {
      let elapsed = seconds { for _ in 0..<inner { body() } }
      all.append(elapsed / Double(inner))
      spent += elapsed
      if Interruption.happened { break }
    }
    return Sample(all)
  }
}

/// Ctrl-C while measuring: noted, so that what was measured can be kept.
public enum Interruption {
  public static func arm() { mk_catch_interrupts() }
  public static var happened: Bool { mk_was_interrupted() != 0 }
}
