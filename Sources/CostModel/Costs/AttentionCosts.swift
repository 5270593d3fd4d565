/// Softmax attention, and the kernel that joins its splits where keys of a sequence are shared by cores.
struct AttentionWork {
  let attention: Work
  private let joining: Work
  private let isSplit: Bool

  @inline(__always)
  init(attention: Work) {
    self.attention = attention
    (joining, isSplit) = (.none, false)
  }

  @inline(__always)
  init(attention: Work, join: Work) {
    self.attention = attention
    (joining, isSplit) = (join, true)
  }

  /// Laid out flat, since an optional this large is copied to be looked at.
  @inline(__always) var join: Work? { isSplit ? joining : nil }

  /// Keys of a tile.
  static let shortestSplit = 64.0

  /// What a split leaves of a row: an unnormalised sum, a maximum and a denominator in fp32.
  @inline(__always)
  static func partialBytes(_ width: Double) -> Double { (width + 2) * 4 }
}

extension Costs {
  /// Scores, softmax, weighted sum: 2·(d_qk + d_v) products' FLOPs per allowed pair and head.
  ///
  /// K and V are re-read once per block; below a level shared by the cores the blocks that run together walk
  /// together and count as one.
  @inline(__always)
  func attention(_ shape: AttentionCall, _ formats: CallFormats, _ blocks: AttentionBlocks) -> AttentionWork {
    let each = shape.pairs
    let compulsory = shape.compulsory(formats, pairs: each)
    let pairs = shape.sequences * shape.heads * each
    let outputs = shape.tokens * shape.heads * shape.valueWidth
    // Dividing by the sum, the sinks' share of it, and the output's gate.
    let ending =
      outputs + shape.tokens * (shape.sinks ? shape.heads * 2 : 0)
      + (shape.gated ? outputs * (Activation.silu.flops + 1) : 0)
    let matmul = 2 * pairs * (shape.keyWidth + shape.valueWidth)
    let rows = shape.tokens * shape.heads
    let queryBytes = rows * shape.keyWidth * formats.inputBytes
    let outputBytes = rows * shape.valueWidth * formats.outputBytes
    let gateBytes = shape.gated ? outputBytes : 0
    let sinkBytes = shape.sequences * (shape.sinks ? shape.heads * formats.smallBytes : 0)
    let storedHeads = shape.sequences * shape.storedHeads
    let keyBytes = storedHeads * shape.storedWidth * formats.storedBytes
    var traffic = Traffic(streamingReads: queryBytes + gateBytes + sinkBytes, writes: outputBytes)

    if shape.algorithm == .naive {
      // Scores written, read by softmax, probabilities written, read by the second product: a full rectangle.
      let matrix = rows * shape.length * formats.inputBytes
      traffic.reads += SIMD4(repeating: keyBytes * shape.length + 2 * matrix)
      traffic.writes += SIMD4(repeating: 2 * matrix)
      let loaded = storedHeads * shape.storedWidth * shape.length
      let vector = pairs * shape.flopsPerPair + ending + loaded * formats.expansionFLOPs
      return AttentionWork(
        attention: Work(matmulFLOPs: matmul, vectorFLOPs: vector, traffic: traffic).beside(compulsory))
    }

    // Keys any query of one sequence touches: what a single pass reads.
    let distinct = shape.distinctKeys(pairs: each)
    var loaded = distinct
    // Blocks and splits are counted in fractions: rounding them up would make a longer context faster.
    let unitsPerHead = max(1, shape.queries * blocks.unitsPerQuery)
    var workUnits = storedHeads * unitsPerHead
    // Blocks of a head shrink while cores stand idle, and each core loads the keys of its own.
    let cut = min(unitsPerHead, machine.cores / storedHeads)
    let ownKeys = cut > 1 ? shape.loadedKeys(block: shape.queries / cut, distinct: distinct) : 0
    if cut <= 1, shape.queries <= 1 || (shape.picked == nil && shape.queries <= blocks.shortest) {
      // One block of positions everywhere: keys that are not held pass once for each part of the group.
      let passes = blocks.perPosition.replacing(
        with: SIMD4(repeating: 1), where: blocks.keysHeld .>= SIMD4(repeating: distinct))
      traffic.reads += passes * (keyBytes * distinct)
      loaded *= passes[machine.levels - 1]
    } else {
      for lane in 0..<machine.levels {
        loaded = distinct
        if distinct > blocks.keysHeld[lane] {
          loaded = max(
            distinct,
            shape.loadedKeys(block: blocks.positions[lane], distinct: distinct) * blocks.perPosition[lane])
        }
        if !machine.nextIsShared[lane] { loaded = max(loaded, ownKeys) }
        traffic.reads[lane] += keyBytes * loaded
      }
    }
    if let tile = blocks.tiled {
      let nearest = machine.levels - 1
      let keys = max(distinct, shape.loadedKeys(block: tile.positions, distinct: distinct) * tile.perPosition)
      if keyBytes * keys + pairs * (tile.reads + tile.writes) < keyBytes * loaded {
        traffic.reads[nearest] += keyBytes * (keys - loaded) + pairs * tile.reads
        traffic.writes[nearest] += pairs * tile.writes
        loaded = keys
      }
    }
    let expanded = storedHeads * shape.storedWidth * loaded * formats.expansionFLOPs
    // Keys are shared by as many cores as stand idle, as far as what splits leave is little beside what they read.
    let walked = min(min(distinct, shape.picked ?? distinct), cut > 1 ? ownKeys / cut : distinct)
    let parts =
      shape.algorithm == .flashDecoding
      ? max(1, min(walked / blocks.shortestSplit(queries: shape.queries), machine.cores / workUnits)) : 1
    guard parts > 1 else {
      let vector = pairs * shape.flopsPerPair + ending + expanded
      return AttentionWork(
        attention: Work(
          matmulFLOPs: matmul, vectorFLOPs: vector, traffic: traffic,
          occupancy: min(1, workUnits * machine.inverseCores)
        ).beside(compulsory))
    }
    workUnits *= parts
    // Below two parts a unit, that share of the units is split. Another kernel joins what the splits leave; where it
    // outgrows half of the shared level, the rest crosses the far boundary.
    let share = min(1, parts - 1)
    let partial = rows * min(parts, 2 * (parts - 1)) * AttentionWork.partialBytes(shape.valueWidth)
    traffic.writes -= SIMD4(repeating: outputBytes * share)
    var joining = Traffic(streamingReads: 0, writes: outputBytes * share)
    let all = SIMD4(repeating: partial)
    let leaves = all.replacing(
      with: elementwiseMax(.zero, all - 1 / machine.inverseHalfCapacity), where: machine.nextIsShared)
    // Every part has its queries, gates and sinks.
    let again = SIMD4(repeating: (parts - 1) * (queryBytes + gateBytes + sinkBytes))
    traffic.reads += again.replacing(with: SIMD4.zero, where: machine.nextIsShared)
    traffic.writes += leaves
    joining.reads += leaves
    return AttentionWork(
      attention: Work(
        matmulFLOPs: matmul, vectorFLOPs: pairs * shape.flopsPerPair + ending * parts + expanded,
        traffic: traffic, occupancy: min(1, workUnits * machine.inverseCores)
      ).beside(compulsory),
      // Every split's row is scaled to the common maximum and added: 3 FLOPs an element.
      join: Work(vectorFLOPs: outputs * (parts - 1) * 3, traffic: joining))
  }

  /// One 32-bit score per pair is written and scanned, `kept` indices a query are kept.
  func index(_ shape: IndexCall, _ formats: CallFormats) -> Work {
    let tokens = shape.sequences * shape.queries
    let length = shape.prefix + shape.queries
    let pairs =
      shape.sequences
      * CausalPairs.sliding(queries: shape.queries, prefix: shape.prefix, window: length)
    let keys = shape.sequences * length * shape.width * formats.storedBytes
    let queries = tokens * shape.heads * shape.width * formats.inputBytes
    let scores = pairs * 4
    return Work(
      matmulFLOPs: 2 * pairs * shape.heads * shape.width, vectorFLOPs: pairs * (3 * shape.heads + 1),
      traffic: Traffic(streamingReads: keys + queries + scores, writes: scores + tokens * shape.kept * 4)
    ).beside(shape.compulsory(formats))
  }
}

extension AttentionCall {
  /// Keys of one sequence that at least one new query sees.
  ///
  /// - Parameter each: pairs of one sequence and head.
  @inline(__always)
  func distinctKeys(pairs each: Double) -> Double {
    if picked != nil || visible != nil { return min(length, each) }
    switch span {
    case .full, .bidirectional, .windows, .around: return length
    case .sliding(let window): return min(length, Double(window) + queries - 1)
    case .chunked(let size):
      let chunk = Double(size)
      return length - (prefix / chunk).rounded(.down) * chunk
    }
  }

  /// Keys loaded for one sequence and head when `block` query positions share each pass; of those, `distinct` ones.
  @inline(__always)
  func loadedKeys(block: Double, distinct: Double) -> Double {
    // A block of queries loads what any of it sees, the whole at least once.
    if let visible { return max(distinct, visible / block) }
    guard let picked else {
      // One block sees every key once.
      return queries <= block ? distinct : span.passes(of: queries, block: block, prefix: prefix)
    }
    // Queries that may pick every key they see share passes as in full attention; each later one gathers its own.
    let dense = min(queries, max(0, picked - prefix))
    let shared =
      dense <= block
      ? (dense > 0 ? prefix + dense : 0) : span.passes(of: dense, block: block, prefix: prefix)
    return shared + (queries - dense) * picked * max(1, 1 / block)
  }
}

extension AttentionSpan {
  /// Keys that `queries` new positions load, all that they see, in blocks of which there is more than one.
  @inline(never)
  fileprivate func passes(of queries: Double, block: Double, prefix: Double) -> Double {
    let length = prefix + queries
    // A last block that is not full counts by its share, as blocks do for the cores' occupancy.
    let blocks = queries / block
    switch self {
    case .full, .bidirectional, .windows, .around:
      return CausalPairs.cappedSum(blocks, start: prefix, step: block, cap: length)
    case .sliding(let window):
      return CausalPairs.cappedSum(
        blocks, start: prefix, step: block, cap: min(length, Double(window) + block - 1))
    case .chunked(let size):
      // Chunks much longer than blocks: half a chunk on average, never more than all.
      let chunk = Double(size)
      if length <= chunk { return CausalPairs.cappedSum(blocks, start: prefix, step: block, cap: length) }
      return CausalPairs.chunked(queries: queries, prefix: prefix, size: chunk) / block
        + (blocks + 1) * block / 2
    }
  }
}

extension AttentionCall {
  /// The same attention with no limit that nothing meets: a window or chunk as long as all keys, or a choice of
  /// as many as there are, is full attention.
  @inline(__always)
  public var simplified: AttentionCall {
    var call = self
    if let picked, picked >= length { call.picked = nil }
    if let limit = span.limit, Double(limit) >= length { call.span = .full }
    return call
  }
}
