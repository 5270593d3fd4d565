/// How an attention kernel is cut into blocks, and the bytes that follow at each level.
///
/// A block holds the queries of one key/value head's group (GQA packed: positions × heads/keyValueHeads
/// rows) and walks over the keys its rows may see. K and V are thus re-read once per block; below a level
/// shared by the cores the blocks that run together walk together and count as one.
struct AttentionTiling {
  let traffic: Traffic
  let occupancy: Double

  /// Keys per split in flash-decoding; vLLM's paged kernel partitions at the same size.
  static let splitKeys = 512.0

  @inline(__always)
  init(_ spec: AttentionSpec, work: Workload, machine: Machine, bytes: BytesPerElement) {
    let group = Double(spec.heads) / Double(spec.keyValueHeads)
    let widths = Double(spec.headDim + spec.valueHeadDim)
    let headsInAll = work.batch * Double(spec.keyValueHeads)
    let rowsPerHead = work.queries * group
    let queryBytes = headsInAll * rowsPerHead * Double(spec.headDim) * bytes.activations
    let gateBytes =
      spec.outputGate ? headsInAll * rowsPerHead * Double(spec.valueHeadDim) * bytes.activations : 0
    let outputBytes = headsInAll * rowsPerHead * Double(spec.valueHeadDim) * bytes.activations
    let small = spec.sinks ? Double(spec.heads) * bytes.small : 0

    // Keys any query of one sequence can see: what a single pass reads.
    let distinctKeys = Self.distinctKeys(spec.span, work)
    let keyBytes = headsInAll * widths * bytes.cache
    var reads = SIMD4(repeating: queryBytes + gateBytes + small)
    var writes = SIMD4(repeating: outputBytes)

    if work.attentionAlgorithm == .naive {
      // Scores written, read by softmax, probabilities written, read by the second product: a full rectangle.
      let matrix = headsInAll * rowsPerHead * work.length * bytes.activations
      reads += SIMD4(repeating: keyBytes * work.length + 2 * matrix)
      writes += SIMD4(repeating: 2 * matrix)
      traffic = Traffic(reads: reads, writes: writes)
      occupancy = 1
      return
    }

    // Q, and K and V twice (one pair in use, one on its way), fill a core's share: rows of a block.
    let perRow = bytes.activations * (Double(spec.headDim) + 2 * widths)
    let keysOfOneHead = distinctKeys * widths * bytes.cache
    var workUnits = headsInAll
    for lane in 0..<machine.levels {
      let capacity = machine.nextCapacity[lane]
      let shared = machine.nextIsShared[lane]
      if shared && keysOfOneHead * 2 <= capacity {
        reads[lane] += keyBytes * distinctKeys
        continue
      }
      var rows = max(1, (capacity / perRow).binade)
      // Blocks of all cores march over the same keys together.
      if shared { rows = max(1, (machine.nextCapacity[1] / perRow).binade) * machine.cores }
      let positions = max(1, (rows / group).rounded(.down))
      let blocksPerPosition = max(1, group / rows).rounded(.up)
      let loaded = Self.loadedKeys(spec.span, work, block: positions) * blocksPerPosition
      reads[lane] += keyBytes * max(loaded, distinctKeys)
    }
    if let lane = machine.firstPrivateLane {
      let rows = max(1, (machine.nextCapacity[lane] / perRow).binade)
      workUnits = headsInAll * max(1, (rowsPerHead / rows).rounded(.up))
    }

    if work.attentionAlgorithm == .flashDecoding {
      let splits = max(1, (distinctKeys / Self.splitKeys).rounded(.up))
      if splits > 1 {
        // Each split leaves an unnormalised output row, a maximum and a sum, in fp32; they cross the far
        // boundary only when they outgrow half of the shared level.
        let partial = headsInAll * rowsPerHead * splits * (Double(spec.valueHeadDim) + 2) * 4
        for lane in 0..<machine.levels
        where !(machine.nextIsShared[lane] && partial * 2 <= machine.nextCapacity[lane]) {
          reads[lane] += partial
          writes[lane] += partial
        }
        workUnits *= splits
      }
    }
    traffic = Traffic(reads: reads, writes: writes)
    occupancy = min(1, workUnits / machine.cores)
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
  static func loadedKeys(_ span: AttentionSpan, _ work: Workload, block: Double) -> Double {
    let block = min(block, work.queries)
    let whole = (work.queries / block).rounded(.down)
    let rest = work.queries - whole * block
    switch span {
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

extension Machine {
  /// The farthest boundary below which each core works for itself.
  @inline(__always)
  var firstPrivateLane: Int? {
    for lane in 0..<levels where !nextIsShared[lane] { return lane }
    return nil
  }
}
