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

  /// Keys per split in flash-decoding; vLLM's paged kernel partitions at the same size.
  static let splitKeys = 512.0

  @inline(__always)
  init(_ plan: AttentionPlan, work: Workload, machine: Machine, bytes: BytesPerElement) {
    let headsInAll = work.batch * plan.storedHeads
    let rows = work.tokens * plan.heads
    let outputBytes = rows * plan.outputWidth * bytes.activations
    let ownReads =
      rows * plan.queryWidth * bytes.activations + (plan.gated ? outputBytes : 0) + plan.sinkBytes
    let keyBytes = headsInAll * plan.keyWidth * plan.keyBytes
    var reads = SIMD4(repeating: ownReads)
    var writes = SIMD4(repeating: outputBytes)

    if work.attentionAlgorithm == .naive {
      // Scores written, read by softmax, probabilities written, read by the second product: a full rectangle.
      let matrix = rows * work.length * bytes.activations
      reads += SIMD4(repeating: keyBytes * work.length + 2 * matrix)
      writes += SIMD4(repeating: 2 * matrix)
      traffic = Traffic(reads: reads, writes: writes)
      loadedElements = headsInAll * plan.keyWidth * work.length
      occupancy = 1
      return
    }

    // Keys any query of one sequence can see: what a single pass reads.
    let distinct = Self.distinctKeys(plan.span, work)
    var loaded = distinct
    for lane in 0..<machine.levels {
      loaded = distinct
      if distinct > plan.keysHeld[lane] {
        loaded = max(
          Self.loadedKeys(plan, work, block: plan.blockPositions[lane]) * plan.blocksPerPosition[lane],
          plan.picked == nil ? distinct : 0)
      }
      reads[lane] += keyBytes * loaded
    }
    loadedElements = headsInAll * plan.keyWidth * loaded

    var workUnits = work.batch * plan.storedHeads
    let rowsPerHead = work.queries * (plan.heads / plan.storedHeads)
    if rowsPerHead > plan.coreRows { workUnits *= (rowsPerHead / plan.coreRows).rounded(.up) }

    if work.attentionAlgorithm == .flashDecoding {
      let splits = max(1, (min(distinct, plan.picked ?? distinct) / Self.splitKeys).rounded(.up))
      if splits > 1 {
        // Each split leaves an unnormalised output row, a maximum and a sum, in fp32; they cross the far
        // boundary only when they outgrow half of the shared level.
        let partial = rows * splits * (plan.outputWidth + 2) * 4
        for lane in 0..<machine.levels
        where !(machine.nextIsShared[lane] && partial * machine.inverseHalfCapacity[lane] <= 1) {
          reads[lane] += partial
          writes[lane] += partial
        }
        workUnits *= splits
      }
    }
    traffic = Traffic(reads: reads, writes: writes)
    occupancy = min(1, workUnits * machine.inverseCores)
  }

  /// Keys of one sequence that at least one new query sees.
  @inline(__always)
  static func distinctKeys(_ span: AttentionSpan, _ work: Workload) -> Double {
    switch span {
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
    if let picked = plan.picked {
      return CausalPairs.sliding(queries: work.queries, prefix: work.prefix, window: picked)
    }
    // One block sees every key once.
    if work.queries <= block { return distinctKeys(plan.span, work) }
    let whole = (work.queries / block).rounded(.down)
    let rest = work.queries - whole * block
    switch plan.span {
    case .full: return capped(work, block, whole, rest, cap: work.length)
    case .sliding(let window):
      return capped(work, block, whole, rest, cap: Double(window) + block - 1)
    case .chunked(let size):
      // Chunks much longer than blocks: half a chunk on average, never more than all.
      let chunk = Double(size)
      if work.length <= chunk { return capped(work, block, whole, rest, cap: work.length) }
      return CausalPairs.chunked(queries: work.queries, prefix: work.prefix, size: chunk) / block
        + (whole + 1) * block / 2
    }
  }

  @inline(__always)
  private static func capped(
    _ work: Workload, _ block: Double, _ whole: Double, _ rest: Double, cap: Double
  ) -> Double {
    CausalPairs.cappedSum(whole, start: work.prefix, step: block, cap: cap)
      + (rest > 0 ? min(work.length, cap) : 0)
  }
}
