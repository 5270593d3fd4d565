/// Causal attention over a prompt in tiles of 128 queries: products and softmax of whole tiles, the longest tile's excess
/// over the mean, then the serial write of the cache.
struct PrefillModel: KernelModel {
  let dtype, cacheDtype: String

  let parameters = [
    Parameter("launch_seconds", "launching and ending the kernel", 1e-5, 5e-7, 5e-5),
    Parameter("compute_efficiency", "share of the dense peak in the products", 0.65, 0.05, 1),
    Parameter(
      "softmax_seconds", "one core's time for the softmax of 128 × 128 scores, at 1.83 GHz", 2e-7, 5e-9,
      3e-6),
    Parameter("bandwidth_efficiency", "share of far memory's bandwidth", 0.9, 0.05, 1),
    Parameter(
      "overlap", "1: products, softmax and memory one after the other; large: the longest alone", 1.3, 1, 8),
    Parameter("block_seconds", "fixed time of a block of queries on its core", 1.5e-6, 2e-8, 2e-5),
    Parameter(
      "cache_write_efficiency", "share of bandwidth in the serial write of keys and values", 0.9, 0.02, 1),
    Parameter("token_seconds", "what that write costs a token however few its heads", 3e-10, 1e-12, 1e-7),
    Parameter(
      "imbalance", "share of the longest block's excess over the mean that is waited for", 0.5, 0.01, 1),
    Parameter("edge_keys", "masked keys that a query computes at each edge of the mask", 60, 8, 512),
  ]

  static let tile = 128.0
  static let clock = 1.83e9

  func seconds(_ p: [Double], _ shapes: [KernelShape], on device: DeviceQuantities) -> [Double] {
    let tile = Self.tile
    let cacheBytes = storedBytes(cacheDtype)
    let operandBytes = storedBytes(dtype)
    let peak = device.peak(dtype) * p[1]
    return shapes.map { shape in
      let queries = shape.queries
      let blocks = (queries / tile).rounded(.up)
      let units = shape.batch * shape.heads * blocks
      let span = shape.window > 0 ? min(queries, shape.window) : queries
      // Whole tiles are computed: part of a diagonal one in vain, and a window touches one more.
      let edges = span < queries ? 2.0 : 1
      let allowed = span * (span + 1) / 2 + (queries - span) * span
      let pairs = min(max(16, queries) * queries, allowed + queries * edges * p[9])
      let rows = min(tile, max(16, queries))
      let work = shape.batch * shape.heads * pairs * max(1, rows * blocks / queries)
      let longest = min(span + tile, queries + tile / 2) * rows
      let mean = work / device.cores
      let core = max(work / min(device.cores, units), mean + p[8] * max(0, longest - mean))
      let values = shape.headDim == 192 ? 128 : shape.headDim
      let widths = shape.headDim + values
      let products = core * 2 * widths * device.cores / peak
      let softmax = core / (tile * tile) * p[2] * Self.clock / device.clock
      let stored = shape.batch * queries * shape.keyValueHeads * widths
      let bytes = operandBytes * (shape.batch * queries * shape.heads * widths + stored)
      let memory = bytes / (p[3] * device.farBandwidth)
      let write = stored * (2 + cacheBytes) / (p[6] * device.farBandwidth) + shape.batch * queries * p[7]
      return p[0] + overlapped(overlapped(products, softmax, p[4]), memory, p[4])
        + (units / device.cores).rounded(.up) * p[5] + write
    }
  }
}
