import CostModel

/// A whole decoder layer, made of the other kernels: what one writes the next reads.
///
/// Experts take the tokens in turn, as under a balanced router: the layer's own router runs and its time counts, but its
/// choice is not followed, so that the bytes are known beforehand.
public struct LayerKernel: Kernel {
  public var layer: LayerShape

  public init(_ layer: LayerShape) { self.layer = layer }

  public struct Data: Sendable {
    public var x, y: Buffer<Float>
    var stages: [any Stage]
    var parts: Parts
  }

  /// What the reference needs to see.
  struct Parts: Sendable {
    var weights: [Operand: Buffer<Float>] = [:]
    var keys = Buffer<Float>(1), values = Buffer<Float>(1), angles = Buffer<Float>(1)
  }

  enum Operand: Hashable, Sendable {
    case firstNorm, query, key, value, output, secondNorm, gate, up, down, router, expertsGateUp, expertsDown
  }

  public var name: String {
    switch layer.phase {
    case .prefill: layer.experts > 1 ? "layer-moe" : "layer"
    case .decode: layer.experts > 1 ? "layer-moe-decode" : "layer-decode"
    }
  }
  public var isSlowToCheck: Bool { true }
  public var isTimeJudged: Bool { true }
  /// None of its own: its parts have theirs.
  public var call: Call? { nil }

  public var matmulFLOPs: Double { kernels.reduce(0) { $0 + $1.matmulFLOPs } }
  public var vectorFLOPs: Double { kernels.reduce(0) { $0 + $1.vectorFLOPs } }
  public var exponentials: Double { kernels.reduce(0) { $0 + $1.exponentials } }

  public func phases(_ arithmetic: Arithmetic) -> [KernelPhase] { kernels.flatMap { $0.phases(arithmetic) } }

  // MARK: - The parts, in running order

  private var norm: RowKernel { RowKernel(.rmsnorm, rows: layer.tokens, width: layer.hidden) }
  private var add: RowKernel { RowKernel(.add, rows: layer.tokens, width: layer.hidden) }
  private var swiglu: RowKernel { RowKernel(.swiglu, rows: layer.tokens, width: layer.intermediate) }
  private var router: RouterKernel {
    RouterKernel(tokens: layer.tokens, hidden: layer.hidden, experts: layer.experts, topK: layer.topK)
  }
  private var experts: ExpertsKernel {
    ExpertsKernel(
      tokens: layer.tokens, hidden: layer.hidden, intermediate: layer.intermediate, experts: layer.experts,
      topK: layer.topK)
  }
  /// One row is a product of its own kind: nothing to pack for.
  private func product(_ outputs: Int, _ inputs: Int) -> any Kernel {
    if layer.tokens == 1 { return GemvKernel(n: outputs, k: inputs) }
    return GemmKernel(m: layer.tokens, n: outputs, k: inputs)
  }
  private func rope(_ heads: Int) -> RowKernel {
    RowKernel(.rope, rows: layer.tokens, width: heads * layer.headDim, headDim: layer.headDim)
  }
  private var queryWidth: Int { layer.heads * layer.headDim }
  private var keyWidth: Int { layer.keyValueHeads * layer.headDim }

  private var mixing: [any Kernel] {
    let (heads, keyHeads, dim) = (layer.heads, layer.keyValueHeads, layer.headDim)
    switch layer.phase {
    case .prefill(let tokens):
      return [
        MoveKernel(tokens: tokens, heads: heads, headDim: dim, toHeads: true),
        MoveKernel(tokens: tokens, heads: keyHeads, headDim: dim, toHeads: true),
        MoveKernel(tokens: tokens, heads: keyHeads, headDim: dim, toHeads: true),
        FlashAttention(AttentionShape(length: tokens, heads: heads, keyValueHeads: keyHeads, headDim: dim)),
        MoveKernel(tokens: tokens, heads: heads, headDim: dim, toHeads: false),
      ]
    case .decode(let batch, let context):
      let append = MoveKernel.appending(sequences: batch, heads: keyHeads, headDim: dim, capacity: context)
      return [
        append, append,
        DecodeAttention(batch: batch, context: context, heads: heads, keyValueHeads: keyHeads, headDim: dim),
      ]
    }
  }

  var kernels: [any Kernel] {
    var list: [any Kernel] = [
      norm, product(queryWidth, layer.hidden), product(keyWidth, layer.hidden),
      product(keyWidth, layer.hidden), rope(layer.heads), rope(layer.keyValueHeads),
    ]
    list += mixing
    list += [product(layer.hidden, queryWidth), add, norm]
    if layer.experts > 1 {
      list += [router, experts]
    } else {
      list += [
        product(layer.intermediate, layer.hidden), product(layer.intermediate, layer.hidden), swiglu,
        product(layer.hidden, layer.intermediate),
      ]
    }
    return list + [add]
  }

  // MARK: - Traffic

  public func formula(_ arithmetic: Arithmetic) -> TrafficFormula {
    let parts = kernels.map { $0.formula(arithmetic) }
    let depths = parts.map(\.conditions.count).max() ?? 0
    var formula = TrafficFormula(
      (0..<depths).map { depth in
        let all = parts.compactMap { $0.conditions.indices.contains(depth) ? $0.conditions[depth] : nil }
        return LayerCondition(
          "depth \(depth)", requires: .infinity, reads: all.reduce(0) { $0 + $1.reads },
          writes: all.reduce(0) { $0 + $1.writes }, allocations: all.reduce(0) { $0 + $1.allocations })
      })
    formula.parts = parts
    formula.handedOn = LayerCondition.Partial(
      requiredBytes: Double(layer.tokens * min(layer.hidden, keyWidth)) * 4, bytes: 2 * Double(handedOn) * 4)
    return formula
  }

  /// Elements that one part writes and the next reads: counted both times.
  private var handedOn: Int {
    let width = 5 * layer.hidden + 4 * queryWidth + 4 * keyWidth
    return layer.tokens * (width + (layer.experts > 1 ? 0 : 3 * layer.intermediate))
  }

  // MARK: - Data

  public func execute<I: Instrument>(_ data: Data, _ arithmetic: Arithmetic, _ instrument: inout I) {
    for stage in data.stages { stage.execute(arithmetic, &instrument) }
  }

  public func run(_ data: Data, _ arithmetic: Arithmetic, threads: Int) {
    for stage in data.stages { stage.run(arithmetic, threads: threads) }
  }

  public func makeData(_ arithmetic: Arithmetic, threads: Int) -> Data {
    var builder = LayerBuilder(arithmetic, threads: threads)
    let (tokens, hidden) = (layer.tokens, layer.hidden)
    let x = Buffer<Float>(tokens * hidden, seed: 11)
    let first = builder.norm(norm, x, .firstNorm)
    let query = builder.product(product(queryWidth, hidden), first, .query)
    let key = builder.product(product(keyWidth, hidden), first, .key)
    let value = builder.product(product(keyWidth, hidden), first, .value)
    builder.rotate(rope(layer.heads), query)
    builder.rotate(rope(layer.keyValueHeads), key)
    let mixed = builder.mix(mixing, query, key, value)
    let projected = builder.product(product(hidden, queryWidth), mixed, .output)
    let middle = builder.join(add, x, projected)
    let second = builder.norm(norm, middle, .secondNorm)
    let out: Buffer<Float>
    if layer.experts > 1 {
      out = builder.mixture(router, experts, second)
    } else {
      let gate = builder.product(product(layer.intermediate, hidden), second, .gate)
      let up = builder.product(product(layer.intermediate, hidden), second, .up)
      out = builder.product(
        product(hidden, layer.intermediate), builder.join(swiglu, gate, up), .down)
    }
    let y = builder.join(add, middle, out)
    return Data(x: x, y: y, stages: builder.stages, parts: builder.parts)
  }

  public func error(_ data: Data) -> Double { LayerReference(layer, data).error }
}
