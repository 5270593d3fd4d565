import CostModel

/// An eager framework's operator on whole tensors: bytes, from the shared level where they fit, beside the arithmetic of
/// the one that has more than bytes, raising to a power.
struct TensorModel: KernelModel {
  struct Parameters: ParameterVector {
    var launchSeconds = 3e-5
    var bandwidthEfficiency = 0.8
    var cachedBytesPerClock = 14.0
    var cachedShare = 0.8
    var powerOperations = 100.0

    static let table: [ParameterEntry<Self>] =
      [
        .init(
          \.launchSeconds, "launch_seconds", "launching and ending the kernel, on the host too", 2e-7...2e-4),
        .init(\.bandwidthEfficiency, "bandwidth_efficiency", "share of far memory's bandwidth", 0.1...1),
        .init(
          \.cachedBytesPerClock, "cached_bytes_per_clock", "what the shared level gives a core a clock",
          2...64),
        .init(\.cachedShare, "cached_share", "share of the shared level that holds it", 0.2...2),
        .init(
          \.powerOperations, "power_operations", "of vector units, that raising an element to a power takes",
          5...1000),
      ]
  }

  private let p: Parameters
  private let device: DeviceQuantities
  private let bytes: Double

  init(_ p: Parameters, for group: RunGroup, on device: DeviceQuantities) {
    self.p = p
    self.device = device
    bytes = group.format.bytes
  }

  func seconds(_ shape: RunShape) -> Double {
    let call = shape.rows
    let moving = cachedSeconds(
      call.rows * bytes * (call.readWidth + call.writeWidth), on: device, efficiency: p.bandwidthEfficiency,
      bytesPerClock: p.cachedBytesPerClock, share: p.cachedShare)
    guard shape.raises else { return p.launchSeconds + moving }
    let raising = 2 * p.powerOperations * call.rows * call.writeWidth / device.vector
    return p.launchSeconds + overlapped(moving, raising, 4)
  }

  /// The shared level's share and rate are hardly told by kernels that are longer than the host's launch.
  static func sharedStrength(of kernel: KernelClass) -> Double { 0.2 }
}
