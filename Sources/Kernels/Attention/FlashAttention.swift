import Basics

/// Attention in blocks of queries that walk over blocks of keys with a running softmax (Dao, 2023,
/// arXiv:2307.08691): scores never leave the near cache. Keys and values are packed once a head for the product tile.
public struct FlashAttention: Kernel {
  public var attention: AttentionShape
  /// Keys a block.
  public var keyBlock: Int
  private var givenQueryBlock: Int?

  public init(_ attention: AttentionShape, queryBlock: Int? = nil, keyBlock: Int = 128) {
    (self.attention, givenQueryBlock, self.keyBlock) = (attention, queryBlock, keyBlock)
  }

  /// Queries a block. Its scores, queries and outputs fit into a mebibyte twice: the more queries, the fewer passes.
  public var queryBlock: Int { givenQueryBlock ?? (attention.headDim <= 64 ? 384 : 192) }

  public var name: String { attention.window > 0 ? "attention-sliding" : "attention-flash" }
  public var isTimeJudged: Bool { true }
  /// Blocks that only just fit, and masked ones, are counted whole.
  public var trafficTolerance: Double { 0.10 }
  public var matmulFLOPs: Double {
    4 * Double(attention.heads) * attention.pairs * Double(attention.headDim)
  }
  public var vectorFLOPs: Double { 6 * Double(attention.heads) * attention.pairs }

  /// Key blocks that the queries from `row` on see.
  private func keys(_ row: Int, _ rows: Int) -> Range<Int> {
    attention.firstKey(row) / keyBlock * keyBlock..<row + rows
  }

  public var exponentials: Double { Double(attention.heads) * attention.pairs }

  public func formula(_ arithmetic: Arithmetic) -> TrafficFormula {
    let phases = phases(arithmetic).map(\.traffic)
    var formula = TrafficFormula(zip(phases[0].conditions, phases[1].conditions).map(+))
    formula.parts = [TrafficFormula([phases[0].conditions[0]])] + phases[1].parts
    (formula.wholeFrom, formula.handedOn) = (phases[1].wholeFrom, phases[1].handedOn)
    return formula
  }

  /// Packing keys and values, then the blocks of queries.
  public func phases(_ arithmetic: Arithmetic) -> [KernelPhase] {
    let (length, dim) = (attention.length, attention.headDim)
    let (high, wide) = (arithmetic.tileRows, arithmetic.tileColumns)
    let (heads, keyHeads) = (Double(attention.heads), Double(attention.keyValueHeads))
    let one = Double(length * dim) * 4
    let valuePanels = ceilDiv(dim, wide)
    let packed = Double((roundUp(length, wide) * dim + valuePanels * wide * length) * 4)
    let rows = min(queryBlock, length)
    let tile = Double((rows * min(keyBlock, length) + rows * dim) * 4)
    // Sums over the blocks of one head: panels of K and V as tiles load them and as they pass, rows of Q and scores
    // for each panel, scores and outputs.
    var (keyLoads, valueLoads, keyPasses, valuePasses) = (0, 0, 0, 0)
    var (queryLoads, scoreLoads, scores, update, executed) = (0, 0, 0, 0, 0)
    for row in stride(from: 0, to: length, by: queryBlock) {
      let count = min(queryBlock, length - row)
      let tiles = ceilDiv(count, high)
      let visible = keys(row, count)
      for key in stride(from: visible.lowerBound, to: visible.upperBound, by: keyBlock) {
        let columns = min(keyBlock, visible.upperBound - key)
        let keyPanels = ceilDiv(columns, wide)
        keyPasses += keyPanels * wide * dim
        keyLoads += tiles * keyPanels * wide * dim
        queryLoads += keyPanels * count * dim
        valuePasses += valuePanels * wide * columns
        valueLoads += tiles * valuePanels * wide * columns
        scoreLoads += valuePanels * count * columns
        scores += count * columns
        executed += tiles * high * (keyPanels * wide * dim + valuePanels * wide * columns)
        update += count * dim
      }
    }
    let perHead = { (count: Int) in heads * Double(count) * 4 }
    // Scores: stored by the product, read for the maximum, read and written by the exponentials; the output
    // is scaled and added to in every block.
    let passes = perHead(scores)
    let outputs = perHead(update)
    let source = 2 * one * keyHeads
    let stores = packed * keyHeads
    let out = heads * one
    let span =
      attention.window > 0 ? min(length, attention.window + queryBlock + keyBlock) : length
    func condition(
      _ name: String, _ requires: Double, stores: Double, reads: Double, writes: Double, allocations: Double
    ) -> (packing: LayerCondition, blocks: LayerCondition) {
      (
        LayerCondition(name, requires: requires, reads: source, writes: stores, allocations: stores),
        LayerCondition(
          name, requires: requires, reads: reads + out, writes: writes + out, allocations: allocations + out)
      )
    }
    let conditions = [
      condition(
        "tile in registers", 0, stores: stores,
        reads: perHead(keyLoads + queryLoads + valueLoads + scoreLoads) + 2 * passes + 2 * outputs,
        writes: 2 * passes + 2 * outputs + out, allocations: passes + out),
      condition(
        "blocks of Q, K, V, S, O held", 2 * tile + Double((rows * dim + 2 * min(keyBlock, length) * dim) * 4),
        stores: stores, reads: perHead(keyPasses + valuePasses), writes: tile, allocations: tile),
      condition(
        "K and V held", 2 * packed + 2 * tile, stores: packed, reads: 0, writes: tile, allocations: tile),
      condition(
        "window of K and V held", Double(16 * span * dim) + 2 * tile, stores: stores, reads: heads * packed,
        writes: tile, allocations: tile),
    ]
    var blocks = conditions.map(\.blocks)
    // The first queries see few keys, which stay where all of them would not.
    blocks[2].beginsBytes = (packed + tile) * 2 / 3
    var traffic = TrafficFormula(blocks)
    traffic.wholeFrom = 1
    // Where a block's scores are not held from one part to the next, each part has conditions of its own.
    let panel = Double(wide * max(dim, min(keyBlock, length))) * 4
    let (columns, row) = (Double(rows * wide) * 4, Double(high * (max(dim, keyBlock) + wide)) * 4)
    func product(
      _ name: String, loads: Int, passes panels: Int, rows left: Int, once: Int, held: Double, reads: Double,
      writes: Double, allocations: Double
    ) -> TrafficFormula {
      TrafficFormula(
        [
          ("\(name): tile in registers", 0, loads + left),
          ("\(name): panel held", panel + row, panels + left),
          ("\(name): panel and rows held", held + columns + 2 * panel, panels + once),
        ].map { name, requires, loads in
          LayerCondition(
            name, requires: requires, reads: perHead(loads) + reads, writes: writes, allocations: allocations)
        })
    }
    let width = Double(min(keyBlock, length)) * 4
    traffic.parts = [
      product(
        "scores", loads: keyLoads, passes: keyPasses, rows: queryLoads, once: update,
        held: Double(rows * dim) * 4, reads: 0, writes: passes, allocations: passes),
      TrafficFormula([
        LayerCondition(
          "softmax", requires: 0, reads: 2 * passes + outputs, writes: passes + outputs, allocations: 0),
        LayerCondition(
          "softmax: row held", requires: width + Double(dim) * 4, reads: passes + outputs,
          writes: passes + outputs, allocations: 0),
      ]),
      product(
        "output", loads: valueLoads, passes: valuePasses, rows: scoreLoads, once: scores,
        held: Double(rows) * width, reads: outputs, writes: outputs, allocations: 0),
      TrafficFormula([
        LayerCondition("ends", requires: 0, reads: out, writes: 2 * out, allocations: 2 * out)
      ]),
    ]
    traffic.handedOn = LayerCondition.Partial(
      requiredBytes: Double(rows) * min(width, Double(dim) * 4), bytes: 3 * passes + 3 * outputs)
    return [
      KernelPhase("packing", traffic: TrafficFormula(conditions.map(\.packing))),
      KernelPhase(
        "blocks", productFLOPs: 2 * heads * Double(executed), elementwiseFLOPs: exponentials,
        exponentials: exponentials, traffic: traffic),
    ]
  }

  public func makeData(_ arithmetic: Arithmetic, threads: Int) -> AttentionData {
    let (length, dim) = (attention.length, attention.headDim)
    let wide = arithmetic.tileColumns
    let all = attention.heads * attention.headElements
    let kv = attention.keyValueHeads * attention.headElements
    let rows = min(queryBlock, length)
    return AttentionData(
      q: Buffer(all, seed: 1), k: Buffer(kv, seed: 2), v: Buffer(kv, seed: 3), o: Buffer(all),
      scratch: (0..<threads).map { _ in
        AttentionData.Scratch(
          scores: Buffer(rows * min(keyBlock, length)), packedA: Buffer(1), packedB: Buffer(1),
          keys: Buffer(roundUp(length, wide) * dim), values: Buffer(roundUp(dim, wide) * length),
          output: Buffer(rows * dim), row: Buffer(2 * rows))
      })
  }

  public func execute<I: Instrument>(
    _ data: AttentionData, _ arithmetic: Arithmetic, _ instrument: inout I
  ) {
    let own = data.scratch[0]
    instrument.store(own.scores.base, own.scores.bytes, depths: 1...3)
    instrument.store(own.output.base, own.output.bytes, depths: 1...3)
    instrument.store(own.keys.base, own.keys.bytes, depth: 2)
    instrument.store(own.values.base, own.values.bytes, depth: 2)
    heads(data, 0..<attention.heads, 0, arithmetic, &instrument)
  }

  private func heads<I: Instrument>(
    _ data: AttentionData, _ range: Range<Int>, _ thread: Int, _ arithmetic: Arithmetic,
    _ instrument: inout I
  ) {
    var packed = -1
    for head in range {
      if head / attention.group != packed {
        packed = head / attention.group
        pack(data, packed, thread, arithmetic, &instrument)
      }
      instrument.load(data.scratch[thread].keys.base, data.scratch[thread].keys.bytes, depth: 3)
      instrument.load(data.scratch[thread].values.base, data.scratch[thread].values.bytes, depth: 3)
      for row in stride(from: 0, to: attention.length, by: queryBlock) {
        block(data, head, row, thread, arithmetic, &instrument)
      }
    }
  }

  private func pack<I: Instrument>(
    _ data: AttentionData, _ head: Int, _ thread: Int, _ arithmetic: Arithmetic, _ instrument: inout I
  ) {
    let (length, dim, wide) = (attention.length, attention.headDim, arithmetic.tileColumns)
    let own = data.scratch[thread]
    let (k, v) = (data.k.base + head * attention.headElements, data.v.base + head * attention.headElements)
    for key in stride(from: 0, to: length, by: wide) {
      let count = min(wide, length - key)
      arithmetic.table.pack(own.keys.base + key * dim, k + key * dim, count, dim, dim, 1, wide)
      instrument.load(k + key * dim, count * dim * 4, depths: 0...3)
      reportPacked(own.keys.base + key * dim, wide * dim * 4, &instrument)
    }
    for column in stride(from: 0, to: dim, by: wide) {
      let count = min(wide, dim - column)
      arithmetic.table.pack(own.values.base + column * length, v + column, count, length, 1, dim, wide)
      if I.isOff { continue }
      for key in 0..<length { instrument.load(v + key * dim + column, count * 4, depths: 0...3) }
      reportPacked(own.values.base + column * length, wide * length * 4, &instrument)
    }
  }

  /// A packed panel is kept in every case but where all of K and V stay.
  private func reportPacked<I: Instrument>(
    _ panel: UnsafeRawPointer, _ bytes: Int, _ instrument: inout I
  ) {
    instrument.store(panel, bytes, depths: 0...1)
    instrument.store(panel, bytes, depth: 3)
  }

  @inline(__always)
  private func block<I: Instrument>(
    _ data: AttentionData, _ head: Int, _ row: Int, _ thread: Int, _ arithmetic: Arithmetic,
    _ instrument: inout I
  ) {
    let (length, dim) = (attention.length, attention.headDim)
    let own = data.scratch[thread]
    let rows = min(queryBlock, length - row)
    let q = data.q.base + head * attention.headElements + row * dim
    let o = data.o.base + head * attention.headElements + row * dim
    let output = own.output.base
    let (maxima, sums) = (own.row.base, own.row.base + min(queryBlock, length))
    instrument.load(q, rows * dim * 4, depths: 1...3)
    for index in 0..<rows { (maxima[index], sums[index]) = (-Float.infinity, 0) }
    output.update(repeating: 0, count: rows * dim)
    instrument.store(output, rows * dim * 4, depth: 0)
    let visible = keys(row, rows)
    for key in stride(from: visible.lowerBound, to: visible.upperBound, by: keyBlock) {
      let columns = min(keyBlock, visible.upperBound - key)
      product(
        UnsafePointer(q), dim, rows, own.keys.base + key * dim, dim, dim, own.scores.base, columns, columns,
        accumulate: false, arithmetic, &instrument)
      for index in 0..<rows {
        let scores = own.scores.base + index * columns
        let first = min(columns, max(0, attention.firstKey(row + index) - key))
        let end = max(first, min(columns, row + index + 1 - key))
        soften(
          scores, columns, first, end, &maxima[index], &sums[index], output + index * dim, arithmetic)
        instrument.load(scores, columns * 4, depth: 0)
        instrument.update(scores, columns * 4, depth: 0)
        instrument.update(output + index * dim, dim * 4, depth: 0)
      }
      product(
        UnsafePointer(own.scores.base), columns, rows, own.values.base + key * arithmetic.tileColumns,
        columns, length, output, dim, dim, accumulate: true, arithmetic, &instrument)
    }
    for index in 0..<rows {
      let inverse = 1 / sums[index]
      for d in 0..<dim { o[index * dim + d] = output[index * dim + d] * inverse }
    }
    instrument.load(output, rows * dim * 4, depth: 0)
    instrument.store(o, rows * dim * 4, depths: 0...3)
  }

  /// One row's scores to weights under a running maximum and sum; what came before is scaled to the new maximum.
  @inline(__always)
  private func soften(
    _ scores: UnsafeMutablePointer<Float>, _ columns: Int, _ first: Int, _ end: Int,
    _ maximum: inout Float, _ sum: inout Float, _ output: UnsafeMutablePointer<Float>,
    _ arithmetic: Arithmetic
  ) {
    let table = arithmetic.table
    for key in 0..<first { scores[key] = 0 }
    for key in end..<columns { scores[key] = 0 }
    guard end > first else { return }
    table.scale(scores + first, end - first, attention.scale)
    let now = max(maximum, table.maximum(scores + first, end - first))
    let before = maximum == -.infinity ? 0 : exponentialOf(maximum - now, table: arithmetic)
    if before != 1 { table.scale(output, attention.headDim, before) }
    sum = sum * before + table.exponentials(scores + first, end - first, now)
    maximum = now
  }

  @inline(__always)
  private func exponentialOf(_ x: Float, table arithmetic: Arithmetic) -> Float {
    x == 0 ? 1 : Float(exponential(Double(x)))
  }

  /// C[rows, columns] (+)= A[rows, depth] · panels; `panelDepth` is the depth that whole panels are stored with.
  @inline(__always)
  private func product<I: Instrument>(
    _ a: UnsafePointer<Float>, _ lda: Int, _ rows: Int, _ panels: UnsafePointer<Float>, _ depth: Int,
    _ panelDepth: Int, _ c: UnsafeMutablePointer<Float>, _ ldc: Int, _ columns: Int, accumulate: Bool,
    _ arithmetic: Arithmetic, _ instrument: inout I
  ) {
    let (high, wide) = (arithmetic.tileRows, arithmetic.tileColumns)
    for j in stride(from: 0, to: columns, by: wide) {
      let right = panels + j * panelDepth
      let width = min(wide, columns - j)
      instrument.load(right, wide * depth * 4, depth: 1)
      for i in stride(from: 0, to: rows, by: high) {
        let height = min(high, rows - i)
        arithmetic.table.tile(
          depth, a + i * lda, lda, right, c + i * ldc + j, ldc, height, width, accumulate ? 1 : 0)
        if I.isOff { continue }
        instrument.load(right, wide * depth * 4, depth: 0)
        for line in 0..<height {
          instrument.load(a + (i + line) * lda, depth * 4, depth: 0)
          if accumulate {
            instrument.update(c + (i + line) * ldc + j, width * 4, depth: 0)
          } else {
            instrument.store(c + (i + line) * ldc + j, width * 4, depth: 0)
          }
        }
      }
    }
  }

  public func run(_ data: AttentionData, _ arithmetic: Arithmetic, threads: Int) {
    Threads.run(threads) { index in
      var off = NoCounter()
      heads(data, Threads.slice(attention.heads, index, of: threads), index, arithmetic, &off)
    }
  }

  public func error(_ data: AttentionData) -> Double { data.error(attention) }
}

extension FlashAttention: PromptAttention {
  public static let forms = [
    form(FlashAttention(.witness(1)), measured: "attention_prefill"),
    form(FlashAttention(.witness(1, window: 1)), measured: "attention_prefill", sliding: true),
  ]

  public var elements: Double { operands + 4 * Double(attention.length) * Double(attention.headDim) }

  public static var witnesses: [FlashAttention] {
    [0, 256].map { FlashAttention(.witness(1024, window: $0)) }
  }

  public static let draws: [ShapeDraw] =
    [ShapeDraw](repeating: { FlashAttention(.drawn(&$0, longest: 1500, window: 0)) }, count: 2) + [
      { random in
        let window = random.size(600)
        return FlashAttention(.drawn(&random, longest: 1500, window: window))
      }
    ]

  public static func parts(of layer: BenchedLayer) -> [FlashAttention] { [FlashAttention(layer.attention)] }

  public static var calibrating: [FlashAttention] { AttentionShape.calibrating.map { FlashAttention($0) } }
}
