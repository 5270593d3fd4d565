import Basics
import CostModel

/// A router: scores of every expert for every token, the `topK` best with weights that add up to one.
public struct RouterKernel: SlicedKernel {
  public var tokens, hidden, experts, topK: Int

  public init(tokens: Int, hidden: Int, experts: Int, topK: Int) {
    (self.tokens, self.hidden, self.experts, self.topK) = (tokens, hidden, experts, min(topK, experts))
  }

  public struct Data: Sendable {
    var x, w, logits, weights: Buffer<Float>
    var picked: Buffer<Int32>
  }

  public var name: String { "router" }
  public var matmulFLOPs: Double { 2 * Double(tokens) * Double(hidden) * Double(experts) }
  public var vectorFLOPs: Double { Double(tokens) * Double(experts * topK + 5 * topK) }

  public var call: Call? {
    call(
      .router,
      .product(
        ProductCall(
          rows: Double(tokens), outputs: Double(experts), inputs: Double(hidden),
          epilogueFLOPs: Double(experts * (5 + topK)))))
  }
  public var modelClaim: ModelClaim { .atMost("one token at a time, where the experts' rows are not held") }

  public func formula(_ arithmetic: Arithmetic) -> TrafficFormula {
    let (rows, table) = (Double(tokens * hidden) * 4, Double(experts * hidden) * 4)
    let (logits, picked) = (Double(tokens * experts) * 4, Double(tokens * topK) * 8)
    let count = Double(tokens)
    let together = Arithmetic.rowsTogether(width: hidden)
    var formula = TrafficFormula([
      LayerCondition(
        "experts in turn", requires: 0,
        reads: count * table + rows * Double(experts / together + experts % together) + logits * Double(topK),
        writes: logits + picked, allocations: logits + picked),
      LayerCondition(
        "token held", requires: Double(together + 2) * Double(hidden) * 4, reads: count * table + rows,
        writes: logits + picked, allocations: logits + picked),
      LayerCondition(
        "router held", requires: table + 2 * Double(hidden) * 4, reads: table + rows,
        writes: logits + picked, allocations: logits + picked),
    ])
    // The cost model ends at the scores.
    for depth in formula.conditions.indices { formula.conditions[depth].own.writes = picked }
    return formula
  }

  public func makeData(_ arithmetic: Arithmetic, threads: Int) -> Data {
    Data(
      x: Buffer(tokens * hidden, seed: 1), w: Buffer(experts * hidden, seed: 2),
      logits: Buffer(tokens * experts), weights: Buffer(tokens * topK), picked: Buffer(tokens * topK))
  }

  public func execute<I: Instrument>(_ data: Data, _ arithmetic: Arithmetic, _ instrument: inout I) {
    instrument.load(data.w.base, experts * hidden * 4, depth: 2)
    part(data, 0..<pieces, thread: 0, arithmetic, &instrument)
  }

  public var pieces: Int { tokens }

  public func part<I: Instrument>(
    _ data: Data, _ range: Range<Int>, thread: Int, _ arithmetic: Arithmetic, _ instrument: inout I
  ) {
    for token in range {
      let (x, logits) = (data.x.base + token * hidden, data.logits.base + token * experts)
      arithmetic.table.dots(data.w.base, hidden, experts, x, hidden, logits)
      instrument.load(x, hidden * 4, depths: 1...2)
      Arithmetic.reportDots(
        data.w.base, elementBytes: 4, rows: experts, width: hidden, x, logits, depths: 0...2, &instrument)
      pick(logits, data.weights.base + token * topK, data.picked.base + token * topK)
      for _ in 0..<topK { instrument.load(logits, experts * 4, depth: 0) }
      instrument.store(data.weights.base + token * topK, topK * 4, depths: 0...2)
      instrument.store(data.picked.base + token * topK, topK * 4, depths: 0...2)
    }
  }

  /// The best `topK`, best first; softmax over them alone.
  private func pick(
    _ logits: UnsafePointer<Float>, _ weights: UnsafeMutablePointer<Float>,
    _ picked: UnsafeMutablePointer<Int32>
  ) {
    var sum: Float = 0
    for place in 0..<topK {
      var best = -1
      for expert in 0..<experts where best < 0 || logits[expert] > logits[best] {
        if (0..<place).contains(where: { picked[$0] == Int32(expert) }) { continue }
        best = expert
      }
      picked[place] = Int32(best)
      weights[place] = Float(exponential(Double(logits[best] - logits[Int(picked[0])])))
      sum += weights[place]
    }
    for place in 0..<topK { weights[place] /= sum }
  }

  /// Weights by expert against a full sort of the scores in double precision.
  public func error(_ data: Data) -> Double {
    var worst = 0.0
    for token in 0..<tokens {
      let scores = (0..<experts).map { expert in
        (0..<hidden).reduce(0.0) {
          $0 + Double(data.x[token * hidden + $1]) * Double(data.w[expert * hidden + $1])
        }
      }
      let order = (0..<experts).sorted { scores[$0] > scores[$1] }.prefix(topK)
      let sum = order.reduce(0.0) { $0 + exponential(scores[$1]) }
      for expert in order {
        let place = (0..<topK).first { data.picked[token * topK + $0] == Int32(expert) }
        let got = place.map { Double(data.weights[token * topK + $0]) } ?? .infinity
        worst = max(worst, abs(got - exponential(scores[expert]) / sum))
      }
    }
    return worst
  }
}

extension RouterKernel: ListedKernel {
  public static let forms = [
    KernelForm(
      RouterKernel(tokens: 1, hidden: 1, experts: 1, topK: 1), measured: "router",
      [
        Dimension("tokens", \.tokens), Dimension("hidden", \.hidden),
        Dimension("top_k", \.topK, 2, 1...4096, label: "experts="),
        Dimension("experts", \.experts, nil, 1...4096, label: "/"),
      ])
  ]

  public var elements: Double {
    Double(tokens) * Double(hidden) + Double(experts) * Double(hidden) + Double(tokens)
      * Double(experts + 2 * topK)
  }

  public var refusal: String? { topK <= experts ? nil : "top_k has to be at most experts" }

  public static var witnesses: [RouterKernel] {
    [RouterKernel(tokens: 32, hidden: 1024, experts: 8, topK: 2)]
  }

  /// It shares a turn with the experts it routes to, see there.
  public static var draws: [ShapeDraw] { [] }

  static func drawn(_ random: inout SplitMix64) -> RouterKernel {
    RouterKernel(
      tokens: random.size(200), hidden: random.size(3000), experts: random.size(128), topK: random.size(8))
  }
}
