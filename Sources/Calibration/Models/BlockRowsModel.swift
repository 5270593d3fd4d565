import Basics
import CostModel

/// Frameworks' own softmax and layer norm, a block of threads a row: passes over the rows that live on the cores, of which
/// the first read and the write cross far memory, the others as well once what lives outgrows the shared level. A short
/// row of a softmax stays in registers.
struct BlockRowsModel: KernelModel {
  struct Parameters: ParameterVector {
    var launchSeconds = 3e-5
    var bandwidthEfficiency = 0.8
    var cachedBytesPerClock = 20.0
    var overlap = 2.0
    var spillExponent = 3.0
    var blockSeconds = 1e-6

    static let table: [ParameterEntry<Self>] =
      [
        .init(
          \.launchSeconds, "launch_seconds", "launching and ending the kernel, on the host too", 5e-7...2e-4),
        .init(\.bandwidthEfficiency, "bandwidth_efficiency", "share of far memory's bandwidth", 0.1...1),
        .init(
          \.cachedBytesPerClock, "cached_bytes_per_clock", "what the shared level gives a core a clock",
          2...100),
        .init(
          \.overlap, "overlap", "1: near and far one after the other; large: the longer alone", 1...8),
        .init(
          \.spillExponent, "spill_exponent", "how suddenly rows no longer fit the shared level", 1...6),
        .init(\.blockSeconds, "block_seconds", "fixed time of a row's block on its core", 1e-8...2e-5),
      ]
  }

  /// Elements that threads of a warp hold in registers (PyTorch's `softmax_warp_forward`).
  private static let registerElements = 1024.0
  /// Bytes of rows on a core: 2,048 threads of 8 elements, or half a dozen whole rows.
  private static let leastLiving = 65_536.0, rowsLiving = 4.0
  private static let blocksPerCore = 4.0
  /// Of the shared level that living rows fit into, streams passing by: fitted over few devices it means nothing.
  private static let capacityShare = 2.0

  private let p: Parameters
  private let device: DeviceQuantities
  private let bytes: Double
  /// Reads and writes of every element.
  private let passes: Double
  private let hasShort: Bool

  init(_ p: Parameters, for group: RunGroup, on device: DeviceQuantities) {
    self.p = p
    self.device = device
    bytes = group.format.bytes
    (passes, hasShort) = group.kernel == .softmax ? (4, true) : (3, false)
  }

  func seconds(_ call: RowsCall) -> Double {
    let moved = call.rows * call.width * bytes
    let farRate = device.farBandwidth * p.bandwidthEfficiency
    if hasShort, call.width <= Self.registerElements { return p.launchSeconds + 2 * moved / farRate }
    let living = device.cores * max(Self.leastLiving, Self.rowsLiving * call.width * bytes)
    let fill = power(living / (Self.capacityShare * device.sharedCapacity), p.spillExponent)
    let far = moved * (2 + (passes - 2) * fill / (1 + fill)) / farRate
    let near = moved * passes / (device.cores * device.clock * p.cachedBytesPerClock)
    let blocks = p.blockSeconds * max(1, call.rows / (device.cores * Self.blocksPerCore))
    return p.launchSeconds + overlapped(overlapped(near, far, p.overlap), blocks, 2)
  }

  func seconds(_ shape: RunShape) -> Double { seconds(shape.rows) }

  /// The shared level and how rows outgrow it trade against each other.
  static func sharedStrength(of kernel: KernelClass) -> Double { 0.2 }
}
