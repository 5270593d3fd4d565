import CostModel

/// Causal attention over a prompt in tiles of 128 queries: products and softmax of whole tiles, the longest tile's excess
/// over the mean, then the serial write of the cache.
struct PrefillModel: KernelModel {
  struct Parameters: ParameterVector {
    var launchSeconds = 1e-5
    var computeEfficiency = 0.65
    var softmaxSeconds = 2e-7
    var bandwidthEfficiency = 0.9
    var overlap = 1.3
    var blockSeconds = 1.5e-6
    var cacheWriteEfficiency = 0.9
    var tokenSeconds = 3e-10
    var imbalance = 0.5
    var edgeKeys = 60.0

    static let table: [ParameterEntry<Self>] =
      [
        .init(\.launchSeconds, "launch_seconds", "launching and ending the kernel", 5e-7...5e-5),
        .init(\.computeEfficiency, "compute_efficiency", "share of the dense peak in the products", 0.05...1),
        .init(
          \.softmaxSeconds, "softmax_seconds",
          "one core's time for the softmax of 128 × 128 scores, at 1.83 GHz", 5e-9...3e-6),
        .init(\.bandwidthEfficiency, "bandwidth_efficiency", "share of far memory's bandwidth", 0.05...1),
        .init(
          \.overlap, "overlap",
          "1: products, softmax and memory one after the other; large: the longest alone", 1...8),
        .init(\.blockSeconds, "block_seconds", "fixed time of a block of queries on its core", 2e-8...2e-5),
        .init(
          \.cacheWriteEfficiency, "cache_write_efficiency",
          "share of bandwidth in the serial write of keys and values", 0.02...1),
        .init(
          \.tokenSeconds, "token_seconds", "what that write costs a token however few its heads", 1e-12...1e-7
        ),
        .init(
          \.imbalance, "imbalance", "share of the longest block's excess over the mean that is waited for",
          0.01...1),
        .init(\.edgeKeys, "edge_keys", "masked keys that a query computes at each edge of the mask", 8...512),
      ]
  }

  private let p: Parameters
  private let device: DeviceQuantities
  private let peak, operandBytes, cacheBytes: Double

  init(_ p: Parameters, for group: RunGroup, on device: DeviceQuantities) {
    self.p = p
    self.device = device
    peak = device.peak(group.format.number) * p.computeEfficiency
    operandBytes = group.format.bytes
    cacheBytes = group.cache.bytes
  }

  private static let tile = 128.0

  /// Of the prompt by itself: what stands in the cache before it is the caller's to add.
  func seconds(_ call: AttentionCall) -> Double {
    let tile = Self.tile
    let queries = call.queries
    let blocks = (queries / tile).rounded(.up)
    let units = call.sequences * call.heads * blocks
    let span = min(queries, call.mostKeys)
    // Whole tiles are computed: part of a diagonal one in vain, and a window touches one more.
    let edges = span < queries ? 2.0 : 1
    let allowed = span * (span + 1) / 2 + (queries - span) * span
    let pairs = min(max(16, queries) * queries, allowed + queries * edges * p.edgeKeys)
    let rows = min(tile, max(16, queries))
    let work = call.sequences * call.heads * pairs * max(1, rows * blocks / queries)
    let longest = min(span + tile, queries + tile / 2) * rows
    let mean = work / device.cores
    let core = max(work / min(device.cores, units), mean + p.imbalance * max(0, longest - mean))
    let widths = call.keyWidth + call.valueWidth
    let products = core * 2 * widths * device.cores / peak
    let softmax = core / (tile * tile) * p.softmaxSeconds * DeviceQuantities.usualClock / device.clock
    let stored = call.sequences * queries * call.storedHeads * widths
    let bytes = operandBytes * (call.sequences * queries * call.heads * widths + stored)
    let memory = bytes / (p.bandwidthEfficiency * device.farBandwidth)
    let write =
      stored * (2 + cacheBytes) / (p.cacheWriteEfficiency * device.farBandwidth) + call.sequences * queries
      * p.tokenSeconds
    return p.launchSeconds + overlapped(overlapped(products, softmax, p.overlap), memory, p.overlap)
      + (units / device.cores).rounded(.up) * p.blockSeconds + write
  }

  func seconds(_ shape: RunShape) -> Double { seconds(shape.attention) }

  static func effects(of kernel: KernelClass) -> [Effect<Parameters>] {
    kernel != .attentionPrefill
      ? []
      : [
        Effect("softmax beside the products", [(\.softmaxSeconds, 5e-9)]),
        Effect("the longest block", [(\.imbalance, 0.01)]),
        Effect("serial cache write", [(\.cacheWriteEfficiency, 1), (\.tokenSeconds, 1e-12)]),
      ]
  }
}

extension AttentionCall {
  /// Keys that a query sees at most.
  @inline(__always) var mostKeys: Double {
    var most = Double.infinity
    if let limit = span.limit { most = Double(limit) }
    if let picked { most = min(most, picked) }
    return most
  }
}
