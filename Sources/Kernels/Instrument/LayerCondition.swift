/// What crosses below a memory that can hold `requiredBytes`: one step of a kernel's reuse.
public struct LayerCondition: Hashable, Sendable {
  public var name: String
  public var requiredBytes: Double
  public var reads: Double
  public var writes: Double
  /// The part of `writes` whose lines a write-allocating cache reads in vain.
  public var allocations: Double
  /// Caches smaller than the next condition needs still catch some of this: no more than these bytes.
  public var isBound = false

  public init(
    _ name: String, requires requiredBytes: Double, reads: Double, writes: Double, allocations: Double
  ) {
    self.name = name
    self.requiredBytes = requiredBytes
    self.reads = reads
    self.writes = writes
    self.allocations = allocations
  }
}

/// A kernel's traffic as a function of what memory holds: conditions from no reuse to everything resident.
/// Index i is the depth that the kernel's loops report to their instrument.
public struct TrafficFormula: Hashable, Sendable {
  public var conditions: [LayerCondition]
  /// Kernels that run one after another, each `repeats` times, with layer conditions of their own; the last of
  /// `conditions` says what happens when all of it is held.
  public var parts: [TrafficFormula] = []
  public var repeats = 1.0
  /// Bytes that one part leaves to the next: counted both times, though a cache may keep them in between.
  public var handedOn = 0.0

  public init(_ conditions: [LayerCondition]) { self.conditions = conditions }

  public struct Value: Hashable, Sendable {
    public var reads: Double
    public var writes: Double
    /// The condition in force.
    public var condition: String
    /// Capacity lies within half and twice of what a condition needs, or no condition holds but the loosest:
    /// reuse is partial and the formula is a bound.
    public var inTransition: Bool
    public var total: Double { reads + writes }
  }

  /// The least that has to pass: every operand once.
  var footprint: Double {
    if let held = conditions.last, held.requiredBytes == .infinity {
      return parts.reduce(0) { $0 + $1.footprint * $1.repeats }
    }
    return conditions.map { $0.reads + $0.writes }.min() ?? 0
  }

  /// What the innermost loops load and store.
  var untiled: Double {
    parts.isEmpty
      ? conditions[0].reads + conditions[0].writes : parts.reduce(0) { $0 + $1.untiled * $1.repeats }
  }

  /// Bytes below a memory of `capacityBytes`.
  public func below(capacityBytes: Double, writeAllocate: Bool) -> Value {
    guard parts.isEmpty else { return sum(capacityBytes, writeAllocate) }
    var best = conditions[0]
    for condition in conditions.dropFirst() where condition.requiredBytes <= capacityBytes {
      if condition.reads + condition.writes <= best.reads + best.writes { best = condition }
    }
    let near = conditions.dropFirst().contains { condition in
      let ratio = condition.requiredBytes / capacityBytes
      guard ratio > 0.5 && ratio < 2 else { return false }
      // Between conditions that move the same nothing changes.
      let before = conditions.filter { $0.requiredBytes < condition.requiredBytes }
        .map { $0.reads + $0.writes + $0.allocations }.min()
      let after = condition.reads + condition.writes + condition.allocations
      return abs(after - (before ?? after)) > 0.02 * after
    }
    return value(best, writeAllocate, near || best.isBound)
  }

  private func value(_ best: LayerCondition, _ writeAllocate: Bool, _ transition: Bool) -> Value {
    Value(
      reads: best.reads + (writeAllocate ? best.allocations : 0), writes: best.writes,
      condition: best.name, inTransition: transition)
  }

  private func sum(_ capacity: Double, _ writeAllocate: Bool) -> Value {
    guard let held = conditions.last else {
      return Value(reads: 0, writes: 0, condition: "", inTransition: true)
    }
    let near = held.requiredBytes > capacity / 2 && held.requiredBytes < capacity * 2
    if held.requiredBytes <= capacity { return value(held, writeAllocate, near) }
    var total = Value(reads: 0, writes: 0, condition: "", inTransition: near)
    for part in parts {
      let one = part.below(capacityBytes: capacity, writeAllocate: writeAllocate)
      total.reads += one.reads * part.repeats
      total.writes += one.writes * part.repeats
      total.inTransition = total.inTransition || one.inTransition
      total.condition += (total.condition.isEmpty ? "" : "; ") + one.condition
    }
    total.inTransition = total.inTransition || handedOn > 0.04 * total.total
    return total
  }
}
