import Basics
import CostModel

/// A whole pass, each operator's prediction corrected by the measured run nearest to its shape: small kernels weigh in it
/// by their time, and errors that go both ways cancel as they do in a pass.
public struct PassCheck: Sendable, Hashable {
  /// Seconds as priced.
  public var predicted: Double
  /// With each kernel's measured over predicted time at its nearest run.
  public var corrected: Double
  /// Of the predicted time, in kernels that have runs.
  public var shareMeasured: Double

  /// Of the prediction, in percent; positive where it is too slow.
  public var error: Double { 100 * (predicted / corrected - 1) }

  /// A run says nothing of a shape whose dimensions differ by more than a factor of four in all.
  static let farthest = logarithm(4) * logarithm(4)
}

/// Validated runs by group, each where its shape lies.
struct NearestRuns {
  private struct Place {
    let shape: ShapePlace
    /// Measured over predicted.
    let ratio: Double
  }

  private let groups: [(group: RunGroup, places: [Place])]

  init(_ groups: [ValidatedGroup]) {
    self.groups = groups.map { validated in
      (
        validated.group,
        validated.rows.map {
          Place(
            shape: ShapePlace($0.run.shape, of: validated.group.kernel),
            ratio: $0.run.seconds / $0.predicted.seconds)
        }
      )
    }
  }

  /// Measured over predicted time at the nearest run of an operator; nil where none is near.
  func ratio(of call: Call, _ pricing: FittedPricing, cache: NumberFormat) -> Double? {
    guard let (kernel, shape) = call.measured else { return nil }
    let format = kernel == .gemm || kernel == .mixture ? call.kernelFormat : .wide
    let group = RunGroup(kernel, pricing.framework, format: format, cache: cache)
    let place = ShapePlace(shape, of: kernel)
    let near = places(for: group)?.map { (distance: $0.shape.distance(to: place), ratio: $0.ratio) }
      .min { $0.distance < $1.distance }
    return near.flatMap { $0.distance < PassCheck.farthest ? $0.ratio : nil }
  }

  /// Runs of the group itself, else of the same kernel and precision in other software where the kernel is one that
  /// frameworks hardly change.
  private func places(for group: RunGroup) -> [Place]? {
    let alike = groups.filter { $0.group.isAlike(group) }
    let own = alike.first { $0.group.framework == group.framework }
    switch group.kernel {
    case .rmsNorm, .siluMul, .rope, .residualAdd: return (own ?? alike.first)?.places
    default: return own?.places
    }
  }
}

extension FittedPricing {
  /// - Returns: nil where less than `least` of the pass's time is in kernels with runs.
  func check(
    _ work: Workload, of evaluator: Evaluator, against runs: NearestRuns, least: Double = 0.7
  ) -> PassCheck? {
    var check = PassCheck(predicted: 0, corrected: 0, shareMeasured: 0)
    for op in evaluator.analyze(work, by: self).operators where op.seconds > 0 {
      let ratio = runs.ratio(of: op.call, self, cache: evaluator.precision.kvCache)
      if ratio != nil { check.shareMeasured += op.seconds }
      check.predicted += op.seconds
      check.corrected += op.seconds * (ratio ?? 1)
    }
    guard check.predicted > 0 else { return nil }
    check.shareMeasured /= check.predicted
    return check.shareMeasured >= least ? check : nil
  }
}
