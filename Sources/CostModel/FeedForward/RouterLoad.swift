import Basics

/// How unevenly a router spreads tokens over experts.
public enum RouterLoad: Hashable, Sendable {
  case balanced
  /// Expert i (from 1) is preferred in proportion to i^−exponent.
  case zipf(exponent: Double)
  /// Tokens that each expert received in a real run; repeated or cut where a layer has another count.
  case measured([Double])

  /// Share of tokens that choose each of `experts` experts; sums to `topK`, none above 1.
  ///
  /// A token chooses `topK` different experts. Expert e with preference w is among them with probability
  /// 1 − e^(−λw), λ such that these add up to `topK` (choosing without replacement in proportion to w, its
  /// Poisson limit: Rosén 1997). Measured counts are such shares already.
  public func shares(experts: Int, topK: Int) -> [Double] {
    let count = max(1, experts)
    let wanted = Double(min(topK, count))
    switch self {
    case .balanced: return Array(repeating: wanted / Double(count), count: count)
    case .zipf(let exponent):
      return Self.included((1...count).map { power(Double($0), -exponent) }, wanted: wanted)
    case .measured(let tokens):
      guard tokens.contains(where: { $0 > 0 }) else {
        return Array(repeating: wanted / Double(count), count: count)
      }
      return Self.capped((0..<count).map { tokens[$0 % tokens.count] }, wanted: wanted)
    }
  }

  private static func included(_ weights: [Double], wanted: Double) -> [Double] {
    guard wanted < Double(weights.count) else { return weights.map { _ in 1 } }
    func shares(_ rate: Double) -> [Double] { weights.map { 1 - exponential(-rate * $0) } }
    var low = 0.0
    var high = 1.0
    while shares(high).reduce(0, +) < wanted, high < 1e300 { high *= 2 }
    for _ in 0..<200 {
      let middle = (low + high) / 2
      if shares(middle).reduce(0, +) < wanted { low = middle } else { high = middle }
    }
    return shares(high)
  }

  /// Counts scaled to sum to `wanted`; what would exceed 1 is handed to the others.
  private static func capped(_ counts: [Double], wanted: Double) -> [Double] {
    var full = [Bool](repeating: false, count: counts.count)
    while true {
      let rest = counts.indices.filter { !full[$0] }
      let sum = rest.reduce(0) { $0 + max(0, counts[$1]) }
      let factor = sum > 0 ? (wanted - Double(counts.count - rest.count)) / sum : 0
      let filled = rest.filter { counts[$0] * factor > 1 }
      if filled.isEmpty { return counts.indices.map { full[$0] ? 1 : max(0, counts[$0]) * factor } }
      for index in filled { full[index] = true }
    }
  }
}

/// A router's load on one kind of layer.
struct RouterPlan: Sendable {
  /// Empty when balanced, which has a closed form.
  let shares: [Double]

  init(_ spec: MixtureSpec, load: RouterLoad) {
    let scale = spec.computed / Double(spec.topK)
    let all =
      load == .balanced ? [] : load.shares(experts: spec.experts, topK: spec.topK).map { $0 * scale }
    self.init(shares: spec.dealing == nil ? all : Self.hottest(all, of: spec.held))
  }

  /// Of shares dealt out in order, `count` to each rank, those of the rank that has most to do.
  private static func hottest(_ shares: [Double], of count: Int) -> [Double] {
    let ranks = stride(from: 0, to: shares.count, by: max(1, count)).map {
      Array(shares[$0..<min(shares.count, $0 + max(1, count))])
    }
    return ranks.max { $0.reduce(0, +) < $1.reduce(0, +) } ?? []
  }

  /// Of all assignments, those to the device's experts: the hottest rank's.
  func share(of spec: MixtureSpec) -> Double {
    guard spec.dealing != nil else { return 1 }
    return shares.isEmpty
      ? Double(spec.held) / Double(spec.experts) : shares.reduce(0, +) / spec.computed
  }

  private init(shares: [Double]) { self.shares = shares }

  /// Experts that `tokens` tokens touch: Σ 1 − (1 − share)^tokens.
  @inline(__always)
  func expectedDistinct(_ spec: MixtureSpec, tokens: Double) -> Double {
    if shares.isEmpty {
      return MixtureSpec.expectedDistinct(
        experts: Double(spec.experts), topK: spec.computed, tokens: tokens)
    }
    var sum = 0.0
    for share in shares { sum += 1 - power(1 - share, tokens) }
    return sum
  }
}
