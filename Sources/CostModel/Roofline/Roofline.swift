/// What keeps an operator from being faster.
public enum Bound: Hashable, Sendable {
  /// The matrix units.
  case compute
  /// The vector units.
  case vector
  /// The boundary below the profile's level of that index.
  case memory(level: Int)

  /// 0 compute, 1 vector, 2… levels.
  public var index: Int {
    switch self {
    case .compute: 0
    case .vector: 1
    case .memory(let level): 2 + level
    }
  }

  public init(index: Int) {
    self = index == 0 ? .compute : index == 1 ? .vector : .memory(level: index - 2)
  }

  public func name(_ profile: HardwareProfile) -> String {
    switch self {
    case .compute: "compute"
    case .vector: "vector"
    case .memory(let level): profile.levels.indices.contains(level) ? profile.levels[level].name : "memory"
    }
  }
}

/// Turns work into seconds: an operator takes as long as the slowest of matrix units, vector units and each
/// memory level, all overlapping perfectly (Williams et al., CACM 2009). An upper bound on speed.
public struct Roofline: Sendable {
  let machine: Machine
  /// Seconds per FLOP of each `MatrixUnit`.
  let inversePeak: SIMD4<Double>
  /// Levels that each core draws on through a port of its own.
  let privateLevels: SIMD4<Double>

  init?(profile: HardwareProfile, machine: Machine, precision: PrecisionPlan) {
    self.machine = machine
    var inverse = SIMD4<Double>.zero
    for unit in MatrixUnit.allCases {
      guard let peak = profile.unit(for: precision.computeFormat(of: unit)), peak.flopsPerSecond > 0
      else { return nil }
      inverse[unit.rawValue] = 1 / peak.flopsPerSecond
    }
    inversePeak = inverse
    privateLevels = SIMD4<Double>.zero.replacing(
      with: SIMD4(repeating: 1), where: .!machine.nextIsShared)
  }

  /// Seconds each roof alone would take for one layer: matrix, vector, then the levels.
  @inline(__always)
  public func times(_ op: Operator) -> (compute: Double, vector: Double, levels: SIMD4<Double>) {
    let idle = 1 / op.occupancy
    let stretch = privateLevels * (idle - 1) + SIMD4(repeating: 1)
    return (
      op.matmulFLOPs * inversePeak[op.unit.rawValue] * idle, op.vectorFLOPs * machine.inverseVector * idle,
      op.traffic.total * machine.inverseBandwidth * stretch
    )
  }

  /// The slowest roof's seconds and `Bound.index`, for one layer.
  @inline(__always)
  public func slowest(_ op: Operator) -> (seconds: Double, index: Int) {
    let (compute, vector, levels) = times(op)
    var seconds = compute
    var index = 0
    if vector > seconds { (seconds, index) = (vector, 1) }
    if levels[0] > seconds { (seconds, index) = (levels[0], 2) }
    if levels[1] > seconds { (seconds, index) = (levels[1], 3) }
    if levels[2] > seconds { (seconds, index) = (levels[2], 4) }
    if levels[3] > seconds { (seconds, index) = (levels[3], 5) }
    return (seconds, index)
  }
}

extension PrecisionPlan {
  /// The arithmetic that a class of operator asks for.
  public func computeFormat(of unit: MatrixUnit) -> ComputeFormat {
    switch unit {
    case .linear: compute(weights: weights)
    case .experts: compute(weights: experts)
    case .attention: ComputeFormat(activations: activations)
    case .lmHead: compute(weights: lmHead)
    }
  }
}
