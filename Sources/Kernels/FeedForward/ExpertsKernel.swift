import Basics
import CostModel

/// A grouped expert feed-forward: each expert gathers its tokens, runs a gated feed-forward over them and adds
/// the weighted result to theirs. Experts without tokens are not read.
public struct ExpertsKernel: Kernel {
  public var tokens, hidden, intermediate, experts, topK: Int
  /// Share of choices that all fall on the first `topK` experts; 0 is balanced.
  public var hotShare: Double
  var blocking = PackedProduct.Blocking()

  public init(tokens: Int, hidden: Int, intermediate: Int, experts: Int, topK: Int, hotShare: Double = 0) {
    (self.tokens, self.hidden, self.intermediate) = (tokens, hidden, intermediate)
    (self.experts, self.topK, self.hotShare) = (experts, min(topK, experts), hotShare)
  }

  public struct Data: Sendable {
    var x, gateUp, down, y: Buffer<Float>
    var scratch: Scratch
    struct Scratch: Sendable {
      var gathered, inner, out: Buffer<Float>
      /// Each thread's.
      var packedA, packedB: [Buffer<Float>]
    }
  }

  public var name: String { "experts" }
  public var shape: String { listedShape + (hotShare > 0 ? " hot=\(hotShare)" : "") }
  public var matmulFLOPs: Double { 6 * Double(tokens * topK) * Double(hidden) * Double(intermediate) }
  public var vectorFLOPs: Double { Double(tokens * topK) * Double(5 * intermediate + 2 * hidden) }

  public var call: Call? {
    call(
      .experts,
      .experts(
        ExpertsCall(
          tokens: Double(tokens), experts: Double(experts), topK: Double(topK),
          distinct: Double(expertsInUse),
          hidden: Double(hidden), expert: DenseSpec(intermediate: intermediate))))
  }
  public var modelClaim: ModelClaim { .atMost("an expert's products are packed in blocks of their own") }

  /// The `place`-th expert of a token; distinct within it.
  func expert(_ token: Int, _ place: Int) -> Int {
    if Double((token * 7919) % tokens) < hotShare * Double(tokens) { return place }
    return (token * topK + place) % experts
  }

  /// Tokens of every expert.
  var groups: [[Int]] {
    var groups = [[Int]](repeating: [], count: experts)
    for token in 0..<tokens { for place in 0..<topK { groups[expert(token, place)].append(token) } }
    return groups
  }

  /// Experts that have tokens: what the weights' traffic grows with.
  public var expertsInUse: Int { groups.filter { !$0.isEmpty }.count }

  /// Gathering a group's rows, the gate, and adding to the result.
  private func rowsStreamed(_ count: Int) -> TrafficFormula {
    let (row, inner) = (Double(count * hidden) * 4, Double(count * intermediate) * 4)
    return TrafficFormula([
      LayerCondition(
        "rows streamed", requires: 0, reads: 3 * row + 2 * inner, writes: 2 * row + inner, allocations: row)
    ])
  }

  private var zeroed: TrafficFormula {
    let y = Double(tokens * hidden) * 4
    return TrafficFormula([LayerCondition("zeroed", requires: 0, reads: 0, writes: y, allocations: y)])
  }

  public func phases(_ arithmetic: Arithmetic) -> [KernelPhase] {
    [KernelPhase("zeroing", traffic: zeroed)]
      + groups.filter { !$0.isEmpty }.flatMap { group -> [KernelPhase] in
        let count = group.count
        return [
          KernelPhase(
            "rows", elementwiseFLOPs: Double(2 * count * hidden), exponentials: Double(count * intermediate),
            traffic: rowsStreamed(count))
        ] + ProductTraffic(m: count, n: 2 * intermediate, k: hidden, blocking, arithmetic).phases
          + ProductTraffic(m: count, n: hidden, k: intermediate, blocking, arithmetic).phases
      }
  }

  public func formula(_ arithmetic: Arithmetic) -> TrafficFormula {
    var parts = groups.filter { !$0.isEmpty }.flatMap { group -> [TrafficFormula] in
      let count = group.count
      return [
        rowsStreamed(count),
        product(count, 2 * intermediate, hidden, arithmetic),
        product(count, hidden, intermediate, arithmetic),
      ]
    }
    let y = Double(tokens * hidden) * 4
    parts.append(zeroed)
    var conditions = (0..<4).map { depth in
      parts.reduce(LayerCondition("depth \(depth)", requires: 0, reads: 0, writes: 0, allocations: 0)) {
        sum, part in
        let one = part.conditions[min(depth, part.conditions.count - 1)]
        return LayerCondition(
          sum.name, requires: max(sum.requiredBytes, one.requiredBytes), reads: sum.reads + one.reads,
          writes: sum.writes + one.writes, allocations: sum.allocations + one.allocations)
      }
    }
    let weights = Double(expertsInUse) * 3 * Double(hidden) * Double(intermediate) * 4
    let longest = Double(groups.map(\.count).max() ?? 0)
    let packed = packedElements(arithmetic)
    let scratch = longest * Double(2 * hidden + 2 * intermediate) * 4 + Double(packed.a + packed.b) * 4
    conditions.append(
      LayerCondition(
        "all held", requires: 2 * (weights + 2 * y + scratch), reads: weights + y, writes: y + scratch,
        allocations: y + scratch))
    // The cost model lets rows pass through memory from one step to the next: in, gate and up, gated, out.
    let routed = Double(tokens * topK) * 4
    conditions[4].own = LayerCondition.Own(
      reads: y - routed * Double(2 * hidden + 3 * intermediate),
      writes: scratch - routed * Double(hidden + 3 * intermediate))
    var formula = TrafficFormula(conditions)
    formula.parts = parts
    // Rows gathered, gated and put out are read by the next step.
    let handed = Double(tokens * topK) * Double(2 * hidden + 6 * intermediate) * 4
    let rows = Double(groups.filter { !$0.isEmpty }.map(\.count).min() ?? 0)
    formula.handedOn = LayerCondition.Partial(
      requiredBytes: rows * Double(min(hidden, 2 * intermediate)) * 4, bytes: handed)
    return formula
  }

  /// The packed operands' place is there from the expert before, where it is held at all.
  private func product(_ m: Int, _ n: Int, _ k: Int, _ arithmetic: Arithmetic) -> TrafficFormula {
    var formula = ProductTraffic(m: m, n: n, k: k, blocking, arithmetic).formula
    let scratch = blocking.scratch(m: m, n: n, k: k, arithmetic)
    for index in 3...4 {
      formula.conditions[index].partials.append(
        .init(requiredBytes: 4 * Double(scratch.a + scratch.b), bytes: 8 * Double(scratch.a + scratch.b)))
    }
    return formula
  }

  /// Scratch for packed operands, elements.
  private func packedElements(_ arithmetic: Arithmetic) -> (a: Int, b: Int) {
    let most = groups.map(\.count).max() ?? 1
    let first = blocking.scratch(m: most, n: 2 * intermediate, k: hidden, arithmetic)
    let second = blocking.scratch(m: most, n: hidden, k: intermediate, arithmetic)
    return (max(first.a, second.a), max(first.b, second.b))
  }

  public func makeData(_ arithmetic: Arithmetic, threads: Int) -> Data {
    let most = groups.map(\.count).max() ?? 1
    let packed = packedElements(arithmetic)
    return Data(
      x: Buffer(tokens * hidden, seed: 1), gateUp: Buffer(experts * 2 * intermediate * hidden, seed: 2),
      down: Buffer(experts * hidden * intermediate, seed: 3), y: Buffer(tokens * hidden),
      scratch: Data.Scratch(
        gathered: Buffer(most * hidden), inner: Buffer(most * 2 * intermediate), out: Buffer(most * hidden),
        packedA: (0..<threads).map { _ in Buffer(packed.a) },
        packedB: (0..<threads).map { _ in Buffer(packed.b) }))
  }

  public func execute<I: Instrument>(_ data: Data, _ arithmetic: Arithmetic, _ instrument: inout I) {
    data.y.base.update(repeating: 0, count: tokens * hidden)
    instrument.store(data.y.base, tokens * hidden * 4, depths: 0...3)
    if !I.isOff { reportHeld(data, &instrument) }
    for (expert, group) in groups.enumerated() where !group.isEmpty {
      one(data, expert, group, arithmetic, threads: 1, &instrument)
    }
  }

  private func reportHeld<I: Instrument>(_ data: Data, _ instrument: inout I) {
    let own = data.scratch
    instrument.load(data.x.base, data.x.bytes, depth: 4)
    instrument.load(data.gateUp.base, expertsInUse * 2 * intermediate * hidden * 4, depth: 4)
    instrument.load(data.down.base, expertsInUse * intermediate * hidden * 4, depth: 4)
    instrument.store(data.y.base, data.y.bytes, depth: 4)
    for buffer in [own.gathered, own.inner, own.out, own.packedA[0], own.packedB[0]] {
      instrument.store(buffer.base, buffer.bytes, depth: 4)
    }
  }

  private func one<I: Instrument>(
    _ data: Data, _ expert: Int, _ group: [Int], _ arithmetic: Arithmetic, threads: Int,
    _ instrument: inout I
  ) {
    let (own, table) = (data.scratch, arithmetic.table)
    for (row, token) in group.enumerated() {
      table.copy(own.gathered.base + row * hidden, data.x.base + token * hidden, hidden)
      instrument.load(data.x.base + token * hidden, hidden * 4, depths: 0...3)
      instrument.store(own.gathered.base + row * hidden, hidden * 4, depths: 0...3)
    }
    var product = PackedProduct(
      m: group.count, n: 2 * intermediate, k: hidden, a: UnsafePointer(own.gathered.base), lda: hidden,
      b: UnsafePointer(data.gateUp.base + expert * 2 * intermediate * hidden), ldb: hidden,
      transposed: true, c: own.inner.base, ldc: 2 * intermediate, blocking: blocking,
      packedA: own.packedA[0].base, packedB: own.packedB[0].base, whole: false)
    run(product, own, arithmetic, threads: threads, &instrument)
    for row in 0..<group.count {
      let gate = own.inner.base + row * 2 * intermediate
      table.silu_mul(gate, gate, gate + intermediate, intermediate)
      instrument.load(gate + intermediate, intermediate * 4, depths: 0...3)
      instrument.update(gate, intermediate * 4, depths: 0...3)
    }
    (product.n, product.k) = (hidden, intermediate)
    (product.a, product.lda) = (UnsafePointer(own.inner.base), 2 * intermediate)
    (product.b, product.ldb) = (
      UnsafePointer(data.down.base + expert * hidden * intermediate), intermediate
    )
    (product.c, product.ldc) = (own.out.base, hidden)
    run(product, own, arithmetic, threads: threads, &instrument)
    for (row, token) in group.enumerated() {
      let y = data.y.base + token * hidden
      table.add(y, own.out.base + row * hidden, 1 / Float(topK), hidden)
      instrument.load(own.out.base + row * hidden, hidden * 4, depths: 0...3)
      instrument.update(y, hidden * 4, depths: 0...3)
    }
  }

  /// A product on one thread with the instrument, or its columns on several.
  private func run<I: Instrument>(
    _ product: PackedProduct, _ own: Data.Scratch, _ arithmetic: Arithmetic, threads: Int,
    _ instrument: inout I
  ) {
    if threads == 1 { return product.run(arithmetic, &instrument) }
    Threads.run(threads) { index in
      let columns = Threads.slice(product.n, index, of: threads, grain: arithmetic.tileColumns)
      if columns.isEmpty { return }
      var part = product
      part.n = columns.count
      part.b += columns.lowerBound * product.ldb
      part.c += columns.lowerBound
      (part.packedA, part.packedB) = (own.packedA[index].base, own.packedB[index].base)
      var off = NoCounter()
      part.run(arithmetic, &off)
    }
  }

  /// Experts run one after another, since two of them may add to one token; each on all threads.
  public func run(_ data: Data, _ arithmetic: Arithmetic, threads: Int) {
    data.y.base.update(repeating: 0, count: tokens * hidden)
    var off = NoCounter()
    for (expert, group) in groups.enumerated() where !group.isEmpty {
      one(data, expert, group, arithmetic, threads: threads, &off)
    }
  }

  public func error(_ data: Data) -> Double {
    let x = (0..<tokens * hidden).map { Double(data.x[$0]) }
    let expected = reference(x, gateUp: data.gateUp, down: data.down)
    return Compare.error(tokens * hidden, got: { data.y[$0] }, expected: { expected[$0] })
  }

  /// All tokens through their experts, in naive loops of double precision.
  func reference(_ x: [Double], gateUp: Buffer<Float>, down: Buffer<Float>) -> [Double] {
    (0..<tokens).flatMap { token -> [Double] in
      var sum = [Double](repeating: 0, count: hidden)
      for place in 0..<topK {
        let one = reference(x[token * hidden..<(token + 1) * hidden], expert(token, place), gateUp, down)
        for column in 0..<hidden { sum[column] += one[column] / Double(topK) }
      }
      return sum
    }
  }

  private func reference(
    _ x: ArraySlice<Double>, _ expert: Int, _ gateUp: Buffer<Float>, _ down: Buffer<Float>
  ) -> [Double] {
    let weights = expert * 2 * intermediate * hidden
    let both = (0..<2 * intermediate).map { row in
      x.enumerated().reduce(0.0) { $0 + $1.element * Double(gateUp[weights + row * hidden + $1.offset]) }
    }
    let inner = (0..<intermediate).map { both[$0] / (1 + exponential(-both[$0])) * both[intermediate + $0] }
    return (0..<hidden).map { column in
      let row = (expert * hidden + column) * intermediate
      return (0..<intermediate).reduce(0.0) { $0 + inner[$1] * Double(down[row + $1]) }
    }
  }
}

extension ExpertsKernel: ListedKernel {
  public static let forms = [
    KernelForm(
      ExpertsKernel(tokens: 1, hidden: 1, intermediate: 1, experts: 1, topK: 1), measured: "moe",
      [
        Dimension("tokens", \.tokens), Dimension("hidden", \.hidden),
        Dimension("intermediate", \.intermediate, label: "inner="),
        Dimension("top_k", \.topK, 2, 1...4096, label: "experts="),
        Dimension("experts", \.experts, nil, 1...4096, label: "/"),
        Dimension("hot_percent", \.hotPercent, 0, 0...100, label: nil),
      ])
  ]

  private var hotPercent: Int {
    get { Int((100 * hotShare).rounded()) }
    set { hotShare = Double(newValue) / 100 }
  }

  public var elements: Double {
    Double(experts) * 3 * Double(hidden) * Double(intermediate) + Double(tokens)
      * Double(4 * hidden + 2 * intermediate)
  }

  public var refusal: String? { topK <= experts ? nil : "top_k has to be at most experts" }

  public static var witnesses: [ExpertsKernel] {
    [ExpertsKernel(tokens: 48, hidden: 256, intermediate: 384, experts: 8, topK: 2)]
  }

  public static var calibrating: [ExpertsKernel] {
    [(8, 2, 1536, 1024), (16, 4, 1024, 768)].flatMap { experts, topK, hidden, inner in
      [1, 2, 5, 12, 24, 48, 96, 192].map {
        ExpertsKernel(tokens: $0, hidden: hidden, intermediate: inner, experts: experts, topK: topK)
      }
    }
  }

  /// The experts or, as often, their router.
  public static let draws: [ShapeDraw] = [
    { random in
      let experts = random.size(16)
      if random.pick([true, false]) { return RouterKernel.drawn(&random) }
      return ExpertsKernel(
        tokens: random.size(128), hidden: random.size(400), intermediate: random.size(600), experts: experts,
        topK: 1 + random.below(experts), hotShare: random.pick([0, 0, 0.5, 1]))
    }
  ]
}
