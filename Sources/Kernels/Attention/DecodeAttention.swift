import Basics
import CostModel

/// One new token of each of `batch` sequences over `context` cached keys: MHA, GQA or MQA by the count of
/// key/value heads, the cache in one piece or in pages that lie anywhere.
public struct DecodeAttention: SlicedKernel {
  public var batch, context, heads, keyValueHeads, headDim: Int
  /// Tokens a page; 0 for one piece.
  public var pageTokens: Int

  public init(
    batch: Int, context: Int, heads: Int, keyValueHeads: Int, headDim: Int, pageTokens: Int = 0
  ) {
    (self.batch, self.context, self.heads) = (batch, context, heads)
    (self.keyValueHeads, self.headDim, self.pageTokens) = (keyValueHeads, headDim, pageTokens)
  }

  public struct Data: Sendable {
    var q, k, v, o: Buffer<Float>
    var scores: [Buffer<Float>]
    /// Where a sequence's n-th page lies.
    var pages: Buffer<Int>
  }

  /// Keys that stay in the nearest cache while a group's queries pass.
  static let blockTokens = 16
  private var step: Int { pageTokens > 0 ? pageTokens : Self.blockTokens }
  private var group: Int { heads / keyValueHeads }
  /// Query heads that share each load of a key: fours, then the rest one by one.
  private var passes: [(query: Int, together: Int)] {
    let fours = group / 4 * 4
    return stride(from: 0, to: fours, by: 4).map { ($0, 4) } + (fours..<group).map { ($0, 1) }
  }
  private var pagesPerSequence: Int { pageTokens > 0 ? ceilDiv(context, pageTokens) : 1 }
  private var tokensPerPage: Int { pageTokens > 0 ? pageTokens : context }
  public var name: String { pageTokens > 0 ? "decode-paged" : "decode" }
  public var isTimeJudged: Bool { true }
  public var matmulFLOPs: Double { 4 * Double(batch) * Double(heads) * Double(context) * Double(headDim) }
  public var vectorFLOPs: Double { 6 * Double(batch) * Double(heads) * Double(context) }

  public var exponentials: Double { Double(batch * heads) * Double(context) }
  public var call: Call? {
    call(
      .attention,
      .attention(
        AttentionCall(
          sequences: Double(batch), queries: 1, prefix: Double(context - 1), heads: Double(heads),
          storedHeads: Double(keyValueHeads), keyWidth: Double(headDim), valueWidth: Double(headDim),
          algorithm: .flash)))
  }

  public func formula(_ arithmetic: Arithmetic) -> TrafficFormula {
    let cells = Double(batch * keyValueHeads)
    let group = Double(group)
    let cache = Double(context * headDim) * 4
    let scores = Double(context) * 4
    let vector = Double(headDim) * 4
    let blocks = Double(ceilDiv(context, step))
    let queries = cells * group * vector
    let held = Double(self.group * context) * 4
    var formula = TrafficFormula([
      LayerCondition(
        "block a query", requires: 0,
        reads: cells * Double(passes.count) * 2 * cache + cells * group * (blocks * 2 * vector + 5 * scores),
        writes: cells * group * (scores * 4 + vector * (1 + blocks)),
        allocations: cells * group * (scores + vector)),
      LayerCondition(
        "block and a row of scores held",
        requires: 2 * scores + Double(2 * min(step, context) * headDim + 2 * self.group * headDim) * 4,
        reads: cells * (2 * cache + 2 * group * scores) + queries,
        writes: cells * 2 * group * scores + queries, allocations: cells * group * scores + queries),
      LayerCondition(
        "scores held while keys pass", requires: 2 * held + cache,
        reads: cells * 2 * cache + queries, writes: queries + held, allocations: queries + held),
    ])
    formula.conditions[0].isBound = true
    // Scores are this kernel's way: a running softmax keeps none.
    let passed = 2 * cells * group * scores
    formula.conditions[1].own = LayerCondition.Own(reads: passed, writes: passed)
    formula.conditions[2].own.writes = held
    // The last of the scores are still there when the keys have passed.
    formula.conditions[2].beginsBytes = held / 2
    // A head's rows lie a page of all heads apart; at multiples of 4 KiB they meet in the same sets.
    if pageTokens > 0 && keyValueHeads * pageTokens * headDim * 4 % 4096 == 0 {
      formula.conditions[2].settledBytes = 2 * held + cache * Double(keyValueHeads)
    }
    // A page's rows of one head that begin and end within lines of others.
    let run = min(step, context) * headDim * 4
    if pageTokens > 0 && run % 64 != 0 {
      let extra = 56 * cells * blocks * 2
      formula.conditions[0].straddling = extra * group
      formula.conditions[1].straddling = extra
      formula.conditions[2].straddling = extra
    }
    return formula
  }

  public func makeData(_ arithmetic: Arithmetic, threads: Int) -> Data {
    let total = batch * pagesPerSequence
    let elements = total * keyValueHeads * tokensPerPage * headDim
    // A permutation: a stride coprime to the count visits every page once.
    var stride = max(1, total * 5 / 8)
    while gcd(stride, total) != 1 { stride += 1 }
    let pages = Buffer<Int>(total)
    for page in 0..<total { pages[page] = page * stride % total }
    return Data(
      q: Buffer(batch * heads * headDim, seed: 1), k: Buffer(elements, seed: 2),
      v: Buffer(elements, seed: 3), o: Buffer(batch * heads * headDim),
      scores: (0..<threads).map { _ in Buffer(group * context) },
      pages: pages)
  }

  private func gcd(_ a: Int, _ b: Int) -> Int { b == 0 ? a : gcd(b, a % b) }

  public func execute<I: Instrument>(_ data: Data, _ arithmetic: Arithmetic, _ instrument: inout I) {
    instrument.store(data.scores[0].base, group * context * 4, depth: 2)
    part(data, 0..<pieces, thread: 0, arithmetic, &instrument)
  }

  public var pieces: Int { batch * keyValueHeads }

  public func part<I: Instrument>(
    _ data: Data, _ cells: Range<Int>, thread: Int, _ arithmetic: Arithmetic, _ instrument: inout I
  ) {
    for cell in cells { one(data, cell, thread, arithmetic, &instrument) }
  }

  /// Elements from the cache's start to token `token` of a sequence's head.
  @inline(__always)
  private func offset(_ pages: UnsafePointer<Int>, _ cell: Int, _ token: Int) -> Int {
    let (sequence, head) = (cell / keyValueHeads, cell % keyValueHeads)
    let page = pages[sequence * pagesPerSequence + token / tokensPerPage]
    return ((page * keyValueHeads + head) * tokensPerPage + token % tokensPerPage) * headDim
  }

  /// One sequence and key/value head, with the group of query heads that shares it.
  private func one<I: Instrument>(
    _ data: Data, _ cell: Int, _ thread: Int, _ arithmetic: Arithmetic, _ instrument: inout I
  ) {
    let table = arithmetic.table
    let scores = data.scores[thread].base
    let passes = passes
    let (pages, keyCache, valueCache) = (UnsafePointer(data.pages.base), data.k.base, data.v.base)
    let (q, o) = (data.q.base + cell * group * headDim, data.o.base + cell * group * headDim)
    let vector = headDim * 4
    instrument.load(q, group * vector, depths: 1...2)
    for token in stride(from: 0, to: context, by: step) {
      let count = min(step, context - token)
      let keys = keyCache + offset(pages, cell, token)
      let next = keyCache + offset(pages, cell, min(token + step, context - 1))
      instrument.load(keys, count * vector, depths: 1...2)
      for (query, together) in passes {
        let (x, out) = (q + query * headDim, scores + query * context + token)
        if together == 4 {
          table.dots_four(keys, headDim, count, x, headDim, headDim, out, context, next)
        } else {
          table.dots(keys, headDim, count, x, headDim, out)
        }
        instrument.load(keys, count * vector, depth: 0)
        instrument.load(x, together * vector, depth: 0)
        for row in 0..<together { instrument.store(out + row * context, count * 4, depths: 0...1) }
      }
    }
    for query in 0..<group {
      let row = scores + query * context
      table.scale(row, context, 1 / Float(headDim).squareRoot())
      instrument.update(row, context * 4, depth: 0)
      RowKernel.softmax(row, context, table: arithmetic, &instrument, held: 1...1)
      (o + query * headDim).update(repeating: 0, count: headDim)
      instrument.store(o + query * headDim, vector, depth: 0)
    }
    instrument.store(o, group * vector, depths: 1...2)
    for token in stride(from: 0, to: context, by: step) {
      let count = min(step, context - token)
      let values = valueCache + offset(pages, cell, token)
      let next = valueCache + offset(pages, cell, min(token + step, context - 1))
      instrument.load(values, count * vector, depths: 1...2)
      for (query, together) in passes {
        let (weights, out) = (scores + query * context + token, o + query * headDim)
        if together == 4 {
          table.combine_four(values, headDim, count, weights, context, headDim, out, headDim, next)
        } else {
          table.combine(values, headDim, count, weights, headDim, out)
        }
        instrument.load(values, count * vector, depth: 0)
        for row in 0..<together { instrument.load(weights + row * context, count * 4, depths: 0...1) }
        instrument.update(out, together * vector, depth: 0)
      }
    }
  }

  public func error(_ data: Data) -> Double {
    var worst = 0.0
    for head in 0..<batch * heads {
      let cell = head / group
      let expected = AttentionData.attend(
        0..<context, headDim, query: { Double(data.q[head * headDim + $0]) },
        keys: { Double(data.k[offset(data.pages.base, cell, $0) + $1]) },
        values: { Double(data.v[offset(data.pages.base, cell, $0) + $1]) })
      worst = max(
        worst,
        Compare.error(headDim, got: { data.o[head * headDim + $0] }, expected: { expected[$0] }))
    }
    return worst
  }
}

extension DecodeAttention: ListedKernel {
  public static let forms = [false, true].map { paged in
    let page = Dimension<DecodeAttention>("page", \.pageTokens, 16)
    return KernelForm(
      DecodeAttention(
        batch: 1, context: 1, heads: 1, keyValueHeads: 1, headDim: 1, pageTokens: paged ? 16 : 0),
      measured: "attention_decode",
      [
        Dimension("batch", \.batch, 1, 1...65_536),
        Dimension("context", \.context, label: "ctx="),
        Dimension("heads", \.heads, 1, 1...65_536),
        Dimension("kv_heads", \.keyValueHeads, 1, 1...65_536, label: "/"),
        Dimension("head_dim", \.headDim, nil, 1...4096, label: "dim="),
      ] + (paged ? [page] : []))
  }

  public var elements: Double {
    let tokens = Double(context + pageTokens)
    return Double(batch * headDim) * (2 * tokens * Double(keyValueHeads) + 2 * Double(heads))
      + Double(heads) * tokens
  }

  public var refusal: String? { AttentionShape.refusal(heads: heads, keyValueHeads: keyValueHeads) }

  public static var witnesses: [DecodeAttention] {
    [(8, 0), (2, 0), (1, 16)].map {
      DecodeAttention(
        batch: 2, context: 1024, heads: 8, keyValueHeads: $0.0, headDim: 64, pageTokens: $0.1)
    }
  }

  public static let draws = [ShapeDraw](
    repeating: { random in
      let (keyValueHeads, group) = (random.size(8), random.size(8))
      return DecodeAttention(
        batch: random.size(4), context: random.size(3000), heads: keyValueHeads * group,
        keyValueHeads: keyValueHeads, headDim: random.pick([32, 64, 80, 128, random.size(160)]),
        pageTokens: random.pick([0, 1, 8, 16, 32, 64, 256, random.size(100)]))
    }, count: 2)

  public static func parts(of layer: BenchedLayer) -> [DecodeAttention] {
    [0, 16].map {
      DecodeAttention(
        batch: 1, context: layer.context, heads: layer.heads, keyValueHeads: layer.keyValueHeads,
        headDim: layer.headDim, pageTokens: $0)
    }
  }

  public static var calibrating: [DecodeAttention] {
    [(1, 24, 8, 128), (1, 28, 4, 128), (4, 24, 8, 128), (1, 16, 4, 64)].flatMap {
      (batch, heads, keyHeads, dim) in
      [384, 1024, 1536, 3072, 6144].flatMap { context in
        [0, 16].map {
          DecodeAttention(
            batch: batch, context: context, heads: heads, keyValueHeads: keyHeads, headDim: dim,
            pageTokens: $0)
        }
      }
    }
  }
}
