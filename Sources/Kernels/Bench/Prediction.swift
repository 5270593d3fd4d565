import CostModel

/// Seconds of a kernel on a profile from its formula: every roof, nothing fitted.
public struct Prediction: Hashable, Sendable {
  public var seconds: Double
  /// The roof that says so: `compute` or a level's name.
  public var bound: String
  /// Bytes across the boundary below each level of the profile, far to near.
  public var bytes: [Double]

  /// - Parameter warm: what fits into a level stays there from run to run.
  /// - Returns: nil when the profile has no single-precision rate or no level.
  public init?(
    _ kernel: some Kernel, on profile: HardwareProfile, warm: Bool, arithmetic: Arithmetic = .best
  ) {
    guard let peak = profile.unit(for: .fp32)?.flopsPerSecond, !profile.levels.isEmpty else { return nil }
    let formula = kernel.formula(arithmetic)
    let footprint = formula.conditions.map { $0.reads + $0.writes }.min() ?? 0
    // Products and element-wise work share a CPU's pipes: one after the other.
    seconds = kernel.matmulFLOPs / peak + kernel.vectorFLOPs / profile.vectorFLOPsPerSecond
    bound = "compute"
    bytes = []
    let allocates = profile.notes.contains("write-allocate yes")
    for (index, level) in profile.levels.enumerated() {
      var moved = formula.conditions[0].reads + formula.conditions[0].writes
      if index + 1 < profile.levels.count {
        let inner = profile.levels[index + 1]
        let value = formula.below(capacityBytes: inner.capacityBytes, writeAllocate: allocates)
        let all = inner.capacityBytes * (inner.perCore ? Double(profile.cores) : 1)
        moved = warm && footprint <= all / 2 ? 0 : value.total
      }
      bytes.append(moved)
      let time = moved / level.bytesPerSecond
      if time > seconds { (seconds, bound) = (time, level.name) }
    }
  }
}
