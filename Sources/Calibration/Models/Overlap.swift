import Basics

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

  @inline(__always)
  mutating func add(_ times: Lanes, where counted: SIMDMask<Lanes.MaskStorage>) {
    let ratio = reference / times
    let square = ratio * ratio
    let fourth = square * square
    let eighth = fourth * fourth
    let sixteenth = eighth * eighth
    sum += (sixteenth * sixteenth).replacing(with: 0, where: .!counted).sum()
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
