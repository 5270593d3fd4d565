import Basics

/// What a router's load means for one mixture layer and batch: the figures a report shows.
public struct ExpertLoad: Hashable, Sendable {
  /// Experts that the batch is expected to touch.
  public var distinct: Double
  /// Tokens of the most popular expert over the mean.
  public var hottestOverMean: Double
  /// Share of (token, expert) assignments that a capacity factor drops.
  public var dropped: Double

  /// The load of `tokens` tokens on the experts of one layer.
  public init(_ spec: MixtureSpec, load: RouterLoad, tokens: Double) {
    let shares = load.shares(experts: spec.experts, topK: spec.topK)
    distinct = RouterPlan(spec, load: load).expectedDistinct(spec, tokens: tokens)
    let mean = Double(spec.topK) / Double(spec.experts)
    hottestOverMean = (shares.max() ?? 0) / mean
    dropped =
      spec.capacityFactor.map { Self.dropped(shares, capacity: $0 * mean * tokens, tokens: tokens) } ?? 0
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

  /// Assignments above each expert's capacity, as a share of all: the expected excess of a normal variable
  /// with a binomial's mean and variance.
  private static func dropped(_ shares: [Double], capacity: Double, tokens: Double) -> Double {
    var excess = 0.0
    for share in shares {
      let mean = share * tokens
      let deviation = (mean * (1 - share)).squareRoot()
      guard deviation > 0 else {
        excess += max(0, mean - capacity)
        continue
      }
      let z = (capacity - mean) / deviation
      let density = exponential(-z * z / 2) / 2.506_628_274_631_000_5
      excess += deviation * density + (mean - capacity) * upperTail(z)
    }
    return excess / (shares.reduce(0, +) * tokens)
  }

  /// 1 − Φ(z) (Abramowitz & Stegun 26.2.17, error below 7.5e-8).
  private static func upperTail(_ z: Double) -> Double {
    if z < 0 { return 1 - upperTail(-z) }
    let t = 1 / (1 + 0.231_641_9 * z)
    let series =
      t
      * (0.319_381_530 + t * (-0.356_563_782 + t * (1.781_477_937 + t * (-1.821_255_978 + t * 1.330_274_429))))
    return exponential(-z * z / 2) / 2.506_628_274_631_000_5 * series
  }
}
