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
    times(work, rates: rates(unit))
  }

  /// Seconds per FLOP of a unit, and of the vector units.
  @inline(__always)
  func rates(_ unit: MatrixUnit) -> SIMD2<Double> {
    SIMD2(inversePeak[unit.rawValue], machine.inverseVector)
  }

  @inline(__always)
  private func times(
    _ work: Work, rates: SIMD2<Double>
  ) -> (compute: Double, vector: Double, levels: SIMD4<Double>) {
    let arithmetic = SIMD2(work.matmulFLOPs, work.vectorFLOPs) * rates
    let (compute, vector) = (arithmetic.x, arithmetic.y)
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
    time(work, rates(kind, formats))
  }

  /// What a call's FLOPs take.
  @inline(__always)
  func rates(_ kind: OperatorKind, _ formats: CallFormats) -> CallRates {
    CallRates(
      own: rates(formats.unit),
      fastest: SIMD2(machine.secondsPerFLOP(kind, formats), machine.inverseVector))
  }

  /// See `time(_:_:)`.
  @inline(__always)
  func time(_ work: Work, _ rates: CallRates) -> Time {
    let floor = machine.floor(work.compulsory, rates: rates.fastest, .pass)
    let (compute, vector, levels) = times(work, rates: rates.own)
    let most = elementwiseMax(
      SIMD2(compute, vector), elementwiseMax(levels.lowHalf, levels.highHalf))
    var seconds = larger(most.x, most.y)
    var bound = Bound.compute
    if seconds > compute {
      bound =
        if !(seconds > vector) {
          .vector
        } else if !(seconds > levels[0]) {
          .far
        } else if !(seconds > levels[1]) {
          .memory(level: 1)
        } else {
          .memory(level: seconds > levels[2] ? 3 : 2)
        }
    }
    let least = floor.seconds
    if least > seconds { (seconds, bound) = (least, floor.by) }
    return Time(
      seconds: seconds, low: seconds, high: seconds, bound: bound, basis: .upperBound, floor: floor)
  }
}

/// Seconds per FLOP of products, and of others.
public struct CallRates: Sendable {
  /// On the units that a call runs on, and on the fastest that can do it.
  let own, fastest: SIMD2<Double>
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
    lowering.roofline.time(work, call.pointee.rates)
  }

  @inline(__always)
  func time(_ work: Work, _ rates: CallRates) -> Time? { lowering.roofline.time(work, rates) }
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
