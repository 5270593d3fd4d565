/// Multi-head, grouped-query or multi-query attention with the widths of what stands around it; 0 is none of it.
struct AttentionLayer: Sendable {
  let projectionWidth, projectionBiases, outputWidth: Double
  /// Elements that q/k norms pass over, and that a token leaves in the cache.
  let normedWidth, cachedWidth: Double
  let rotatedDimensions, rotatedHeads: Double
  let outputBias: Bool
  let plan: AttentionPlan

  init(_ spec: AttentionSpec, machine: Machine, bytes: BytesPerElement) {
    let query = Double(spec.heads) * Double(spec.headDim)
    let key = spec.sharesCache ? 0 : Double(spec.keyValueHeads) * Double(spec.headDim)
    projectionWidth = spec.projectionWidth
    projectionBiases =
      (spec.queryBias ? query * (spec.outputGate ? 2 : 1) : 0) + (spec.keyBias ? key : 0)
      + (spec.valueBias ? spec.keyValueWidth - key : 0)
    outputWidth = Double(spec.heads) * Double(spec.valueHeadDim)
    normedWidth = spec.queryKeyNorm == .none ? 0 : query + key
    cachedWidth = spec.keyValueWidth
    if case .rotary(let rotary) = spec.position {
      rotatedDimensions = rotary.rotatedDimensions(headDim: spec.headDim)
      rotatedHeads = Double(spec.heads + (spec.sharesCache ? 0 : spec.keyValueHeads))
    } else {
      (rotatedDimensions, rotatedHeads) = (0, 0)
    }
    outputBias = spec.outputBias
    plan = AttentionPlan(spec, machine: machine, bytes: bytes)
  }
}

/// What softmax attention costs on one machine in one precision, with all that no workload changes worked out.
///
/// Plain attention and both forms of latent attention are the same kernel with other widths.
struct AttentionPlan: Sendable {
  /// Query heads.
  let heads: Double
  /// Key/value heads that are stored and walked separately.
  let storedHeads: Double
  /// Elements of one query, and of one output row.
  let queryWidth, outputWidth: Double
  /// Elements read from the cache per key and stored head. Latent attention reads keys and values as one.
  let keyWidth: Double
  let keyBytes: Double
  let span: AttentionSpan
  /// Keys a query may pick by an index of its own (sparse attention); neighbours then share no block.
  let picked: Double?
  let flopsPerPair: Double
  /// FLOPs per loaded cache element to expand it to the arithmetic's format.
  let flopsPerLoadedElement: Double
  let gated: Bool
  let sinkBytes: Double
  let sinkFLOPs: Double

  /// Query positions that share one pass over the keys, at each boundary.
  let blockPositions: SIMD4<Double>
  /// The fewest of them; 0 where queries share no pass.
  let shortestBlock: Double
  /// Passes that one position's group of query heads needs.
  let blocksPerPosition: SIMD4<Double>
  /// Keys of one stored head that fill half of the next level; 0 where each core has its own.
  let keysHeld: SIMD4<Double>
  /// Units of work one query of one stored head is, beyond the first: heads of its group ÷ rows of the smallest
  /// block that a core is given.
  let unitsPerQuery: Double

  init(
    heads: Double, storedHeads: Double, queryWidth: Double, outputWidth: Double, keyWidth: Double,
    span: AttentionSpan, picked: Double? = nil, flopsPerPair: Double, gated: Bool = false,
    sinks: Bool = false,
    machine: Machine, bytes: BytesPerElement
  ) {
    self.heads = heads
    self.storedHeads = storedHeads
    self.queryWidth = queryWidth
    self.outputWidth = outputWidth
    self.keyWidth = keyWidth
    keyBytes = bytes.cache
    self.span = span
    self.picked = picked
    self.flopsPerPair = flopsPerPair
    flopsPerLoadedElement = bytes.cacheExpansion
    self.gated = gated
    sinkBytes = sinks ? heads * bytes.small : 0
    sinkFLOPs = sinks ? heads * 2 : 0

    // A core's SRAM: half for the block of queries, half for tiles of K and V. In registers a row of queries
    // stands beside two of K and V, one pair in use, one on its way.
    let group = heads / storedHeads
    let perRow = bytes.activations * (queryWidth + 2 * (queryWidth + outputWidth))
    var positions = SIMD4<Double>(repeating: 1)
    var blocks = SIMD4<Double>(repeating: 1)
    var held = SIMD4<Double>.zero
    var core = 1.0
    let sram = machine.firstPrivateLane
    if let sram {
      core = max(1, (machine.nextCapacity[sram] / (2 * bytes.activations * queryWidth)).binade)
    }
    for lane in 0..<4 {
      var rows = max(1, (machine.nextCapacity[lane] / perRow).binade)
      if lane == sram { rows = core }
      if machine.nextIsShared[lane] {
        // Blocks of all cores march over the same keys together.
        rows = core * machine.cores
        held[lane] = machine.nextCapacity[lane] / (2 * keyWidth * bytes.cache)
      }
      positions[lane] = picked == nil ? max(1, (rows / group).rounded(.down)) : 1
      blocks[lane] = max(1, (group / rows).rounded(.up))
    }
    blockPositions = positions
    shortestBlock = picked == nil ? positions.min() : 0
    blocksPerPosition = blocks
    keysHeld = held
    unitsPerQuery = group / min(core, AttentionTiling.fewestRows)
  }

  /// Multi-head, grouped-query or multi-query attention.
  init(_ spec: AttentionSpec, machine: Machine, bytes: BytesPerElement) {
    self.init(
      heads: Double(spec.heads), storedHeads: Double(spec.keyValueHeads), queryWidth: Double(spec.headDim),
      outputWidth: Double(spec.valueHeadDim), keyWidth: Double(spec.headDim + spec.valueHeadDim),
      span: spec.span, flopsPerPair: AttentionArithmetic.flopsPerPair(spec), gated: spec.outputGate,
      sinks: spec.sinks, machine: machine, bytes: bytes)
  }
}

/// Element-wise work of softmax attention.
enum AttentionArithmetic {
  /// Scale, running maximum, subtract, exponential, running sum. Dividing by the sum is one more per output.
  static let softmax = 5.0

  /// ALiBi adds a product and a sum, a soft cap a division, tanh and a product.
  static func flopsPerPair(_ spec: AttentionSpec) -> Double {
    var flops = softmax
    if spec.logitSoftcap { flops += 3 }
    if case .alibi = spec.position { flops += 2 }
    return flops
  }
}

extension Machine {
  /// The farthest boundary below which each core works for itself.
  var firstPrivateLane: Int? {
    for lane in 0..<levels where !nextIsShared[lane] { return lane }
    return nil
  }
}
