/// A call takes as long as the slowest of matrix units, vector units and each memory level, all overlapping
/// perfectly (Williams et al., CACM 2009). An upper bound on speed.
public struct Roofline: Pricing {
  /// Bounds have no interval.
  public static let hasIntervals = false
  let machine: Machine
  /// Seconds per FLOP of each `MatrixUnit`.
  let inversePeak: [5 of Double]
  /// Levels that each core draws on through a port of its own.
  let privateLevels: SIMD4<Double>

  /// - Throws: `EvaluationError.noUnit` where the profile computes none of a unit's formats.
  public init(profile: HardwareProfile, machine: Machine, precision: PrecisionPlan) throws(EvaluationError) {
    self.machine = machine
    var inverse = [5 of Double](repeating: 0)
    for unit in MatrixUnit.allCases {
      let format = precision.computeFormat(of: unit)
      guard let peak = profile.unit(for: format), peak.flopsPerSecond > 0 else { throw .noUnit(format) }
      inverse[unit.rawValue] = 1 / peak.flopsPerSecond
    }
    inversePeak = inverse
    privateLevels = SIMD4<Double>.zero.replacing(
      with: SIMD4(repeating: 1), where: .!machine.nextIsShared)
  }

  /// Seconds each roof alone would take for one layer: matrix, vector, then the levels.
  @inline(__always)
  public func times(
    _ work: Work, _ unit: MatrixUnit
  ) -> (compute: Double, vector: Double, levels: SIMD4<Double>) {
    times(work, inversePeak: inversePeak[unit.rawValue])
  }

  @inline(__always)
  private func times(
    _ work: Work, inversePeak: Double
  ) -> (compute: Double, vector: Double, levels: SIMD4<Double>) {
    let compute = work.matmulFLOPs * inversePeak
    let vector = work.vectorFLOPs * machine.inverseVector
    let levels = work.traffic.total * machine.inverseBandwidth
    if work.occupancy == 1 { return (compute, vector, levels) }
    let idle = 1 / work.occupancy
    return (compute * idle, vector * idle, levels * (privateLevels * (idle - 1) + SIMD4(repeating: 1)))
  }

  /// The slowest roof's seconds, never below the floor.
  public func time(_ call: Call, _ work: Work) -> Time { time(call.kind, call.formats, work) }

  /// See `time(_:_:)`.
  @inline(__always)
  func time(_ kind: OperatorKind, _ formats: CallFormats, _ work: Work) -> Time {
    slowest(
      work, inversePeak: inversePeak[formats.unit.rawValue],
      perFLOP: machine.secondsPerFLOP(kind, formats))
  }

  /// See `time(_:_:)`.
  @inline(__always)
  func slowest(_ work: Work, inversePeak: Double, perFLOP: Double) -> Time {
    let floor = machine.floor(work.compulsory, perFLOP: perFLOP, .pass)
    let (compute, vector, levels) = times(work, inversePeak: inversePeak)
    var seconds = compute
    var index = 0
    if vector > seconds { (seconds, index) = (vector, 1) }
    if levels[0] > seconds { (seconds, index) = (levels[0], 2) }
    if levels[1] > seconds { (seconds, index) = (levels[1], 3) }
    if levels[2] > seconds { (seconds, index) = (levels[2], 4) }
    if levels[3] > seconds { (seconds, index) = (levels[3], 5) }
    let least = floor.seconds
    if least > seconds { (seconds, index) = (least, floor.by.index) }
    return Time(
      seconds: seconds, low: seconds, high: seconds, bound: Bound(index: index), basis: .upperBound,
      floor: floor)
  }
}

/// A roofline where it lies: sinks that hold one copy half a kilobyte.
struct RooflineView: KnownPricing, @unchecked Sendable {
  static let hasIntervals = false
  /// Outlives the sink.
  unowned(unsafe) let lowering: Lowering

  @inline(__always)
  func time(_ call: Call, _ work: Work) -> Time { lowering.roofline.time(call, work) }

  @inline(__always)
  func time(_ call: UnsafePointer<KnownCall>, _ work: Work) -> Time {
    lowering.roofline.slowest(work, inversePeak: call.pointee.inversePeak, perFLOP: call.pointee.perFLOP)
  }

  @inline(__always)
  func time(_ kind: OperatorKind, _ formats: CallFormats, _ work: Work) -> Time? {
    lowering.roofline.time(kind, formats, work)
  }
}

extension PrecisionPlan {
  /// The arithmetic that a class of call asks for.
  public func computeFormat(of unit: MatrixUnit) -> ComputeFormat {
    switch unit {
    case .linear: compute(weights: weights)
    case .experts: compute(weights: experts)
    case .attention: ComputeFormat(activations: attention ?? activations)
    case .lmHead: compute(weights: lmHead)
    case .other: otherCompute ?? ComputeFormat(activations: activations)
    }
  }
}

/// Why a model cannot be evaluated on a device.
public enum EvaluationError: Error, Hashable, Sendable {
  /// None, or more than `Machine.mostLevels`.
  case levels(Int)
  /// A rate, capacity or count that is not positive, by its name in a profile.
  case notPositive(String)
  /// No unit of the device computes in the format, nor in a more precise one.
  case noUnit(ComputeFormat)
}
