/// How far predictions lie from measurements; percentages of the measured time.
public struct ErrorSummary: Hashable, Sendable {
  public var count: Int
  public var mape: Double
  public var median: Double
  public var p90: Double
  /// Geometric mean of measured over predicted.
  public var geometricMeanRatio: Double
  /// Share of runs within their interval; nil without one.
  public var coverage: Double?

  /// - Parameter pairs: predicted and measured seconds, with the interval where there is one.
  public init(_ pairs: [(predicted: Double, measured: Double, low: Double?, high: Double?)]) {
    count = pairs.count
    let errors = pairs.map { abs($0.predicted - $0.measured) / $0.measured * 100 }
    mape = errors.isEmpty ? .nan : errors.reduce(0, +) / Double(errors.count)
    median = Quantile.of(errors, 0.5)
    p90 = Quantile.of(errors, 0.9)
    let logs = pairs.map { logarithm($0.measured / $0.predicted) }
    geometricMeanRatio = logs.isEmpty ? .nan : exponential(logs.reduce(0, +) / Double(logs.count))
    let inside = pairs.compactMap { pair -> Double? in
      guard let low = pair.low, let high = pair.high else { return nil }
      return pair.measured >= low && pair.measured <= high ? 1 : 0
    }
    coverage = inside.isEmpty ? nil : inside.reduce(0, +) / Double(inside.count)
  }
}

public enum Quantile {
  /// Linear between order statistics; NaN of nothing.
  public static func of(_ values: [Double], _ q: Double) -> Double {
    guard !values.isEmpty else { return .nan }
    let sorted = values.sorted()
    let at = min(Double(sorted.count - 1), max(0, q * Double(sorted.count - 1)))
    let low = Int(at)
    let high = min(sorted.count - 1, low + 1)
    return sorted[low] + (sorted[high] - sorted[low]) * (at - Double(low))
  }
}
