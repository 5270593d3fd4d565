/// What each mechanism has to do with the difference between two models, on one device under one workload, whatever the
/// order: the mean of what taking it over changes, over all orders (Shapley, “A value for n-person games”, 1953).
public struct MechanismShares: Sendable {
  /// Figures of a model, or a mechanism's share of their difference.
  public struct Figures: Hashable, Sendable {
    package var lanes = SIMD8<Double>.zero

    /// Trainable numbers.
    public var parameters: Double { lanes[0] }
    /// Those that one token uses.
    public var active: Double { lanes[1] }
    /// Bytes that one token adds to the cache.
    public var cachePerToken: Double { lanes[2] }
    /// Of the prompt, bounded by the roofline.
    public var prefillSeconds: Double { lanes[3] }
    /// Of one step, bounded by the roofline.
    public var decodeSeconds: Double { lanes[4] }
    /// The step's bytes below the farthest memory level.
    public var decodeBytes: Double { lanes[5] }
  }

  /// The first model's figures, and the second's.
  public let from, to: Figures
  /// Of every mechanism that changes a figure. `from` and these, added in this order, are `to` to the last digit.
  public let shares: [(mechanism: Mechanism, figures: Figures)]

  /// From `a`'s model to `b`'s on `a`'s device; a precision that it can't compute is left out.
  public init(from a: Evaluator, to b: Evaluator, prefill: Workload, decode: Workload) {
    let morph = Morph(from: a.model, to: b.model)
    func figures(_ taken: Set<Mechanism>) -> Figures? {
      let model = morph.model(taking: taken)
      let plan = taken.contains(.precision) ? b.precision : a.precision
      guard let evaluator = try? Evaluator(model: model, profile: a.profile, precision: plan) else {
        return nil
      }
      let (count, step) = (model.parameters, evaluator.totals(decode))
      return Figures(
        lanes: [
          count.total, count.active, model.cacheBytesPerToken(plan.kvCache),
          evaluator.totals(prefill).seconds,
          step.seconds, step.traffic.total[0], 0, 0,
        ])
    }
    let none = figures([]) ?? Figures()
    var all = Set(Mechanism.allCases)
    if figures(all) == nil { all.remove(.precision) }
    let whole = figures(all) ?? none
    // Who changes nothing, alone or last, has no share in anything.
    let players = Mechanism.allCases.filter {
      all.contains($0) && (figures([$0]) != none || figures(all.subtracting([$0])) != whole)
    }
    let values = (0..<(1 << players.count)).map { mask in
      (figures(Set(players.indices.filter { mask >> $0 & 1 == 1 }.map { players[$0] })) ?? none).lanes
    }
    let weights = Self.weights(players.count)
    var shares = players.indices.map { player in
      values.indices.reduce(SIMD8<Double>.zero) { sum, mask in
        guard mask >> player & 1 == 0 else { return sum }
        return sum + weights[mask.nonzeroBitCount] * (values[mask | 1 << player] - values[mask])
      }
    }
    let ends = Self.close(&shares, values)
    (from, to) = (Figures(lanes: ends.from), Figures(lanes: ends.to))
    self.shares = zip(players, shares).map { ($0, Figures(lanes: $1)) }
  }

  /// Of all orders of `players`, the part in which so many come before a given one: s! (n − s − 1)! ÷ n!.
  private static func weights(_ players: Int) -> [Double] {
    var ways = 1.0
    return (0..<max(players, 1)).map { before in
      defer { ways *= Double(players - 1 - before) / Double(before + 1) }
      return 1 / (Double(players) * ways)
    }
  }

  /// Everything in whole multiples of one quantum, whose sums are exact, and what rounding leaves to the largest share:
  /// 1 where all figures are whole, else 2^-48 of the largest.
  private static func close(
    _ shares: inout [SIMD8<Double>], _ values: [SIMD8<Double>]
  ) -> (from: SIMD8<Double>, to: SIMD8<Double>) {
    var (from, to) = (values[0], values[values.count - 1])
    for lane in 0..<8 {
      let isWhole = values.allSatisfy { $0[lane] == $0[lane].rounded() }
      let most = values.reduce(0) { max($0, abs($1[lane])) }
      let quantum = isWhole || most == 0 ? 1 : most.binade * 0x1p-48
      func round(_ number: inout Double) { number = (number / quantum).rounded() * quantum }
      round(&from[lane])
      round(&to[lane])
      for index in shares.indices { round(&shares[index][lane]) }
      guard let largest = shares.indices.max(by: { abs(shares[$0][lane]) < abs(shares[$1][lane]) }) else {
        continue
      }
      shares[largest][lane] += to[lane] - shares.reduce(from[lane]) { $0 + $1[lane] }
    }
    return (from, to)
  }
}
