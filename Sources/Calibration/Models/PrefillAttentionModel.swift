/// Causal attention over a prompt: tiles of 128 queries, products and softmax, then the cache write.
enum PrefillAttentionModel {
  static let model = KernelModel(
    "attention_prefill",
    [
      .microseconds("launch_us", "launch of the kernel", typical: 5),
      .efficiency("compute_efficiency", "matrix rate reached over the datasheet's", typical: 0.6),
      Parameter(
        "softmax_ns", "one core's time for the softmax of 128 × 128 scores", 5...3000, typical: 150, spread: 1
      ),
      .efficiency("memory_efficiency", "memory bandwidth reached over the datasheet's", typical: 0.6),
      Parameter(
        "overlap", "sharpness of the overlap of products, softmax and memory", 1...8, typical: 2, spread: 0.5),
      Parameter("tile_us", "fixed cost of a tile of queries on a core", 0.02...20, typical: 1, spread: 1),
      .efficiency("cache_write_efficiency", "memory bandwidth of the serial cache write", typical: 0.4),
      Parameter(
        "cache_write_ns_per_token", "cost of a token's cache slot spread over the cores", 0.001...100,
        typical: 0.3, spread: 1.5),
      Parameter(
        "imbalance", "how much of the longest tile's excess over the mean is paid for", 0.01...1,
        typical: 0.4, spread: 1),
      Parameter(
        "edge_keys", "masked keys computed per query at each edge of the mask", 8...512, typical: 64,
        spread: 0.5),
    ]
  ) { shape, device, p in
    guard case .attention(let a) = shape else { return .nan }
    let tile = 128.0
    let blocks = (a.queries / tile).rounded(.up)
    let units = a.batch * a.queryHeads * blocks
    let span = a.window > 0 ? min(a.keys, a.window) : a.keys
    // Whole tiles are computed: half of a diagonal tile is wasted, and a window touches one tile more.
    let tileRows = min(tile, max(16, a.queries))
    let edges = span < a.keys ? 2.0 : 1.0
    let pairs = min(
      max(16, a.keys) * a.queries,
      causalPairs(queries: a.queries, keys: a.keys, span: span) + a.queries * edges * p[9])
    let work =
      a.batch * a.queryHeads * pairs * (tileRows * blocks / a.queries > 1 ? tileRows * blocks / a.queries : 1)
    let busy = min(device.cores, units)
    let longest = min(span + tile, a.keys + tile / 2) * tileRows
    let mean = work / device.cores
    let perCore = max(work / busy, mean + p[8] * max(0, longest - mean))
    let products =
      perCore * 2 * (a.headDim + a.valueDim) * device.cores
      / (p[1] * device.peak(operandBytes: a.operandBytes))
    let softmax = perCore / (tile * tile) * p[2] * 1e-9 * (1.83e9 / device.clockHertz)
    let kvElements = a.batch * a.keys * a.kvHeads * (a.headDim + a.valueDim)
    let bytes = a.operandBytes * (a.batch * a.queries * a.queryHeads * (a.headDim + a.valueDim) + kvElements)
    let memory = bytes / (p[3] * device.memoryBytesPerSecond)
    let write =
      kvElements * (2 + a.cacheBytes) / (p[6] * device.memoryBytesPerSecond)
      + a.batch * a.keys * p[7] * 1e-9
    let core = overlapped(overlapped(products, softmax, sharpness: p[4]), memory, sharpness: p[4])
    return p[0] * 1e-6 + core + (units / device.cores).rounded(.up) * p[5] * 1e-6 + write
  }

  /// (query, key) pairs under a causal mask of width `span`; the queries are the last of the keys.
  static func causalPairs(queries: Double, keys: Double, span: Double) -> Double {
    let first = keys - queries + 1
    if first >= span { return queries * span }
    let growing = min(queries, span - first + 1)
    return growing * (2 * first + growing - 1) / 2 + (queries - growing) * span
  }
}
