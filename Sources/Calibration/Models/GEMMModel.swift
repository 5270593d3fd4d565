/// A matrix product: tiles over cores, weights and activations streamed beside the arithmetic.
enum GEMMModel {
  static let parameters: [Parameter] = [
    .microseconds("launch_us", "launch, prologue and epilogue of the kernel", typical: 2.5),
    .efficiency("compute_efficiency", "matrix rate reached by long products over the datasheet's", typical: 0.75),
    .efficiency("memory_efficiency", "memory bandwidth reached over the datasheet's", typical: 0.8),
    Parameter(
      "core_pull", "most that one core can pull, in multiples of its share of memory bandwidth", 1...8, typical: 2.5,
      spread: 0.5),
    Parameter("overlap", "sharpness of the overlap of arithmetic and memory (1: one after the other)", 1...8, typical: 3, spread: 0.5),
    Parameter("quantisation", "how much of the last wave's idle cores is paid for", 0.01...1, typical: 0.3, spread: 1),
    Parameter("k_step_ns", "latency of one 64-deep step of a tile's inner loop", 1...400, typical: 40, spread: 1),
    Parameter("l2_gain", "rate of weights resident in L2 over the memory's", 1...4, typical: 1.3, spread: 0.5),
    Parameter("throttle", "relative loss of matrix rate per tenfold length of the product", 0.001...0.5, typical: 0.03, spread: 1),
  ]

  static let plain = KernelModel("gemm", parameters) { shape, device, p in
    guard case .product(let m, let n, let k, let format) = shape else { return .nan }
    return product(m: m, n: n, k: k, format, device, p)
  }

  /// The serial kernel that narrows the 16-bit input comes first.
  static let quantised = KernelModel(
    "gemm_quantised",
    parameters + [
      .microseconds("quantise_us", "launch of the kernel that narrows the input", typical: 2),
      .efficiency("quantise_efficiency", "memory bandwidth that kernel reaches", typical: 0.5),
      Parameter("quantise_rows", "rows per core that fill memory bandwidth", 0.05...64, typical: 2, spread: 1),
    ]
  ) { shape, device, p in
    guard case .product(let m, let n, let k, let format) = shape else { return .nan }
    let bytes = m * k * (2 + format.operandBytes)
    let fill = m / (m + p[11] * device.cores)
    let quantise = p[9] * 1e-6 + bytes / (p[10] * device.memoryBytesPerSecond) + bytes / max(1, m) / (device.memoryBytesPerSecond / device.cores * 4) * (1 - fill)
    return product(m: m, n: n, k: k, format, device, p) + quantise
  }

  @inline(__always)
  static func product(
    m: Double, n: Double, k: Double, _ format: KernelFormat, _ device: DeviceQuantities, _ p: [Double]
  ) -> Double {
    let peak = device.peak(operandBytes: format.operandBytes) * p[1]
    // Rows are padded to the smallest tile; the outputs' tile halves while cores idle.
    let rowTile = m <= 16 ? 16.0 : m <= 32 ? 32.0 : m <= 64 ? 64.0 : 128.0
    let columnTile = 128.0
    let tiles = (m / rowTile).rounded(.up) * (n / columnTile).rounded(.up)
    // Split-K gives idle cores work until a slice is 256 deep.
    let splits = max(1, min((k / 256).rounded(.down), device.cores / tiles))
    let units = tiles * splits
    let waves = units / device.cores
    let whole = waves.rounded(.up)
    let paid = max(waves, 1e-9) + p[5] * (whole - waves)
    let arithmetic = paid * device.cores * 2 * rowTile * columnTile * (k / splits) / peak
    let serial = whole * (k / splits / 64) * p[6] * 1e-9
    let weights = format.weightBytes * n * k
    let others = format.operandBytes * m * k + 2 * m * n
    let resident = weights * 6 < device.l2Bytes ? p[7] : 1
    let active = min(1, units / device.cores * p[3])
    let memory = (weights / resident + others) / (p[2] * device.memoryBytesPerSecond * active)
    let slow = 1 + p[8] * max(0, logarithm(arithmetic / 1e-4) / 2.302585)
    return p[0] * 1e-6 + overlapped(max(arithmetic * slow, serial), memory, sharpness: p[4])
  }
}
