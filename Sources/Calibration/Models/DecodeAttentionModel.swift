/// One query token a sequence over a paged cache: (sequence × KV head) units, keys split over idle cores.
enum DecodeAttentionModel {
  static let model = KernelModel(
    "attention_decode",
    [
      .microseconds("launch_us", "launch of the kernel", typical: 5),
      .efficiency("memory_efficiency", "memory bandwidth reached over the datasheet's", typical: 0.7),
      Parameter(
        "unit_us", "fixed cost of a wave of (sequence × KV head) units", 0.01...50, typical: 1, spread: 1),
      Parameter(
        "split_keys", "shortest slice of keys that a core works on alone", 16...8192, typical: 256, spread: 1),
      Parameter(
        "core_pull", "most that one core can pull, in multiples of its share of memory bandwidth", 0.3...8,
        typical: 2, spread: 0.5),
      Parameter("combine_us", "reduction over slices of keys", 0.01...50, typical: 2, spread: 1),
      .efficiency("compute_efficiency", "matrix rate reached over the datasheet's", typical: 0.3),
      Parameter(
        "overlap", "sharpness of the overlap of arithmetic and memory", 1...8, typical: 3, spread: 0.5),
      Parameter(
        "quantisation", "how much of the last wave's idle cores is paid for", 0.01...1, typical: 0.3,
        spread: 1),
      Parameter(
        "head_row_ns", "per query head and sequence: its query and output rows", 0.01...50, typical: 0.5,
        spread: 1),
      Parameter("edge_keys", "keys read beyond a window's edge", 1...2048, typical: 64, spread: 1),
      Parameter(
        "head_tile", "query heads that share one pass over their keys", 1...128, typical: 64, spread: 1),
      Parameter(
        "most_splits", "most slices that the keys of one unit are cut into", 1...256, typical: 64, spread: 1.5
      ),
      Parameter(
        "most_splits_ungrouped", "the same where each KV head serves one query head alone", 1...256,
        typical: 64, spread: 1.5),
    ]
  ) { shape, device, p in
    guard case .attention(let a) = shape else { return .nan }
    let keys = a.window > 0 ? min(a.keys, a.window + p[10]) : a.keys
    let group = max(1, a.queryHeads / a.kvHeads)
    let passes = max(1, group / p[11])
    let units = a.batch * a.kvHeads * passes
    let width = a.kvHeads == 1 && a.headDim > 256 ? a.headDim : a.headDim + a.valueDim
    let splits = max(1, min(keys / p[3], min(group > 1 ? p[12] : p[13], device.cores / units)))
    let parts = units * splits
    let waves = parts / device.cores
    let paid = waves + p[8] * (waves.rounded(.up) - waves)
    let share = device.memoryBytesPerSecond / device.cores
    let unitBytes = keys / splits * width * a.cacheBytes
    // Passes after the first find their keys in L2.
    let reread = (1 + (passes - 1) * device.memoryBytesPerSecond / device.l2BytesPerSecond) / passes
    let memory = max(
      paid * device.cores * unitBytes * reread / (p[1] * device.memoryBytesPerSecond),
      unitBytes * waves.rounded(.up) / (share * p[4]))
    let rows = (min(group, p[11]) / 64).rounded(.up) * 64
    let flops = paid * device.cores * rows * keys / splits * 2 * (a.headDim + a.valueDim)
    let arithmetic = flops / (p[6] * device.peak16)
    let fixed = max(1, units / device.cores) * p[2] * 1e-6 + a.batch * a.queryHeads * p[9] * 1e-9
    return (p[0] + (splits > 1.5 ? p[5] : 0)) * 1e-6
      + overlapped(overlapped(arithmetic, memory, sharpness: p[7]), fixed, sharpness: p[7])
  }
}
