import CostModel

/// Seconds of a kernel on a profile from its formulas, phase after phase, nothing fitted.
public struct KernelPrediction: Hashable, Sendable {
  /// In the core, and waiting for memory.
  public var coreSeconds, memorySeconds: Double
  public var seconds: Double { coreSeconds + memorySeconds }
  /// The roof that most of the time is spent under: `compute` or a level's name.
  public var bound: String
  /// Bytes across the boundary below each level of the profile, far to near.
  public var bytes: [Double]

  /// - Parameter warm: what fits into a level stays there from run to run.
  /// - Returns: nil when the profile has no single-precision rate or no level.
  public init?(
    _ kernel: some Kernel, on profile: HardwareProfile, warm: Bool, arithmetic: Arithmetic = .best
  ) {
    guard let peak = profile.unit(for: .fp32)?.flopsPerSecond, !profile.levels.isEmpty else { return nil }
    let phases = kernel.phases(arithmetic)
    let whole = kernel.formula(arithmetic)
    let footprint = whole.footprint
    let bytes = profile.levels.indices.map { index in
      Self.bytes(whole, below: index, of: profile)
        * (warm ? 1 - Self.held(footprint, inside: index, of: profile) : 1)
    }
    // What one phase leaves in a cache the next finds there: phases share the whole kernel's bytes.
    let shares = profile.levels.indices.map { index -> Double in
      let apart = phases.reduce(0) { $0 + Self.bytes($1.traffic, below: index, of: profile) }
      return apart > 0 ? min(1, bytes[index] / apart) : 0
    }
    self.bytes = bytes
    (coreSeconds, memorySeconds) = (0, 0)
    var spent: [String: Double] = [:]
    for phase in phases {
      // Products, sums and e^x share a CPU's pipes: one after the other. Half of a multiply-add is a product.
      let inCore =
        phase.productFLOPs / peak + phase.elementwiseFLOPs / (peak / 2)
        + phase.exponentials * KernelPhase.flopsPerExponential / profile.vectorFLOPsPerSecond
      var (slowest, name) = (0.0, "compute")
      for (index, level) in profile.levels.enumerated() {
        let moved = Self.bytes(phase.traffic, below: index, of: profile) * shares[index]
        if moved / level.bytesPerSecond > slowest {
          (slowest, name) = (moved / level.bytesPerSecond, level.name)
        }
      }
      // Without overlap, as in the execution-cache-memory model (Treibig and Hager, PPAM 2009): what a core loads it
      // waits for. A level's measured rate includes the nearer ones on the way, so the slowest stands for them all.
      coreSeconds += inCore
      memorySeconds += slowest
      spent[inCore > slowest ? "compute" : name, default: 0] += inCore + slowest
    }
    bound = spent.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? "compute"
  }

  /// Bytes below a level: what the next nearer one of its capacity cannot hold.
  private static func bytes(_ formula: TrafficFormula, below index: Int, of profile: HardwareProfile)
    -> Double
  {
    guard index + 1 < profile.levels.count else {
      // Whatever the innermost loops load and store.
      return formula.untiled
    }
    return formula.below(
      capacityBytes: profile.levels[index + 1].capacityBytes,
      writeAllocate: profile.probed?.writeAllocate ?? false
    ).total
  }

  /// Share of the data that is still inside from the run before: all up to half of the capacity, where what else
  /// uses it does not matter, none from all of it on.
  private static func held(_ footprint: Double, inside index: Int, of profile: HardwareProfile) -> Double {
    guard index + 1 < profile.levels.count else { return 0 }
    let inner = profile.levels[index + 1]
    let capacity = inner.capacityBytes * (inner.perCore ? Double(profile.cores) : 1)
    return min(1, max(0, 2 - 2 * footprint / capacity))
  }
}

extension Kernel {
  /// Its seconds where its data is warm; nil where the profile cannot say.
  func predicted(on profile: HardwareProfile) -> KernelPrediction? {
    KernelPrediction(self, on: profile, warm: true)
  }
}
