/// A matrix product: tiles over cores, weights and activations streamed beside the arithmetic.
enum GEMMModel {
  static let parameters: [Parameter] = [
    .microseconds("launch_us", "launch, prologue and epilogue of the kernel", typical: 2.5),
    .efficiency(
      "compute_efficiency", "matrix rate reached by long products over the datasheet's", typical: 0.75),
    .efficiency("memory_efficiency", "memory bandwidth reached over the datasheet's", typical: 0.8),
    Parameter(
      "core_pull", "most that one core can pull, in multiples of its share of memory bandwidth", 1...8,
      typical: 2.5,
      spread: 0.5),
    Parameter(
      "overlap", "sharpness of the overlap of arithmetic and memory (1: one after the other)", 1...8,
      typical: 3, spread: 0.5),
    Parameter(
      "quantisation", "how much of the last wave's idle cores is paid for", 0.01...1, typical: 0.3, spread: 1),
    Parameter(
      "k_step_ns", "latency of one 64-deep step of a tile's inner loop", 1...400, typical: 40, spread: 1),
    Parameter(
      "l2_gain", "rate of weights resident in L2 over the memory's", 1...4, typical: 1.3, spread: 0.5),
    Parameter(
      "throttle", "relative loss of matrix rate per tenfold length of the product", 0.001...0.5,
      typical: 0.03, spread: 1),
    Parameter(
      "slice_k", "shortest slice of the inner dimension that a core works on alone (split-K)", 64...65536,
      typical: 2048, spread: 2),
    Parameter(
      "tile_starvation", "extra time of a 64-wide tile for its operands, rows and columns alike", 0.001...2,
      typical: 0.1, spread: 1),
    Parameter(
      "fixed_tile", "how far the library keeps to one tile of 256 rows instead of the best (exponent)",
      0.001...1, typical: 0.1, spread: 1.5),
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
      Parameter(
        "quantise_rows", "rows per core that fill memory bandwidth", 0.05...64, typical: 2, spread: 1),
    ]
  ) { shape, device, p in
    guard case .product(let m, let n, let k, let format) = shape else { return .nan }
    let bytes = m * k * (2 + format.operandBytes)
    let fill = m / (m + p[14] * device.cores)
    let quantise =
      p[12] * 1e-6 + bytes / (p[13] * device.memoryBytesPerSecond) + bytes / max(1, m)
      / (device.memoryBytesPerSecond / device.cores * 4) * (1 - fill)
    return product(m: m, n: n, k: k, format, device, p) + quantise
  }

  @inline(__always)
  static func product(
    m: Double, n: Double, k: Double, _ format: KernelFormat, _ device: DeviceQuantities, _ p: [Double]
  ) -> Double {
    let peak = device.peak(operandBytes: format.operandBytes) * p[1]
    let weights = format.weightBytes * n * k
    let others = format.operandBytes * m * k + 2 * m * n
    let resident = weights * 6 < device.l2Bytes ? p[7] : 1
    let bytes = weights / resident + others
    // The library picks the tile: rows padded to the smallest that holds them, or one of three sizes.
    let rowTiles: ClosedRange<Int> = m <= 16 ? 4...4 : m <= 32 ? 5...5 : m <= 64 ? 6...6 : 6...8
    var best = Double.infinity
    var standard = Double.infinity
    let usualRow = m <= 16 ? 4 : m <= 32 ? 5 : m <= 64 ? 6 : m <= 128 ? 7 : 8
    for rowBits in rowTiles {
      for columnBits in 6...8 where rowBits + columnBits < 16 {
        let rowTile = Double(1 << rowBits)
        let columnTile = Double(1 << columnBits)
        let tiles = (m / rowTile).rounded(.up) * (n / columnTile).rounded(.up)
        // Split-K gives idle cores work until a slice is as short as it may be.
        let splits = max(1, min(k / p[9], device.cores / tiles))
        let units = tiles * splits
        let waves = units / device.cores
        let whole = waves.rounded(.up)
        let paid = waves + p[5] * (whole - waves)
        // Operands enter a tile once per row and column: small tiles starve the matrix unit.
        let starved = 1 + p[10] * (64 / rowTile + 64 / columnTile)
        let arithmetic =
          paid * device.cores * 2 * max(64, rowTile) * columnTile * (k / splits) * starved / peak
        let serial = whole * (k / splits / 64) * p[6] * 1e-9
        let memory = bytes / (p[2] * device.memoryBytesPerSecond * min(1, waves * p[3]))
        let slow = 1 + p[8] * logarithm(1 + arithmetic / 1e-5) / 2.302585
        let seconds = overlapped(max(arithmetic * slow, serial), memory, sharpness: p[4])
        best = min(best, seconds)
        if rowBits == usualRow && columnBits == 7 { standard = seconds }
      }
    }
    return p[0] * 1e-6 + best * power(standard / best, p[11])
  }
}
