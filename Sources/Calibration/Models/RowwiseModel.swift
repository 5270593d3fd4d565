/// Kernels that give each row a block of threads: waves of blocks over the cores, beside the bytes, which mostly stay in
/// the shared level when they fit.
struct RowwiseModel: KernelModel {
  let kernel: Kernel

  let parameters = [
    Parameter("launch_seconds", "launching and ending the kernel", 1e-6, 1e-7, 1e-5),
    Parameter("bandwidth_efficiency", "share of far memory's bandwidth", 0.6, 0.1, 1),
    Parameter("cached_bytes_per_clock", "what the shared level gives a core a clock", 14, 2, 64),
    Parameter("block_seconds", "fixed time of a row's block", 7e-7, 2e-7, 2e-6),
    Parameter("row_seconds", "time of 8,192 elements of one row", 4e-6, 1e-7, 4e-5),
    Parameter("wave_share", "share of the last, partly filled wave of blocks that is lost", 0.8, 0.1, 1),
  ]

  /// Bytes an element of the row: 16-bit reads and writes.
  static func bytesPerElement(_ kernel: Kernel) -> Double {
    switch kernel {
    case .residualAdd: 6
    case .siluMul, .quantiseFP8: 3
    default: 4
    }
  }

  /// 1,024 threads a row, 512 for rotary positions, of the 2,048 that a core holds.
  private var blocksPerCore: Double { kernel == .rope ? 4 : 2 }

  func seconds(_ p: [Double], _ shapes: [KernelShape], on device: DeviceQuantities) -> [Double] {
    shapes.map { shape in
      let waves = shape.m / (blocksPerCore * device.cores)
      let slots = waves <= 1 ? 1 : waves + p[5] * (waves.rounded(.up) - waves)
      let bytes = shape.m * shape.k * Self.bytesPerElement(kernel)
      let memory = cachedSeconds(bytes, on: device, efficiency: p[1], bytesPerClock: p[2], share: 0.8)
      return p[0] + overlapped((p[3] + p[4] * shape.k / 8192) * slots, memory, 2)
    }
  }
}

/// Kernels that cut their elements evenly whatever the rows: few elements starve the bandwidth.
struct ElementwiseModel: KernelModel {
  let kernel: Kernel

  let parameters = [
    Parameter("launch_seconds", "launching and ending the kernel", 2e-6, 2e-7, 2e-5),
    Parameter("bandwidth_efficiency", "share of far memory's bandwidth", 0.8, 0.1, 1),
    Parameter("cached_bytes_per_clock", "what the shared level gives a core a clock", 14, 2, 64),
    Parameter("cached_share", "share of the shared level that holds it", 0.8, 0.2, 2),
    Parameter("row_seconds", "fixed time of 8,192 elements of a row", 1e-6, 1e-8, 2e-5),
    Parameter("rows_per_core", "blocks that fill a core, inverted", 0.5, 0.01, 4),
  ]

  func seconds(_ p: [Double], _ shapes: [KernelShape], on device: DeviceQuantities) -> [Double] {
    shapes.map { shape in
      let bytes = shape.m * shape.k * RowwiseModel.bytesPerElement(kernel)
      let busy = max(1e-4, min(1, shape.m * p[5] / device.cores))
      return p[0] + cachedSeconds(bytes, on: device, efficiency: p[1], bytesPerClock: p[2], share: p[3])
        / busy
        + p[4] * shape.k / 8192
    }
  }
}
