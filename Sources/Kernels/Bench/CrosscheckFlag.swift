extension Crosscheck {
  /// What is to be said of a row beside its numbers.
  public enum Flag: Hashable, Sendable {
    /// The kernel's own counters do not come to its formula's bytes.
    case countersDiffer
    /// Simulated bytes are farther from the formula than this share.
    case simulationDiffers(share: Double)
    /// The cost model's compulsory reads or writes are not the kernel's.
    case modelBytesDiffer
    /// The cost model's products are not the kernel's.
    case modelFLOPsDiffer
    /// The cost model charges more bytes than were seen, or fewer where it has to be equal, by more than this share.
    case modelAbove(share: Double), modelBelow(share: Double)
    /// Reuse is partial at this capacity and the formula a bound: nothing is judged.
    case transition
    /// Left out: more line accesses than were allowed.
    case tooLong(accesses: Double, most: Double)
    /// Left out: no memory for the simulated tags.
    case noMemory
    /// Measured ÷ predicted lies outside these bounds.
    case timeOutside(ClosedRange<Double>)
    /// Repeats lie farther apart than this ratio: nothing is judged.
    case unsteady(Double)
    /// The kernel computed something else than naive loops do.
    case wrongResult

    /// Makes the answer no; a transition, and what was left out, is shown but does not.
    public var isDisagreement: Bool {
      switch self {
      case .countersDiffer, .simulationDiffers, .timeOutside, .wrongResult: true
      case .modelBytesDiffer, .modelFLOPsDiffer, .modelAbove, .modelBelow: true
      case .transition, .tooLong, .noMemory, .unsteady: false
      }
    }

    /// As reports show it.
    public var words: String {
      switch self {
      case .countersDiffer: "counters differ from the formula"
      case .simulationDiffers(let share): "simulated differs by more than \(Int(share * 100)) %"
      case .modelBytesDiffer: "the cost model's compulsory bytes differ"
      case .modelFLOPsDiffer: "the cost model's FLOPs differ"
      case .modelAbove(let share): "the cost model is above by more than \(Int(share * 100)) %"
      case .modelBelow(let share): "the cost model is below by more than \(Int(share * 100)) %"
      case .transition: "transition"
      case .tooLong(let accesses, let most):
        "not simulated: \(Int(min(accesses, 9e18))) line accesses, at most \(Int(most))"
      case .noMemory: "not simulated: no memory for these caches"
      case .timeOutside(let bounds): "time outside \(bounds.lowerBound)–\(bounds.upperBound)"
      case .unsteady(let most): "not judged: repeats more than \(most) apart"
      case .wrongResult: "wrong result"
      }
    }
  }
}

extension Crosscheck.Traffic {
  /// Two witnesses differ where they have to agree.
  public var disagrees: Bool { flags.contains(where: \.isDisagreement) }
}

extension Crosscheck.Time {
  /// The clock differs from the prediction where they have to agree, or the result was wrong.
  public var disagrees: Bool { flags.contains(where: \.isDisagreement) }
}

extension Crosscheck {
  /// What all rows together come to.
  public enum Verdict: String, Sendable {
    case agree = "no disagreement"
    case disagree = "disagreement"
    /// Bytes agree; the clock had nothing to say, on a machine too busy for it.
    case notJudged = "not judged"
  }

  public static func verdict(_ traffic: [Traffic], _ times: [Time]) -> Verdict {
    if traffic.contains(where: \.disagrees) || times.contains(where: \.disagrees)
      || calibratedError(times) ?? 0 > calibratedBound
    {
      return .disagree
    }
    return times.isEmpty || times.contains(where: \.judged) ? .agree : .notJudged
  }
}
