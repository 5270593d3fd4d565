import CostModel
import Specs

extension Prediction {
  /// The smallest batch that reaches `share` of the tokens a second of the largest that fits; nil where none fits.
  ///
  /// By bisection: more sequences never make a pass yield fewer tokens a second by much.
  public func saturatingBatch(_ share: Double = 0.9) -> (batch: Double, largest: Double)? {
    let largest = min(scenario.largestBatch, 1_048_576)
    guard largest >= 1 else { return nil }
    func rate(_ batch: Double) -> Double {
      var work = scenario.workload
      work.batch = batch
      return Prediction(scenario.asking(work), by: pricing).tokensPerSecond
    }
    let wanted = share * rate(largest)
    var (slow, fast) = (0.0, largest)
    while fast - slow > 1 {
      let middle = ((slow + fast) / 2).rounded(.down)
      if rate(middle) >= wanted { fast = middle } else { slow = middle }
    }
    return (fast, largest)
  }
}
