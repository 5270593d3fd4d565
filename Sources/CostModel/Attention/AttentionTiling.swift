/// How an attention kernel is cut into blocks, and the bytes that follow at each level.
///
/// A block holds the queries of one key/value head's group (GQA packed: positions × heads/keyValueHeads
/// rows) and walks over the keys its rows may see. K and V are thus re-read once per block; below a level
/// shared by the cores the blocks that run together walk together and count as one.
struct AttentionTiling {
  let traffic: Traffic
  let occupancy: Double
  /// Cache elements that pass into the cores, for what expanding them costs.
  let loadedElements: Double
  /// Runs of keys that cores share one sequence and head's work in; nil where another kernel need not join them.
  let splits: Double?
  /// What the kernel that joins the splits moves.
  let reduction: Traffic

  /// The most keys in a split of flash-decoding (vLLM's paged kernel partitions there), and the fewest: a tile.
  static let longestSplit = 512.0
  static let shortestSplit = 64.0
  /// Rows of the matrix units' tile: blocks shrink to it before cores stand idle.
  static let fewestRows = 64.0

  @inline(__always)
  init(_ plan: AttentionPlan, work: Workload, machine: Machine, bytes: BytesPerElement) {
    let headsInAll = work.batch * plan.storedHeads
    let rows = work.tokens * plan.heads
    let queryBytes = rows * plan.queryWidth * bytes.activations
    let outputBytes = rows * plan.outputWidth * bytes.activations
    let gateBytes = plan.gated ? outputBytes : 0
    let keyBytes = headsInAll * plan.keyWidth * plan.keyBytes
    var traffic = Traffic(
      streamingReads: queryBytes + gateBytes + work.batch * plan.sinkBytes, writes: outputBytes)
    var reduction = Traffic()

    if work.attentionAlgorithm == .naive {
      // Scores written, read by softmax, probabilities written, read by the second product: a full rectangle.
      let matrix = rows * work.length * bytes.activations
      traffic.reads += SIMD4(repeating: keyBytes * work.length + 2 * matrix)
      traffic.writes += SIMD4(repeating: 2 * matrix)
      self.traffic = traffic
      self.reduction = reduction
      loadedElements = headsInAll * plan.keyWidth * work.length
      occupancy = 1
      splits = nil
      return
    }

    // Keys any query of one sequence touches: what a single pass reads.
    let distinct = Self.distinctKeys(plan, work)
    var loaded = distinct
    if work.queries <= plan.shortestBlock {
      // One block of positions everywhere: keys that are not held pass once for each part of the group.
      let passes = plan.blocksPerPosition.replacing(
        with: SIMD4(repeating: 1), where: plan.keysHeld .>= SIMD4(repeating: distinct))
      traffic.reads += passes * (keyBytes * distinct)
      loaded *= passes[machine.levels - 1]
    } else {
      for lane in 0..<machine.levels {
        loaded = distinct
        if distinct > plan.keysHeld[lane] {
          loaded = max(
            distinct,
            Self.loadedKeys(plan, work, block: plan.blockPositions[lane]) * plan.blocksPerPosition[lane])
        }
        traffic.reads[lane] += keyBytes * loaded
      }
    }
    loadedElements = headsInAll * plan.keyWidth * loaded

    // Blocks and splits are counted in fractions: rounding them up would make a longer context faster.
    var workUnits = headsInAll * max(1, work.queries * plan.unitsPerQuery)

    var splits: Double?
    if work.attentionAlgorithm == .flashDecoding, distinct > Self.shortestSplit {
      // As many as fill the cores (FlashAttention's own heuristic). Whether keys are split at all hangs on
      // their number alone: a larger batch must not get rid of the reduction and become faster.
      let parts = max(
        1, distinct * (1 / Self.longestSplit),
        min(distinct * (1 / Self.shortestSplit), machine.cores / workUnits))
      splits = parts
      workUnits *= parts
      // Each split reads the queries and leaves an unnormalised row, a maximum and a sum, in fp32; another
      // kernel joins them. Both cross the far boundary only when they outgrow half of the shared level.
      let partial = rows * parts * (plan.outputWidth + 2) * 4
      let again = (parts - 1) * (queryBytes + work.batch * plan.sinkBytes)
      traffic.reads -= SIMD4(repeating: gateBytes)
      traffic.writes -= SIMD4(repeating: outputBytes)
      reduction = Traffic(streamingReads: gateBytes, writes: outputBytes)
      let stays = machine.nextIsShared .& (machine.inverseHalfCapacity * partial .<= 1)
      let leaves = SIMD4<Double>(repeating: 1).replacing(with: SIMD4.zero, where: stays)
      traffic.reads += leaves * again
      traffic.writes += leaves * partial
      reduction.reads += leaves * partial
    }
    self.traffic = traffic
    self.reduction = reduction
    self.splits = splits
    occupancy = min(1, workUnits * machine.inverseCores)
  }

  /// Keys of one sequence that at least one new query sees.
  @inline(__always)
  static func distinctKeys(_ plan: AttentionPlan, _ work: Workload) -> Double {
    if plan.picked != nil { return min(work.length, plan.pairs(work)) }
    switch plan.span {
    case .full: return work.length
    case .sliding(let window): return min(work.length, Double(window) + work.queries - 1)
    case .chunked(let size):
      let chunk = Double(size)
      return work.length - (work.prefix / chunk).rounded(.down) * chunk
    }
  }

  /// Keys loaded for one sequence and head when `block` query positions share each pass.
  @inline(__always)
  static func loadedKeys(_ plan: AttentionPlan, _ work: Workload, block: Double) -> Double {
    if plan.picked != nil { return plan.pairs(work) }
    // One block sees every key once.
    if work.queries <= block { return distinctKeys(plan, work) }
    // A last block that is not full counts by its share, as blocks do for the cores' occupancy.
    let blocks = work.queries / block
    switch plan.span {
    case .full:
      return CausalPairs.cappedSum(blocks, start: work.prefix, step: block, cap: work.length)
    case .sliding(let window):
      return CausalPairs.cappedSum(
        blocks, start: work.prefix, step: block, cap: min(work.length, Double(window) + block - 1))
    case .chunked(let size):
      // Chunks much longer than blocks: half a chunk on average, never more than all.
      let chunk = Double(size)
      if work.length <= chunk {
        return CausalPairs.cappedSum(blocks, start: work.prefix, step: block, cap: work.length)
      }
      return CausalPairs.chunked(queries: work.queries, prefix: work.prefix, size: chunk) / block
        + (blocks + 1) * block / 2
    }
  }
}
