/// Causal attention over a prompt in tiles of 128 queries: products, softmax that does not shrink with the head's
/// width, blocks over cores with the longest one last, and the serial write of the cache.
struct PrefillModel: KernelModel {
  let dtype, cacheDtype: String

  let parameters = [
    Parameter("launch_seconds", "launching and ending the kernel", 5e-6, 5e-7, 5e-5),
    Parameter("compute_efficiency", "share of the dense peak in the products", 0.7, 0.05, 1),
    Parameter("softmax_efficiency", "share of the vector peak, 8 FLOPs a pair", 0.5, 0.02, 1),
    Parameter("bandwidth_efficiency", "share of far memory's bandwidth", 0.7, 0.05, 1),
    Parameter("cache_write_efficiency", "share of it in the serial write of keys and values", 0.5, 0.02, 1),
    Parameter("block_seconds", "fixed time of a block of queries on its core", 1e-7, 1e-9, 2e-5),
    Parameter("tail_share", "share of the longest block that waits at the end", 0.5, 0.01, 4),
    Parameter("overlap", "1: compute and memory one after the other; large: the longer alone", 3, 1, 8),
    Parameter("window_extra_keys", "keys beyond the window that a block's tiles touch", 128, 1, 512),
    Parameter(
      "token_seconds", "what the cache's write costs a token however few its heads", 1e-9, 1e-12, 1e-7),
  ]

  static let tile = 128.0

  func seconds(_ p: [Double], _ shapes: [KernelShape], on device: DeviceQuantities) -> [Double] {
    let tile = Self.tile
    let cacheBytes = storedBytes(cacheDtype)
    let peak = device.peak(dtype) * p[1]
    let vector = device.vector * p[2]
    return shapes.map { shape in
      let blocks = (shape.queries / tile).rounded(.up)
      var cap = blocks * tile
      if shape.window > 0 { cap = min(cap, shape.window + p[8]) }
      // Σ over blocks of the keys they walk over: i·tile, at most `cap`.
      let growing = max(0, min(blocks, (cap / tile).rounded(.down)))
      let pairs = tile * (tile * growing * (growing + 1) / 2 + (blocks - growing) * cap)
      let perHead = shape.batch * shape.heads
      let values = shape.headDim == 192 ? 128 : shape.headDim
      let widths = shape.headDim + values
      let waves = perHead * blocks / device.cores
      let work = 2 * perHead * pairs * widths / peak + perHead * pairs * 8 / vector + waves * p[5]
      let longest = (2 * tile * cap * widths / peak + tile * cap * 8 / vector) * device.cores
      var compute = max(work / min(1, waves), longest)
      if waves > 1 { compute += p[6] * longest / 2 }
      let width = shape.heads * shape.headDim
      let stored = shape.keyValueHeads * shape.headDim
      let tokens = shape.batch * shape.queries
      let memory = 4 * tokens * (width + stored) / (device.farBandwidth * p[3])
      let write = 2 * tokens * stored * (2 + cacheBytes) / (device.farBandwidth * p[4])
      return p[0] + overlapped(compute, memory, p[7]) + write + tokens * p[9]
    }
  }
}
