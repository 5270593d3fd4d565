import Basics

/// From data to user units, with ticks at round values.
struct Axis {
  var low, high: Double
  var start, end: Double
  var logarithmic: Bool
  var step = 0.0

  /// Powers of ten around `values`; what is not positive has no place on it and is left out.
  static func logarithmic(_ values: [Double], start: Double, end: Double) -> Axis {
    let drawable = values.filter { $0 > 0 && $0.isFinite }
    let low = powerOfTen(below: drawable.min() ?? 1)
    var high = powerOfTen(below: drawable.max() ?? 10)
    if high < drawable.max() ?? 10 { high *= 10 }
    return Axis(low: low, high: max(high, low * 10), start: start, end: end, logarithmic: true)
  }

  /// From zero to a round value above all.
  ///
  /// - Parameter unit: what ticks are round in, such as GiB.
  static func linear(_ values: [Double], start: Double, end: Double, unit: Double = 1) -> Axis {
    let most = (values.filter(\.isFinite).max() ?? 1) / unit
    let step = roundStep(most > 0 ? most / 5 : 0.2)
    return Axis(
      low: 0, high: max(step, (most / step).rounded(.up) * step) * unit, start: start, end: end,
      logarithmic: false, step: step * unit)
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

  var ticks: [Double] {
    if !logarithmic {
      return stride(from: low, through: high * 1.000_001, by: step).map { $0 }
    }
    var ticks: [Double] = []
    var value = low
    while value <= high * 1.000_001 && ticks.count < 60 {
      ticks.append(value)
      value *= 10
    }
    let every = max(1, (ticks.count + 7) / 8)
    return ticks.enumerated().filter { $0.offset % every == 0 }.map(\.element)
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
