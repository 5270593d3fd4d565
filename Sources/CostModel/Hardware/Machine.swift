/// A profile made ready for evaluation: reciprocals instead of rates, tile sizes instead of capacities.
///
/// Lane i describes the boundary below level i; lanes past the last level repeat it with no cost in time.
public struct Machine: Sendable {
  /// Memory levels, 1 to `mostLevels`.
  public let levels: Int
  /// Cores, compute units or streaming multiprocessors.
  public let cores: Double
  let inverseCores: Double
  /// Seconds per byte below each level; of far memory at the share of its rate that is to be expected.
  let inverseBandwidth: SIMD4<Double>
  /// The next nearer level is shared by all cores.
  let nextIsShared: SIMDMask<SIMD4<Double.SIMDMaskScalar>>
  /// Bytes of the next nearer level (of one core's share where it is not shared); the last level's next
  /// are the registers.
  let nextCapacity: SIMD4<Double>
  let inverseHalfCapacity: SIMD4<Double>
  /// 0 where `nextIsShared`, infinity elsewhere: what keeps from the lesser of two what only shared levels do.
  let unlessShared: SIMD4<Double>
  let inverseVector: Double
  /// Seconds per FLOP of the unit that each `ComputeFormat` runs on; 0 where there is none.
  let inversePeaks: [16 of Double]
  /// Seconds per byte of far memory at its full rate, and of near levels whose figure is proven; 0 of all others.
  let provenInverseBandwidth: SIMD4<Double>
  /// Seconds per exponential of all cores; 0 where nobody says.
  let inverseExponentials: Double
  /// Of the last shared level, else of all cores' caches together: what of a pass need not cross far memory.
  public let keptBytes: Double

  /// What a core's register file is taken as where the profile does not say: 64 KiB.
  public static let assumedRegisterBytes = 65_536.0

  /// The most levels a profile may have.
  public static let mostLevels = 4

  /// - Throws: `EvaluationError` when the profile has no level, more than four, or a rate that is not positive.
  public init(_ profile: HardwareProfile) throws(EvaluationError) {
    let count = profile.levels.count
    guard (1...Self.mostLevels).contains(count) else { throw .levels(count) }
    guard profile.cores > 0 else { throw .notPositive("cores") }
    guard profile.vectorFLOPsPerSecond > 0 else { throw .notPositive("vector") }
    for level in profile.levels where !(level.bytesPerSecond > 0 && level.capacityBytes > 0) {
      throw .notPositive(level.name)
    }
    levels = count
    cores = Double(profile.cores)
    inverseCores = 1 / cores
    inverseVector = 1 / profile.vectorFLOPsPerSecond
    var inverse = SIMD4<Double>.zero
    var proven = SIMD4<Double>.zero
    var capacity = SIMD4<Double>.zero
    var shared = SIMDMask<SIMD4<Double.SIMDMaskScalar>>(repeating: false)
    for lane in 0..<4 {
      let next = min(lane + 1, count)
      if lane < count {
        inverse[lane] = 1 / profile.levels[lane].bytesPerSecond
        if lane == 0 || profile.levels[lane].isProven { proven[lane] = inverse[lane] }
      }
      if next < count {
        capacity[lane] = profile.levels[next].capacityBytes
        shared[lane] = !profile.levels[next].perCore
      } else {
        capacity[lane] =
          (profile.registerBytesPerCore ?? Self.assumedRegisterBytes)
          + (profile.tensorMemoryBytesPerCore ?? 0)
      }
    }
    inverse[0] /= profile.point.bandwidthEfficiency ?? 1
    inverseBandwidth = inverse
    provenInverseBandwidth = proven
    var peaks = [16 of Double](repeating: 0)
    for format in ComputeFormat.allCases {
      if let unit = profile.unit(for: format), unit.flopsPerSecond > 0 {
        peaks[format.rawValue] = 1 / unit.flopsPerSecond
      }
    }
    inversePeaks = peaks
    keptBytes = profile.keptBytes
    inverseExponentials = profile.exponentialsPerSecond.map { 1 / $0 } ?? 0
    nextCapacity = capacity
    inverseHalfCapacity = 2 / capacity
    nextIsShared = shared
    unlessShared = SIMD4<Double>(repeating: .infinity).replacing(with: 0, where: shared)
  }

  /// Edge of the square output tile that fills what lies inside a boundary: √(capacity ÷ bytes), the tile of
  /// Hong & Kung's bound (STOC 1981). Half of a shared level, which others use too; all of a core's own
  /// levels and registers together, since accumulators stay in registers while operands pass through SRAM.
  func productTile(bytesPerElement bytes: Double) -> SIMD4<Double> {
    var tile = SIMD4<Double>(repeating: 1)
    for lane in 0..<4 {
      let inside = nextIsShared[lane] ? nextCapacity[lane] / 2 : privateCapacity(from: lane)
      tile[lane] = max(1, (inside / bytes).squareRoot())
    }
    return tile
  }

  /// Bytes of one core's levels inside boundary `lane`, registers among them.
  private func privateCapacity(from lane: Int) -> Double {
    var sum = 0.0
    for inner in lane..<max(levels, lane + 1) { sum += nextCapacity[inner] }
    return sum
  }
}

/// One instruction; the library's minimum, which tells −0 from 0, is four.
@inline(__always)
func smaller(_ a: Double, _ b: Double) -> Double { b < a ? b : a }

@inline(__always)
func larger(_ a: Double, _ b: Double) -> Double { b > a ? b : a }

/// An instruction for each register; the library's pointwise minimum is a loop.
@inline(__always)
func elementwiseMin(_ a: SIMD4<Double>, _ b: SIMD4<Double>) -> SIMD4<Double> {
  a.replacing(with: b, where: b .< a)
}

@inline(__always)
func elementwiseMax(_ a: SIMD4<Double>, _ b: SIMD4<Double>) -> SIMD4<Double> {
  a.replacing(with: b, where: b .> a)
}

@inline(__always)
func elementwiseMax(_ a: SIMD2<Double>, _ b: SIMD2<Double>) -> SIMD2<Double> {
  a.replacing(with: b, where: b .> a)
}
