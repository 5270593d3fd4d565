import CostModel
import Specs

extension Scenario {
  /// The same question of another pass.
  public func asking(_ work: Workload) -> Scenario {
    Scenario(
      evaluator, work, convention: convention, outputLength: outputLength, pricing: pricing,
      assumptions: assumptions, deployed: deployed)
  }

  /// What a pass has to hold.
  public func memory(of work: Workload) -> MemoryFootprint {
    deployed?.memory(work) ?? evaluator.memory(work)
  }

  /// The most sequences of this length that the memory holds; 0 where not one fits.
  public var largestBatch: Double {
    largest(upTo: 1e9, \.batch)
  }

  /// The longest that each of these sequences can be within the memory, in tokens of the prompt or, in decode, of the
  /// cache; 0 where none fits. Nothing is said of what the model was made for.
  public var longestContext: Double {
    largest(upTo: 1e9, workload.phase == .decode ? \.prefix : \.queries)
  }

  /// By bisection: what a pass needs grows with both.
  private func largest(upTo most: Double, _ path: WritableKeyPath<Workload, Double>) -> Double {
    func fits(_ value: Double) -> Bool {
      var work = workload
      work[keyPath: path] = value
      return memory(of: work).fits
    }
    guard fits(1) else { return 0 }
    guard !fits(most) else { return most }
    var (held, tooMuch) = (1.0, most)
    while tooMuch - held > 1 {
      let middle = ((held + tooMuch) / 2).rounded(.down)
      if fits(middle) { held = middle } else { tooMuch = middle }
    }
    return held
  }
}
