/// What crosses below a memory that can hold `requiredBytes`: one step of a kernel's reuse.
public struct LayerCondition: Hashable, Sendable {
  public var name: String
  public var requiredBytes: Double
  public var reads: Double
  public var writes: Double
  /// The part of `writes` whose lines a write-allocating cache reads in vain.
  public var allocations: Double

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

  public init(_ conditions: [LayerCondition]) { self.conditions = conditions }

  public struct Value: Hashable, Sendable {
    public var reads: Double
    public var writes: Double
    /// The condition in force.
    public var condition: String
    /// Capacity lies within half and twice of what some condition needs: reuse is partial, no formula holds.
    public var inTransition: Bool
    public var total: Double { reads + writes }
  }

  /// Bytes below a memory of `capacityBytes`.
  public func below(capacityBytes: Double, writeAllocate: Bool) -> Value {
    var best = conditions[0]
    var transition = false
    for condition in conditions.dropFirst() where condition.requiredBytes > 0 {
      if condition.requiredBytes <= capacityBytes,
        condition.reads + condition.writes <= best.reads + best.writes
      {
        best = condition
      }
      let ratio = condition.requiredBytes / capacityBytes
      if ratio > 0.5 && ratio < 2 { transition = true }
    }
    // A transition between conditions that move the same is none.
    if transition {
      let near = conditions.dropFirst().filter {
        let ratio = $0.requiredBytes / capacityBytes
        return ratio > 0.5 && ratio < 2
      }
      transition = near.contains { other in
        let before = conditions.last { $0.requiredBytes < other.requiredBytes } ?? conditions[0]
        return abs(other.reads + other.writes - before.reads - before.writes)
          > 0.02 * (before.reads + before.writes)
      }
    }
    return Value(
      reads: best.reads + (writeAllocate ? best.allocations : 0), writes: best.writes,
      condition: best.name, inTransition: transition)
  }
}
