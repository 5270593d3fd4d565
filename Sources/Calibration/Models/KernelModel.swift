import Basics
import CostModel

/// What a model needs to know of a device: physical quantities only, so that parameters carry over.
public struct DeviceQuantities: Sendable, Hashable {
  public var cores, farBandwidth, sharedCapacity: Double
  public var peak32, peak16, peak8, peakInt8, peak4: Double
  public var vector, link, clock: Double

  /// - Returns: nil when the profile lacks a level or a 16-bit peak.
  public init?(_ profile: HardwareProfile) {
    guard let far = profile.levels.first, let sixteen = profile.unit(for: .bf16) else { return nil }
    cores = Double(profile.cores)
    farBandwidth = far.bytesPerSecond
    sharedCapacity = profile.levels.dropFirst().first { !$0.perCore }?.capacityBytes ?? 1
    peak16 = sixteen.flopsPerSecond
    peak32 = profile.unit(for: .fp32)?.flopsPerSecond ?? peak16
    peak8 = profile.unit(for: .fp8)?.flopsPerSecond ?? peak16
    peakInt8 = profile.unit(for: .int8)?.flopsPerSecond ?? peak16
    peak4 = profile.unit(for: .fp4)?.flopsPerSecond ?? peak8
    vector = profile.vectorFLOPsPerSecond
    clock = profile.clockHertz ?? PrefillModel.clock
    link = profile.links.map(\.bytesPerSecond).max() ?? 1e10
  }

  func peak(_ dtype: String) -> Double {
    switch NumberFormat(name: dtype) {
    case .fp32: peak32
    case .fp8, .fp8Block: peak8
    case .int8: peakInt8
    case .nvfp4, .mxfp4: peak4
    default: peak16
    }
  }
}

/// One fitted number: what it means, where it starts, and what is physical.
public struct Parameter: Sendable, Hashable {
  public var name: String
  public var meaning: String
  public var initial, low, high: Double

  init(_ name: String, _ meaning: String, _ initial: Double, _ low: Double, _ high: Double) {
    self.name = name
    self.meaning = meaning
    self.initial = initial
    self.low = low
    self.high = high
  }
}

/// A kernel's time from few parameters.
public protocol KernelModel: Sendable {
  var parameters: [Parameter] { get }
  /// Seconds of each shape; `p` in the order of `parameters`.
  func seconds(_ p: [Double], _ shapes: [KernelShape], on device: DeviceQuantities) -> [Double]
}

public enum KernelModels {
  public static func model(for group: RunGroup) -> any KernelModel {
    switch group.kernel {
    case .gemm: MatrixProductModel(dtype: group.dtype)
    case .attentionPrefill, .latentPrefill: PrefillModel(dtype: group.dtype, cacheDtype: group.cacheDtype)
    case .attentionDecode: DecodeModel(cacheDtype: group.cacheDtype)
    case .latentDecode: LatentDecodeModel(cacheDtype: group.cacheDtype)
    case .mixture: MixtureModel(dtype: group.dtype)
    case .rmsNorm, .siluMul, .rope: RowwiseModel(kernel: group.kernel)
    case .residualAdd, .quantiseFP8: ElementwiseModel(kernel: group.kernel)
    case .allReduce where !group.framework.hasPrefix("nccl"): FusedAllReduceModel()
    case .allReduce, .allGather, .reduceScatter, .allToAll: CollectiveModel(kernel: group.kernel)
    case .forwardPass: ForwardPassModel()
    }
  }
}

/// Bytes an element of a named format, scales included.
func storedBytes(_ dtype: String) -> Double {
  NumberFormat(name: dtype)?.bytesPerElement ?? 2
}

/// a and b overlapping: p = 1 one after the other, p → ∞ the longer alone.
@inline(__always)
func overlapped(_ a: Double, _ b: Double, _ p: Double) -> Double {
  let most = max(a, b)
  guard most > 0 else { return 0 }
  return most * power(1 + power(min(a, b) / most, p), 1 / p)
}

/// The least of several times, so that a fit can see past the one in use: a norm of exponent −32, which takes 2 % off
/// two equal ones.
struct SoftMinimum {
  let reference: Double
  private var sum = 0.0

  /// - Parameter reference: one of the times, near the least.
  init(_ reference: Double) { self.reference = reference }

  /// Times beyond this add less than 3e-6.
  var negligible: Double { 1.5 * reference }
  var value: Double { sum > 0 ? reference * power(sum, -1 / 32) : reference }

  @inline(__always)
  mutating func add(_ time: Double) {
    let ratio = reference / time
    let fourth = ratio * ratio * ratio * ratio
    let sixteenth = fourth * fourth * fourth * fourth
    sum += sixteenth * sixteenth
  }
}

/// Bytes that mostly stay in the shared level when they fit, which serves each core so many a clock.
@inline(__always)
func cachedSeconds(
  _ bytes: Double, on device: DeviceQuantities, efficiency: Double, bytesPerClock: Double, share: Double
) -> Double {
  let fill = bytes / (share * device.sharedCapacity)
  let hit = 1 / (1 + fill * fill * fill * fill)
  let far = bytes / (device.farBandwidth * efficiency)
  return min(far, bytes / (device.cores * device.clock * bytesPerClock)) * hit + far * (1 - hit)
}
