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
  /// Where this condition's reuse begins, if that is before all of it is there.
  public var beginsBytes: Double
  /// Where it surely holds, if lines that meet in the same sets may keep it from holding before.
  public var settledBytes: Double
  /// What caches below the next condition may catch besides: from `requiredBytes` / 2 on up to so many bytes.
  public var partials: [Partial] = []
  /// Bytes that lines cut in two by tiles may add.
  public var straddling = 0.0
  /// The part of reads and writes that is the kernel's own way and not its operator's: scratch; less than nothing where
  /// it spares what the cost model charges.
  public var own = Own()

  public struct Own: Hashable, Sendable {
    public var reads = 0.0, writes = 0.0
  }

  public struct Partial: Hashable, Sendable {
    public var requiredBytes: Double
    public var bytes: Double
  }

  public init(
    _ name: String, requires requiredBytes: Double, reads: Double, writes: Double, allocations: Double
  ) {
    self.name = name
    self.requiredBytes = requiredBytes
    (beginsBytes, settledBytes) = (requiredBytes, requiredBytes)
    self.reads = reads
    self.writes = writes
    self.allocations = allocations
  }

  /// What two phases move under the same condition.
  static func + (a: LayerCondition, b: LayerCondition) -> LayerCondition {
    var both = LayerCondition(
      a.name, requires: a.requiredBytes, reads: a.reads + b.reads, writes: a.writes + b.writes,
      allocations: a.allocations + b.allocations)
    both.isBound = a.isBound || b.isBound
    both.beginsBytes = min(a.beginsBytes, b.beginsBytes)
    both.settledBytes = max(a.settledBytes, b.settledBytes)
    both.partials = a.partials + b.partials
    both.straddling = a.straddling + b.straddling
    both.own = Own(reads: a.own.reads + b.own.reads, writes: a.own.writes + b.own.writes)
    return both
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
  /// The first of `conditions` that says something of all parts together; nil: only the last does.
  public var wholeFrom: Int?
  /// What one part leaves for the next, where the caches keep it.
  public var handedOn = LayerCondition.Partial(requiredBytes: .infinity, bytes: 0)

  public init(_ conditions: [LayerCondition]) { self.conditions = conditions }

  public struct Value: Hashable, Sendable {
    public var reads: Double
    public var writes: Double
    /// Of `reads`: lines that are read to be overwritten.
    public var allocations = 0.0
    public var own = LayerCondition.Own()
    /// The condition in force.
    public var condition: String
    /// Capacity lies within half and twice of what a condition needs, or lines and blocks are cut so that more than
    /// 3 % hang on it: reuse is partial and the formula a bound.
    public var inTransition: Bool
    public var total: Double { reads + writes }
    /// Bytes that are the machine's or the kernel's own, not its operator's.
    public var notOperator: Double { allocations + own.reads + own.writes }
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
    let whole = wholeFrom.map { conditions[$0...].contains { $0.requiredBytes <= capacityBytes } }
    guard parts.isEmpty || whole == true else { return sum(capacityBytes, writeAllocate) }
    var best = conditions[0]
    for condition in conditions.dropFirst() where condition.requiredBytes <= capacityBytes {
      if condition.reads + condition.writes <= best.reads + best.writes { best = condition }
    }
    return value(best, writeAllocate, isNear(capacityBytes) || isLoose(best, capacityBytes))
  }

  private func isNear(_ capacity: Double) -> Bool {
    conditions.dropFirst().contains { condition in
      guard condition.settledBytes > capacity / 2 && condition.beginsBytes < 2 * capacity else {
        return false
      }
      // Between conditions that move the same nothing changes.
      let before = conditions.filter { $0.requiredBytes < condition.requiredBytes }
        .map { $0.reads + $0.writes + $0.allocations }.min()
      let after = condition.reads + condition.writes + condition.allocations
      return abs(after - (before ?? after)) > 0.02 * after
    }
  }

  /// More than a few per cent hang on what the condition does not say.
  private func isLoose(_ condition: LayerCondition, _ capacity: Double) -> Bool {
    let caught = condition.partials.filter { $0.requiredBytes < 2 * capacity }.reduce(0) { $0 + $1.bytes }
    let total = condition.reads + condition.writes + condition.allocations
    return condition.isBound || caught + condition.straddling > 0.03 * total
  }

  private func value(_ best: LayerCondition, _ writeAllocate: Bool, _ transition: Bool) -> Value {
    Value(
      reads: best.reads + (writeAllocate ? best.allocations : 0), writes: best.writes,
      allocations: writeAllocate ? best.allocations : 0, own: best.own, condition: best.name,
      inTransition: transition)
  }

  private func sum(_ capacity: Double, _ writeAllocate: Bool) -> Value {
    guard let held = conditions.last else {
      return Value(reads: 0, writes: 0, condition: "", inTransition: true)
    }
    let near =
      wholeFrom == nil
      ? held.requiredBytes > capacity / 2 && held.requiredBytes < capacity * 2 : isNear(capacity)
    if held.requiredBytes <= capacity { return value(held, writeAllocate, near || isLoose(held, capacity)) }
    var total = Value(reads: 0, writes: 0, condition: "", inTransition: near)
    var seen: [String] = []
    for part in parts {
      let one = part.below(capacityBytes: capacity, writeAllocate: writeAllocate)
      total.reads += one.reads * part.repeats
      total.writes += one.writes * part.repeats
      total.allocations += one.allocations * part.repeats
      total.own.reads += one.own.reads * part.repeats
      total.own.writes += one.own.writes * part.repeats
      total.inTransition = total.inTransition || one.inTransition
      if !seen.contains(one.condition) { seen.append(one.condition) }
    }
    total.condition = seen.joined(separator: "; ")
    let kept = handedOn.requiredBytes < 2 * capacity && handedOn.bytes > 0.03 * total.total
    total.inTransition = total.inTransition || kept
    return total
  }
}
