import CostModel
import Specs

/// What an engine on a host processor takes, from what `probe` measured and a few shares that are the same for all
/// machines: a prior.
///
/// The shares are llama.cpp's on two Zen 4 cores (`Benchmarks/Engines`); the interval is as wide as engines and machines
/// that were not measured may make it.
public struct HostPricing: Pricing {
  /// An interval of a prior.
  public static let hasIntervals = true
  /// Of the plateau of far memory.
  public static let bandwidthShare = 0.8
  /// Of the peak of the fastest unit on products: of quantised weights, and of others.
  public static let narrowShare = 0.25, wideShare = 0.75
  /// Threads wait for each other after every operator; seconds.
  public static let barrierSeconds = 4e-6
  /// Times from ÷ to × this.
  public static let spread = 1.4

  private let roofline: Roofline

  /// For one model on one device.
  public init(_ evaluator: Evaluator) { roofline = evaluator.roofline }

  /// The slower of the units and far memory, each at its share; never below what nothing beats.
  public func time(_ call: Call, _ work: Work) -> Time {
    let floor = roofline.time(call, work).floor
    let share = call.formats.stored.bytesPerElement < 2 ? Self.narrowShare : Self.wideShare
    let compute = max(floor.roofs[Bound.compute.index] / share, floor.roofs[Bound.vector.index])
    let memory = floor.roofs[Bound.far.index] / Self.bandwidthShare
    let seconds = max(compute, memory) + Self.barrierSeconds
    return Time(
      seconds: seconds, low: max(floor.seconds, seconds / Self.spread), high: seconds * Self.spread,
      bound: compute > memory ? .compute : .far, basis: .prior, fit: 0, floor: floor)
  }
}

extension Prediction {
  /// Of an engine on a host processor.
  public init(onHost scenario: Scenario) {
    let (evaluator, work) = (scenario.evaluator, scenario.workload)
    self.init(
      scenario, evaluator.analyze(work, by: HostPricing(evaluator)), memory: evaluator.memory(work))
  }
}
