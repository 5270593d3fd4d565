import Basics

/// What a router's load means for one mixture layer and batch: the figures a report shows.
public struct ExpertLoad: Hashable, Sendable {
  /// Experts that the batch is expected to touch; all of them where buffers are computed whole.
  public var distinct: Double
  /// The fewest that any routing touches.
  public var fewest: Double
  /// Tokens of the most popular expert over the mean.
  public var hottestOverMean: Double
  /// Share of (token, expert) assignments that a capacity factor drops.
  public var dropped: Double

  /// The load of `tokens` tokens on the experts of one layer.
  public init(_ spec: MixtureSpec, load: RouterLoad, tokens: Double) {
    let shares = load.shares(experts: spec.experts, topK: spec.topK)
    distinct =
      spec.capacityFactor == nil
      ? RouterPlan(spec, load: load).expectedDistinct(spec, tokens: tokens) : Double(spec.experts)
    fewest = Double(max(0, min(spec.topK, spec.experts) - spec.idle))
    let mean = Double(spec.topK) / Double(spec.experts)
    hottestOverMean = (shares.max() ?? 0) / mean
    dropped =
      spec.capacity(tokens: tokens).map { Self.dropped(shares, capacity: $0, tokens: tokens) } ?? 0
  }

  /// Slowest rank's tokens over the mean when experts are dealt out to `ranks` ranks, heaviest first to the
  /// least loaded (what a load balancer does with known shares), or in order of their index.
  public static func rankImbalance(
    _ spec: MixtureSpec, load: RouterLoad, ranks: Int, balancedPlacement: Bool = false
  ) -> Double {
    var shares = load.shares(experts: spec.experts, topK: spec.topK)
    guard ranks > 1, ranks <= shares.count else { return 1 }
    var sums = [Double](repeating: 0, count: ranks)
    if balancedPlacement {
      shares.sort(by: >)
      for share in shares {
        let lightest = sums.indices.min { sums[$0] < sums[$1] } ?? 0
        sums[lightest] += share
      }
    } else {
      for (index, share) in shares.enumerated() { sums[index * ranks / shares.count] += share }
    }
    return (sums.max() ?? 0) * Double(ranks) / shares.reduce(0, +)
  }

  /// Assignments above each expert's capacity, as a share of all: the expected excess of a binomial variable.
  private static func dropped(_ shares: [Double], capacity: Double, tokens: Double) -> Double {
    var known: [Double: Double] = [:]
    var excess = 0.0
    for share in shares {
      let own = known[share] ?? Self.excess(of: tokens, share, above: capacity)
      known[share] = own
      excess += own
    }
    let sent = shares.reduce(0, +) * tokens
    return sent > 0 ? excess / sent : 0
  }

  /// E[max(0, X − c)] of X ~ Binomial(n, p), summed on the side of c that lies away from the mean.
  private static func excess(of n: Double, _ p: Double, above c: Double) -> Double {
    let mean = n * p
    if c >= n { return 0 }
    if p >= 1 { return n - c }
    let odds = p / (1 - p)
    var sum = 0.0
    let step = c >= mean ? 1.0 : -1.0
    var k = c + step
    var chance = k < 0 ? 0 : exponential(logChoose(n, k) + k * logarithm(p) + (n - k) * logarithm(1 - p))
    while k >= 0, k <= n, chance > 0 {
      let term = abs(k - c) * chance
      sum += term
      // Terms grow at first, then fall faster than any power.
      if chance < 1e-18, abs(k - mean) > 1 { break }
      chance *= step > 0 ? (n - k) / (k + 1) * odds : k / ((n - k + 1) * odds)
      k += step
    }
    return step > 0 ? sum : mean - c + sum
  }

  /// ln (n over k).
  private static func logChoose(_ n: Double, _ k: Double) -> Double {
    logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1)
  }
}
