import Basics
import CostModel

/// Attention in blocks of queries that walk over blocks of keys with a running softmax (Dao, 2023,
/// arXiv:2307.08691): scores never leave the near cache. Keys and values are packed once a head for the product tile.
public struct FlashAttention: SlicedKernel {
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
  public var call: Call? { call(.attention, attention.call(.flash)) }
  public var modelClaim: ModelClaim { .atMost("blocks of fixed sizes, scores through memory") }
  public var vectorFLOPs: Double { 6 * Double(attention.heads) * attention.pairs }

  /// Key blocks that the queries from `row` on see.
  func keys(_ row: Int, _ rows: Int) -> Range<Int> {
    attention.firstKey(row) / keyBlock * keyBlock..<row + rows
  }

  public var exponentials: Double { Double(attention.heads) * attention.pairs }

  public func formula(_ arithmetic: Arithmetic) -> TrafficFormula {
    let traffic = FlashTraffic(self, arithmetic)
    let (packing, blocks) = (traffic.packing, traffic.blocks)
    var formula = TrafficFormula(zip(packing.conditions, blocks.conditions).map(+))
    formula.parts = [TrafficFormula([packing.conditions[0]])] + blocks.parts
    (formula.wholeFrom, formula.handedOn) = (blocks.wholeFrom, blocks.handedOn)
    return formula
  }

  /// Packing keys and values, then the blocks of queries.
  public func phases(_ arithmetic: Arithmetic) -> [KernelPhase] {
    let traffic = FlashTraffic(self, arithmetic)
    return [
      KernelPhase("packing", traffic: traffic.packing),
      KernelPhase(
        "blocks", productFLOPs: traffic.productFLOPs, elementwiseFLOPs: exponentials,
        exponentials: exponentials, traffic: traffic.blocks),
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
    part(data, 0..<pieces, thread: 0, arithmetic, &instrument)
  }

  public var pieces: Int { attention.heads }

  public func part<I: Instrument>(
    _ data: AttentionData, _ heads: Range<Int>, thread: Int, _ arithmetic: Arithmetic,
    _ instrument: inout I
  ) {
    var packed = -1
    for head in heads {
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

  public static var calibrating: [FlashAttention] {
    AttentionShape.calibrating.flatMap { shape in
      [192, 384, 768, 1280, 1536].map { length in
        var shape = shape
        shape.length = length
        return FlashAttention(shape)
      }
    }
  }
}
