/// Norms and element-wise kernels: one thread block a row, so few rows starve the memory.
enum RowsModel {
  static let model = KernelModel(
    "rows",
    [
      .microseconds("launch_us", "launch of the kernel", typical: 3),
      .efficiency("memory_efficiency", "memory bandwidth reached over the datasheet's", typical: 0.7),
      Parameter(
        "row_ns", "one block's latency for a row, apart from its bytes", 1...20000, typical: 700, spread: 1),
      Parameter(
        "block_bytes_per_ns", "rate at which one block gets through its row", 1...2000, typical: 15, spread: 1
      ),
      Parameter("blocks_per_core", "rows that a core works on at once", 1...32, typical: 6, spread: 0.5),
      Parameter("l2_gain", "rate of rows resident in L2 over the memory's", 1...5, typical: 1.5, spread: 0.5),
      Parameter("overlap", "sharpness of the overlap of latency and memory", 1...8, typical: 2, spread: 0.5),
    ]
  ) { shape, device, p in
    guard case .rows(let rows, let read, let written) = shape else { return .nan }
    let bytes = rows * (read + written)
    let resident = device.l2Bytes > 0 ? 1 / (1 + power(bytes / device.l2Bytes, 2)) : 0
    let rate = p[1] * device.memoryBytesPerSecond * (1 + (p[5] - 1) * resident)
    let waves = max(1, rows / (device.cores * p[4]))
    let row = p[2] + (read + written) / p[3] * (1.83e9 / device.clockHertz)
    return p[0] * 1e-6 + overlapped(bytes / rate, waves * row * 1e-9, sharpness: p[6])
  }
}
