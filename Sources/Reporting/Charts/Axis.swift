import Basics

/// From data to user units, with ticks at round values.
struct Axis {
  var low, high: Double
  var start, end: Double
  var logarithmic: Bool
  var ticks: [Double]
  /// Finer lines without labels.
  var minor: [Double] = []

  /// Powers of ten around `values`; what is not positive has no place on it and is left out.
  ///
  /// - Parameter tight: ends at 1, 2 or 5 times a power of ten.
  static func logarithmic(_ values: [Double], start: Double, end: Double, tight: Bool = false) -> Axis {
    let drawable = values.filter { $0 > 0 && $0.isFinite }
    let least = drawable.min() ?? 1
    let most = drawable.max() ?? 10
    var low = powerOfTen(below: least)
    var high = powerOfTen(below: most)
    var ticks: [Double] = []
    var minor: [Double] = []
    var decade = low
    while decade <= most * 1.000_001, ticks.count < 60 {
      ticks.append(decade)
      minor += (2...9).map { decade * Double($0) }
      decade *= 10
    }
    if high < most { high *= 10 }
    high = max(high, low * 10)
    if ticks.last.map({ $0 < high * 0.999_999 }) ?? true { ticks.append(high) }
    if tight {
      low = [5, 2].map { $0 * low }.first { $0 <= least } ?? low
      high = [0.2, 0.5].map { $0 * high }.first { $0 >= most && $0 > low } ?? high
    }
    func inside(_ value: Double) -> Bool { value >= low * 0.999_999 && value <= high * 1.000_001 }
    (ticks, minor) = (ticks.filter(inside), minor.filter(inside))
    if ticks.count < 3 {
      // Few powers of ten tell little: 2 and 5 times them too.
      let firstDigit = { (value: Double) in (value / powerOfTen(below: value)).rounded() }
      ticks = (ticks + minor.filter { [2, 5].contains(firstDigit($0)) }).sorted()
    }
    let every = max(1, (ticks.count + 7) / 8)
    ticks = ticks.enumerated().filter { $0.offset % every == 0 }.map(\.element)
    return Axis(
      low: low, high: high, start: start, end: end, logarithmic: true, ticks: ticks,
      minor: every > 1 ? [] : minor)
  }

  /// Powers of two, such as of sizes and ratios.
  static func binary(_ values: [Double], start: Double, end: Double) -> Axis {
    let drawable = values.filter { $0 > 0 && $0.isFinite }
    func power(_ value: Double, _ rule: FloatingPointRoundingRule) -> Int { Int(log2(value).rounded(rule)) }
    let low = power((drawable.min() ?? 1) * 1.000_001, .down)
    let high = max(low + 1, power((drawable.max() ?? 2) * 0.999_999, .up))
    let every = max(1, (high - low + 6) / 7)
    return Axis(
      low: exp2(Double(low)), high: exp2(Double(high)), start: start, end: end, logarithmic: true,
      ticks: stride(from: low, through: high, by: every).map { exp2(Double($0)) })
  }

  /// From zero to a round value above all.
  ///
  /// - Parameters:
  ///   - unit: what ticks are round in, such as GiB.
  ///   - tight: ends at the largest value.
  static func linear(
    _ values: [Double], start: Double, end: Double, unit: Double = 1, tight: Bool = false
  ) -> Axis {
    let most = (values.filter(\.isFinite).max() ?? 1) / unit
    let step = roundStep(most > 0 ? most / 5 : 0.2)
    let high = (tight && most > 0 ? most : max(step, (most / step).rounded(.up) * step)) * unit
    return Axis(
      low: 0, high: high, start: start, end: end, logarithmic: false,
      ticks: stride(from: 0, through: high * 1.000_001, by: step * unit).map { $0 })
  }

  /// Nil where a logarithm cannot show it.
  func place(_ value: Double) -> Double? {
    guard value.isFinite else { return nil }
    if logarithmic {
      guard value > 0 else { return nil }
      return start + (end - start) * (log10(value) - log10(low)) / (log10(high) - log10(low))
    }
    return start + (end - start) * (value - low) / (high - low)
  }

  /// 1, 2 or 5 times a power of ten, not below `x`.
  static func roundStep(_ x: Double) -> Double {
    let base = powerOfTen(below: x)
    return [1, 2, 5, 10].map { $0 * base }.first { $0 >= x * 0.999_999 } ?? 10 * base
  }

  static func powerOfTen(below x: Double) -> Double {
    guard x > 0, x.isFinite else { return 1 }
    var power = 1.0
    while power > x && power > 1e-30 { power /= 10 }
    while power * 10 <= x * 1.000_000_001 && power < 1e30 { power *= 10 }
    return power
  }
}
