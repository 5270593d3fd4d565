import CostModel

/// Attention through a whole matrix of scores: product, softmax, product, each over memory.
public struct NaiveAttention: SlicedKernel {
  public var attention: AttentionShape
  var blocking = PackedProduct.Blocking()

  public init(_ attention: AttentionShape) { self.attention = attention }

  public init(_ attention: AttentionShape, mc: Int, kc: Int, nc: Int) {
    self.attention = attention
    blocking = PackedProduct.Blocking(mc: mc, kc: kc, nc: nc)
  }

  public var name: String { "attention-naive" }
  public var isTimeJudged: Bool { true }
  /// The full rectangle: the products know no mask.
  public var matmulFLOPs: Double {
    4 * Double(attention.heads) * Double(attention.length) * Double(attention.length)
      * Double(attention.headDim)
  }
  public var maskedFLOPs: Double {
    matmulFLOPs - 4 * Double(attention.heads) * attention.pairs * Double(attention.headDim)
  }
  public var call: Call? { call(.attention, attention.call(.naive)) }
  public var modelClaim: ModelClaim { .atMost("products are packed in blocks of their own") }
  public var vectorFLOPs: Double { 5 * Double(attention.heads) * attention.pairs }

  private func scratch(_ arithmetic: Arithmetic) -> (a: Int, b: Int) {
    let (length, dim) = (attention.length, attention.headDim)
    let first = blocking.scratch(m: length, n: length, k: dim, arithmetic)
    let second = blocking.scratch(m: length, n: dim, k: length, arithmetic)
    return (max(first.a, second.a), max(first.b, second.b))
  }

  public func formula(_ arithmetic: Arithmetic) -> TrafficFormula {
    let (length, dim) = (attention.length, attention.headDim)
    let heads = Double(attention.heads)
    let first = ProductTraffic(m: length, n: length, k: dim, blocking, arithmetic).formula.conditions
    let second = ProductTraffic(m: length, n: dim, k: length, blocking, arithmetic).formula.conditions
    let seen = attention.pairs * 4
    let unseen = Double(length) * Double(length) * 4 - seen
    var conditions = (0..<4).map { depth -> LayerCondition in
      let (a, b) = (first[depth], second[depth])
      let passes = depth == 0 ? (reads: 4 * seen, writes: 3 * seen) : (reads: seen, writes: seen)
      return LayerCondition(
        a.name, requires: depth == 0 ? 0 : max(a.requiredBytes, b.requiredBytes, Double(length) * 4),
        reads: heads * (a.reads + b.reads + passes.reads),
        writes: heads * (a.writes + b.writes + passes.writes + unseen),
        allocations: heads * (a.allocations + b.allocations + unseen))
    }
    let one = Double(length * dim) * 4
    let scratch = scratch(arithmetic)
    let held = Double(length) * Double(length) * 4 + Double(scratch.a + scratch.b) * 4
    let writes = heads * one + held
    conditions.append(
      LayerCondition(
        "scores held", requires: held + 4 * one,
        reads: heads * one + 2 * Double(attention.keyValueHeads) * one, writes: writes, allocations: writes))
    // The cost model lets scores and weights of all heads pass through memory twice, whatever holds them.
    let passed = 2 * heads * Double(length) * Double(length) * 4
    conditions[4].own = LayerCondition.Own(reads: -passed, writes: held - passed)
    var formula = TrafficFormula(conditions)
    formula.parts = [TrafficFormula(first), softmax, TrafficFormula(second)]
    for index in formula.parts.indices { formula.parts[index].repeats = heads }
    return formula
  }

  private var softmax: TrafficFormula {
    let seen = attention.pairs * 4
    let unseen = Double(attention.length) * Double(attention.length) * 4 - seen
    var softmax = TrafficFormula([
      LayerCondition(
        "no reuse", requires: 0, reads: 4 * seen, writes: 3 * seen + unseen, allocations: unseen),
      LayerCondition(
        "row held", requires: Double(attention.length) * 4, reads: seen, writes: seen + unseen,
        allocations: unseen),
    ])
    // What is masked is not read here; the cost model reads the whole rectangle.
    for depth in softmax.conditions.indices { softmax.conditions[depth].own.reads = -unseen }
    return softmax
  }

  /// Scores, softmax, weighted sum; each over all heads.
  public func phases(_ arithmetic: Arithmetic) -> [KernelPhase] {
    let (length, dim) = (attention.length, attention.headDim)
    let heads = Double(attention.heads)
    let scores = ProductTraffic(m: length, n: length, k: dim, blocking, arithmetic).phases
    let sums = ProductTraffic(m: length, n: dim, k: length, blocking, arithmetic).phases
    let exponentials = KernelPhase("softmax", exponentials: attention.pairs, traffic: softmax)
    return (scores + [exponentials] + sums).map { $0.times(heads) }
  }

  public func makeData(_ arithmetic: Arithmetic, threads: Int) -> AttentionData {
    let (all, kv) = (
      attention.heads * attention.headElements, attention.keyValueHeads * attention.headElements
    )
    let size = scratch(arithmetic)
    return AttentionData(
      q: Buffer(all, seed: 1), k: Buffer(kv, seed: 2), v: Buffer(kv, seed: 3), o: Buffer(all),
      scratch: (0..<threads).map { _ in
        AttentionData.Scratch(
          scores: Buffer(attention.length * attention.length), packedA: Buffer(size.a),
          packedB: Buffer(size.b), keys: Buffer(1), values: Buffer(1), output: Buffer(1), row: Buffer(1))
      })
  }

  public func execute<I: Instrument>(
    _ data: AttentionData, _ arithmetic: Arithmetic, _ instrument: inout I
  ) {
    if !I.isOff { reportHeld(data, arithmetic, &instrument) }
    part(data, 0..<pieces, thread: 0, arithmetic, &instrument)
  }

  public var pieces: Int { attention.heads }

  public func part<I: Instrument>(
    _ data: AttentionData, _ heads: Range<Int>, thread: Int, _ arithmetic: Arithmetic,
    _ instrument: inout I
  ) {
    for head in heads { one(data, head, thread, arithmetic, &instrument) }
  }

  private func reportHeld<I: Instrument>(
    _ data: AttentionData, _ arithmetic: Arithmetic, _ instrument: inout I
  ) {
    let own = data.scratch[0]
    instrument.load(data.q.base, data.q.bytes, depth: 4)
    instrument.load(data.k.base, data.k.bytes, depth: 4)
    instrument.load(data.v.base, data.v.bytes, depth: 4)
    instrument.store(data.o.base, data.o.bytes, depth: 4)
    instrument.store(own.scores.base, own.scores.bytes, depth: 4)
    instrument.store(own.packedA.base, own.packedA.bytes, depth: 4)
    instrument.store(own.packedB.base, own.packedB.bytes, depth: 4)
  }

  @inline(__always)
  private func one<I: Instrument>(
    _ data: AttentionData, _ head: Int, _ thread: Int, _ arithmetic: Arithmetic, _ instrument: inout I
  ) {
    let (length, dim) = (attention.length, attention.headDim)
    let own = data.scratch[thread]
    let (at, kv) = (head * attention.headElements, head / attention.group * attention.headElements)
    var product = PackedProduct(
      m: length, n: length, k: dim, a: UnsafePointer(data.q.base + at), lda: dim,
      b: UnsafePointer(data.k.base + kv), ldb: dim, transposed: true, c: own.scores.base, ldc: length,
      blocking: blocking, packedA: own.packedA.base, packedB: own.packedB.base, whole: false)
    product.run(arithmetic, &instrument)
    for row in 0..<length {
      let (first, scores) = (attention.firstKey(row), own.scores.base + row * length)
      let seen = row + 1 - first
      arithmetic.table.scale(scores + first, seen, attention.scale)
      instrument.update(scores + first, seen * 4, depth: 0)
      RowKernel.softmax(scores + first, seen, table: arithmetic, &instrument, held: 1...3)
      for key in 0..<first { scores[key] = 0 }
      for key in row + 1..<max(length, row + 1) { scores[key] = 0 }
      instrument.store(scores, first * 4, depths: 0...3)
      instrument.store(scores + row + 1, (length - row - 1) * 4, depths: 0...3)
    }
    product.n = dim
    product.k = length
    (product.a, product.lda) = (UnsafePointer(own.scores.base), length)
    (product.b, product.transposed) = (UnsafePointer(data.v.base + kv), false)
    (product.c, product.ldc) = (data.o.base + at, dim)
    product.run(arithmetic, &instrument)
  }

  public func error(_ data: AttentionData) -> Double { data.error(attention) }
}

extension NaiveAttention: PromptAttention {
  public static let forms = [form(NaiveAttention(.witness(1)), measured: "attention_prefill_naive")]

  public var elements: Double { operands + Double(attention.length) * Double(attention.length) }

  public static var witnesses: [NaiveAttention] { [NaiveAttention(.witness(512))] }

  public static let draws: [ShapeDraw] = [
    { random in
      let window = random.pick([0, 0, random.size(300)])
      return NaiveAttention(.drawn(&random, longest: 600, window: window))
    }
  ]

  public static func parts(of layer: BenchedLayer) -> [NaiveAttention] { [NaiveAttention(layer.attention)] }

  public static var calibrating: [NaiveAttention] { AttentionShape.calibrating.map { NaiveAttention($0) } }
}
