extension Crosscheck {
  /// Bytes of one kernel below one cache, by three witnesses.
  public struct Traffic: Sendable {
    public var kernel: String
    public var shape: String
    /// Which caches, and which of them.
    public var system: String
    public var level: String
    public var predicted: Double
    /// The layer condition that the prediction stands on.
    public var condition: String
    /// Of the layer condition in force; nil where parts of a kernel stand under different ones.
    public var counted: Double?
    /// Nil where it would take too long.
    public var simulated: Double?
    public var inTransition: Bool
    public var flags: [String]
  }

  /// Line accesses that are simulated at most; more would take minutes.
  public static let mostAccesses = 1e9

  /// How far simulation may be from the formula outside transitions.
  public static func bound(_ kernel: some Kernel) -> Double { kernel is FlashAttention ? 0.10 : 0.05 }

  public static func traffic(
    _ kernel: some Kernel, systems: [CacheSystem], arithmetic: Arithmetic = .best
  ) -> [Traffic] {
    let data = kernel.makeData(arithmetic, threads: 1)
    let formula = kernel.formula(arithmetic)
    let counter = kernel.count(data, arithmetic)
    let exact = counter.equals(formula)
    return systems.flatMap { system -> [Traffic] in
      let accesses = formula.accesses(lineBytes: system.levels[0].geometry.lineBytes)
      let simulator = accesses <= mostAccesses ? CacheHierarchy(system.levels.map(\.geometry)) : nil
      if let simulator { kernel.simulate(data, arithmetic, simulator) }
      return system.levels.enumerated().map { index, level in
        let value = formula.below(capacityBytes: Double(level.geometry.bytes), writeAllocate: true)
        let depth = formula.conditions.firstIndex { $0.name == value.condition }
        let simulated = simulator.map { $0.bytesBelow(index).reads + $0.bytesBelow(index).writes }
        return Traffic(
          kernel: kernel.name, shape: kernel.shape, system: system.name, level: level.name,
          predicted: value.total, condition: value.condition,
          counted: depth.map { Double(counter.reads[$0] + counter.writes[$0] + counter.allocations[$0]) },
          simulated: simulated, inTransition: value.inTransition,
          flags: flags(value, simulated, exact: exact, bound: bound(kernel), accesses: accesses))
      }
    }
  }

  private static func flags(
    _ value: TrafficFormula.Value, _ simulated: Double?, exact: Bool, bound: Double, accesses: Double
  ) -> [String] {
    var flags = exact ? [] : ["counters differ from the formula"]
    if value.inTransition { flags.append("transition") }
    if let simulated {
      // Ends of arrays fill lines that the formula counts in part: no more than a few.
      if !value.inTransition && abs(value.total - simulated) > bound * simulated + 512 {
        flags.append("simulated differs by more than \(Int(bound * 100)) %")
      }
    } else {
      flags.append(
        accesses > mostAccesses
          ? "not simulated: \(Int(accesses / 1e6)) M line accesses, at most \(Int(mostAccesses / 1e6)) M"
          : "not simulated: no memory for these caches")
    }
    return flags
  }

  /// A flag that makes the answer no; a transition, and what was left out, is shown but is none.
  public static func failed(_ flags: [String]) -> Bool {
    flags.contains { $0 != "transition" && !$0.hasPrefix("not simulated") }
  }
}

/// Caches to simulate: one alone, or several in a chain, near to far.
public struct CacheSystem: Sendable {
  public var name: String
  public var levels: [(name: String, geometry: CacheGeometry)]

  /// The same on every machine: each size alone, as layer conditions are, and all of them in a chain.
  public static var standard: [CacheSystem] {
    let levels = CacheGeometry.standard
    return levels.map { CacheSystem(name: "alone", levels: [$0]) } + [
      CacheSystem(name: "chain", levels: levels)
    ]
  }
}

extension TileCounter {
  /// To the byte, at every depth.
  public func equals(_ formula: TrafficFormula) -> Bool {
    formula.conditions.enumerated().allSatisfy { depth, condition in
      Double(reads[depth]) == condition.reads && Double(writes[depth]) == condition.writes
        && Double(allocations[depth]) == condition.allocations
    }
  }
}

extension TrafficFormula {
  /// Lines that the innermost loops touch, about.
  public func accesses(lineBytes: Int) -> Double {
    guard let near = conditions.first else { return 0 }
    return (near.reads + near.writes) / Double(lineBytes)
  }
}
