import CostModel

extension Crosscheck {
  /// Bytes of one kernel below one cache, by four witnesses.
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
    /// What the cost model charges the kernel's call; nil without a call.
    public var modelBytes: Double?
    /// What it is held against: simulated, or else predicted, less write-allocation and the kernel's own scratch;
    /// nil in a transition, where the formula's shares of both are bounds.
    public var operatorBytes: Double?
    public var model: Model?
    /// Bytes that the processor's counters saw read across this level, nil where they are silent: shown, not
    /// judged, since prefetchers and replacement are the processor's own.
    public var hardware: Double?
    public var inTransition: Bool
    public var flags: [Flag]
  }

  /// Line accesses that are simulated at most; more would take minutes.
  public static let mostAccesses = 1e9

  public static func traffic(
    _ kernel: some Kernel, systems: [CacheSystem], arithmetic: Arithmetic = .best,
    mostAccesses: Double = Self.mostAccesses
  ) -> [Traffic] {
    AddressLayout.$current.withValue(AddressLayout()) {
      traffic(kernel, kernel.call, systems: systems, arithmetic: arithmetic, mostAccesses: mostAccesses)
    }
  }

  /// - Parameter call: what the cost model is asked for.
  static func traffic(
    _ kernel: some Kernel, _ call: Call?, systems: [CacheSystem], arithmetic: Arithmetic = .best,
    mostAccesses: Double = Self.mostAccesses
  ) -> [Traffic] {
    let data = kernel.makeData(arithmetic, threads: 1)
    let formula = kernel.formula(arithmetic)
    let counter = kernel.count(data, arithmetic)
    let model = Model(kernel, call, formula)
    let exactFlags = (counter.equals(formula) ? [] : [.countersDiffer]) + (model?.exactFlags ?? [])
    return systems.flatMap { system -> [Traffic] in
      let accesses = formula.accesses(lineBytes: system.levels[0].geometry.lineBytes)
      let simulator = accesses <= mostAccesses ? CacheHierarchy(system.levels.map(\.geometry)) : nil
      if let simulator { kernel.simulate(data, arithmetic, simulator) }
      return system.levels.enumerated().map { index, level in
        let value = formula.below(capacityBytes: Double(level.geometry.bytes), writeAllocate: true)
        let depth = formula.conditions.firstIndex { $0.name == value.condition }
        let simulated = simulator.map { $0.bytesBelow(index).reads + $0.bytesBelow(index).writes }
        let bytes = model?.bytes(below: Double(level.geometry.bytes))
        let seen = simulated ?? value.total
        let differs = bytes.flatMap { model?.flags($0, value, seen: seen) } ?? []
        return Traffic(
          kernel: kernel.name, shape: kernel.shape, system: system.name, level: level.name,
          predicted: value.total, condition: value.condition,
          counted: depth.map { Double(counter.reads[$0] + counter.writes[$0] + counter.allocations[$0]) },
          simulated: simulated, modelBytes: bytes,
          operatorBytes: model == nil || value.inTransition ? nil : seen - value.notOperator, model: model,
          hardware: nil,
          inTransition: value.inTransition,
          flags: exactFlags + differs
            + (simulated.map { flags(value, $0, kernel.trafficTolerance) } ?? [
              accesses > mostAccesses ? .tooLong(accesses: accesses, most: mostAccesses) : .noMemory
            ]))
      }
    }
  }

  private static func flags(_ value: TrafficFormula.Value, _ simulated: Double, _ bound: Double) -> [Flag] {
    if value.inTransition { return [.transition] }
    // Ends of arrays fill lines that the formula counts in part: no more than a few.
    let agrees = abs(value.total - simulated) <= bound * simulated + 512
    return agrees ? [] : [.simulationDiffers(share: bound)]
  }
}

extension [Crosscheck.Traffic] {
  /// Puts misses of the nearest and the last cache beside what was simulated of this machine.
  public mutating func add(_ counts: [HardwareCounters.Event: Double], of system: CacheSystem) {
    let own = indices.filter { self[$0].system == system.name }
    let line = Double(system.levels[0].geometry.lineBytes)
    if let first = own.first { self[first].hardware = counts[.l1dReadMisses].map { $0 * line } }
    if own.count > 1, let last = own.last { self[last].hardware = counts[.llcMisses].map { $0 * line } }
  }
}

/// Caches to simulate: one alone, or several in a chain, near to far.
public struct CacheSystem: Sendable {
  public var name: String
  public var levels: [(name: String, geometry: CacheGeometry)]

  public init(name: String, levels: [(name: String, geometry: CacheGeometry)]) {
    (self.name, self.levels) = (name, levels)
  }

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
