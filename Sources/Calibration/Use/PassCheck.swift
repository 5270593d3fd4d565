import Basics
import CostModel

/// A whole pass, each operator's prediction corrected by the measured run nearest to its shape: small kernels weigh in it
/// by their time, and errors that go both ways cancel as they do in a pass.
public struct PassCheck: Sendable, Hashable {
  public var predicted: Double
  /// With each kernel's measured over predicted time at its nearest run.
  public var corrected: Double
  /// Of the predicted time, in kernels that have runs.
  public var shareMeasured: Double

  /// Of the prediction, in percent; positive where it is too slow.
  public var error: Double { 100 * (predicted / corrected - 1) }
}

extension Predictor {
  /// A run says nothing of a shape whose dimensions differ by more than a factor of four in all.
  static let farthest = logarithm(4) * logarithm(4)

  /// - Parameter groups: validated runs by group.
  /// - Returns: nil where less than `least` of the pass's time is in kernels with runs.
  public func check(
    _ work: Workload, of evaluator: Evaluator, framework: String,
    against groups: [(group: RunGroup, rows: [(run: Run, predicted: CalibratedTime)])], least: Double = 0.7
  ) -> PassCheck? {
    let pricing = FittedPricing(self, framework: framework, for: evaluator)
    var check = PassCheck(predicted: 0, corrected: 0, shareMeasured: 0)
    for op in evaluator.analyze(work, by: pricing).operators where op.seconds > 0 {
      var ratio = 1.0
      if let (group, shape) = op.call.measured(framework: framework), let rows = rows(for: group, in: groups),
        let nearest = rows.min(by: { $0.run.shape.distance(to: shape) < $1.run.shape.distance(to: shape) }),
        nearest.run.shape.distance(to: shape) < Self.farthest
      {
        ratio = nearest.run.seconds / nearest.predicted.seconds
        check.shareMeasured += op.seconds
      }
      check.predicted += op.seconds
      check.corrected += op.seconds * ratio
    }
    guard check.predicted > 0 else { return nil }
    check.shareMeasured /= check.predicted
    return check.shareMeasured >= least ? check : nil
  }

  /// Runs of the group itself, else of the same kernel and precision in other software where the kernel is one that
  /// frameworks hardly change.
  private func rows(
    for group: RunGroup, in groups: [(group: RunGroup, rows: [(run: Run, predicted: CalibratedTime)])]
  ) -> [(run: Run, predicted: CalibratedTime)]? {
    let alike = groups.filter {
      $0.group.kernel == group.kernel && Self.alike($0.group.dtype, group.dtype)
        && Self.alike($0.group.cacheDtype, group.cacheDtype)
    }
    let own = alike.first { $0.group.framework == group.framework }
    switch group.kernel {
    case .rmsNorm, .siluMul, .rope, .residualAdd: return (own ?? alike.first)?.rows
    default: return own?.rows
    }
  }
}

extension KernelShape {
  /// Between two shapes of a kernel: squares of the logarithms of their dimensions' ratios.
  func distance(to other: KernelShape) -> Double {
    func term(_ a: Double, _ b: Double) -> Double {
      let difference = logarithm((1 + a) / (1 + b))
      return difference * difference
    }
    return term(m, other.m) + term(n, other.n) + term(k, other.k) + term(batch, other.batch)
      + term(queries, other.queries) + term(keys, other.keys) + term(heads, other.heads)
      + term(keyValueHeads, other.keyValueHeads) + term(headDim, other.headDim) + term(window, other.window)
      + term(experts, other.experts) + term(topK, other.topK) + term(hidden, other.hidden)
      + term(intermediate / expertTensorParallel, other.intermediate / other.expertTensorParallel)
      + term(tokens, other.tokens)
  }
}
