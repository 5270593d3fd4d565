import CostModel

/// Kernels that give each row a block of threads: waves of blocks over the cores, beside the bytes, which mostly stay in
/// the shared level when they fit.
struct RowwiseModel: KernelModel {
  struct Parameters: ParameterVector {
    var launchSeconds = 1e-6
    var bandwidthEfficiency = 0.6
    var cachedBytesPerClock = 14.0
    var blockSeconds = 7e-7
    var rowSeconds = 4e-6
    var waveShare = 0.8

    static let table: [ParameterEntry<Self>] =
      [
        .init(\.launchSeconds, "launch_seconds", "launching and ending the kernel", 1e-7...1e-5),
        .init(\.bandwidthEfficiency, "bandwidth_efficiency", "share of far memory's bandwidth", 0.1...1),
        .init(
          \.cachedBytesPerClock, "cached_bytes_per_clock", "what the shared level gives a core a clock",
          2...64),
        .init(\.blockSeconds, "block_seconds", "fixed time of a row's block", 2e-7...2e-6),
        .init(\.rowSeconds, "row_seconds", "time of 8,192 elements of one row", 1e-7...4e-5),
        .init(
          \.waveShare, "wave_share", "share of the last, partly filled wave of blocks that is lost", 0.1...1),
      ]
  }

  private let p: Parameters
  private let device: DeviceQuantities
  private let kernel: KernelClass
  private let bytesPerElement: Double

  init(_ p: Parameters, for group: RunGroup, on device: DeviceQuantities) {
    self.p = p
    self.device = device
    kernel = group.kernel
    bytesPerElement = group.bytesPerElement
  }

  /// 1,024 threads a row, 512 for rotary positions, of the 2,048 that a core holds.
  private var blocksPerCore: Double { kernel == .rope ? 4 : 2 }

  func seconds(_ call: RowsCall) -> Double {
    let waves = call.rows / (blocksPerCore * device.cores)
    let slots = waves <= 1 ? 1 : waves + p.waveShare * (waves.rounded(.up) - waves)
    let bytes = call.rows * call.width * bytesPerElement
    let memory = cachedSeconds(
      bytes, on: device, efficiency: p.bandwidthEfficiency, bytesPerClock: p.cachedBytesPerClock, share: 0.8)
    return p.launchSeconds
      + overlapped((p.blockSeconds + p.rowSeconds * call.width / 8192) * slots, memory, 2)
  }

  func seconds(_ shape: RunShape) -> Double { seconds(shape.rows) }

  static func effects(of kernel: KernelClass) -> [Effect<Parameters>] {
    kernel != .rmsNorm
      ? []
      : [
        Effect("waves of blocks", [(\.blockSeconds, 2e-7), (\.rowSeconds, 1e-7)]),
        Effect("the last wave", [(\.waveShare, 0.1)]),
        Effect("the shared level", [(\.cachedBytesPerClock, 2)]),
      ]
  }
}

/// Kernels that cut their elements evenly whatever the rows: few elements starve the bandwidth.
struct ElementwiseModel: KernelModel {
  struct Parameters: ParameterVector {
    var launchSeconds = 2e-6
    var bandwidthEfficiency = 0.8
    var cachedBytesPerClock = 14.0
    var cachedShare = 0.8
    var rowSeconds = 1e-6
    var rowsPerCore = 0.5

    static let table: [ParameterEntry<Self>] =
      [
        .init(\.launchSeconds, "launch_seconds", "launching and ending the kernel", 2e-7...2e-4),
        .init(\.bandwidthEfficiency, "bandwidth_efficiency", "share of far memory's bandwidth", 0.1...1),
        .init(
          \.cachedBytesPerClock, "cached_bytes_per_clock", "what the shared level gives a core a clock",
          2...64),
        .init(\.cachedShare, "cached_share", "share of the shared level that holds it", 0.2...2),
        .init(\.rowSeconds, "row_seconds", "fixed time of 8,192 elements of a row", 1e-8...2e-5),
        .init(\.rowsPerCore, "rows_per_core", "blocks that fill a core, inverted", 0.01...4),
      ]
  }

  let p: Parameters
  private let device: DeviceQuantities
  private let bytesPerElement: Double

  init(_ p: Parameters, for group: RunGroup, on device: DeviceQuantities) {
    self.p = p
    self.device = device
    bytesPerElement = group.bytesPerElement
  }

  func seconds(_ call: RowsCall) -> Double {
    let busy = max(1e-4, min(1, call.rows * p.rowsPerCore / device.cores))
    let moving = cachedSeconds(
      call.rows * call.width * bytesPerElement, on: device, efficiency: p.bandwidthEfficiency,
      bytesPerClock: p.cachedBytesPerClock, share: p.cachedShare)
    return p.launchSeconds + moving / busy + p.rowSeconds * call.width / 8192
  }

  func seconds(_ shape: RunShape) -> Double { seconds(shape.rows) }
}

extension RunGroup {
  /// Of the row: reads and writes of 16 bits, or of the group's own 32.
  fileprivate var bytesPerElement: Double {
    let of16 =
      switch kernel {
      case .residualAdd: 6.0
      case .siluMul, .quantizeFP8: 3.0
      default: 4.0
      }
    return format.number == .fp32 ? 2 * of16 : of16
  }
}
