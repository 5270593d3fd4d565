import Basics

/// Factors on a prediction that bound 80 % of held-out runs.
public struct ErrorInterval: Sendable, Hashable {
  public var low, high: Double

  /// The lower factor first.
  public init(low: Double, high: Double) {
    self.low = low
    self.high = high
  }

  /// - Parameter ratios: logarithms of measured over predicted.
  init(of ratios: [Double]) {
    let (low, high) = GroupFitting.bounds(of: ratios.sorted())
    self.init(low: exponential(low), high: exponential(high))
  }

  /// What an interval is widened by, in log units of itself, where a fit reaches beyond what was held out of it.
  public static let widening = 1.5

  /// For shapes, versions and devices beyond what was held out.
  public var widened: ErrorInterval { widened(by: Self.widening) }

  func widened(by factor: Double) -> ErrorInterval {
    ErrorInterval(low: power(low, factor), high: power(high, factor))
  }
}
