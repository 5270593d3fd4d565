import CostModel

/// Y[m, n] = X[m, k] · W[n, k]ᵀ (or · B[k, n]), single precision: CostModel's projections.
public struct GemmKernel: Kernel {
  public var m, n, k: Int
  /// The right operand lies [n, k], as weights do.
  public var weights: Bool
  var blocking = PackedProduct.Blocking()

  public init(m: Int, n: Int, k: Int, weights: Bool = true) {
    (self.m, self.n, self.k, self.weights) = (m, n, k, weights)
  }

  /// With block sizes of its own: rows, depth and columns held at a time.
  public init(m: Int, n: Int, k: Int, weights: Bool = true, mc: Int, kc: Int, nc: Int) {
    self.init(m: m, n: n, k: k, weights: weights)
    blocking = PackedProduct.Blocking(mc: mc, kc: kc, nc: nc)
  }

  public struct Data: Sendable {
    public var x, w, y: Buffer<Float>
    var packedA, packedB: [Buffer<Float>]
  }

  public var name: String { "gemm" }
  public var isSlowToCheck: Bool { true }
  public var isTimeJudged: Bool { true }
  public var matmulFLOPs: Double { 2 * Double(m) * Double(n) * Double(k) }
  public var call: Call? {
    call(.outputProjection, .product(ProductCall(rows: Double(m), outputs: Double(n), inputs: Double(k))))
  }
  public var modelClaim: ModelClaim { .atMost("packed in blocks of its own, sums taken up again") }

  public func formula(_ arithmetic: Arithmetic) -> TrafficFormula {
    ProductTraffic(m: m, n: n, k: k, blocking, arithmetic).formula
  }

  public func phases(_ arithmetic: Arithmetic) -> [KernelPhase] {
    ProductTraffic(m: m, n: n, k: k, blocking, arithmetic).phases
  }

  public func makeData(_ arithmetic: Arithmetic, threads: Int) -> Data {
    let scratch = scratch(arithmetic, threads: threads)
    return Data(
      x: Buffer(m * k, seed: 1), w: Buffer(n * k, seed: 2), y: Buffer(m * n), packedA: scratch.a,
      packedB: scratch.b)
  }

  /// Each thread's packed blocks.
  func scratch(_ arithmetic: Arithmetic, threads: Int) -> (a: [Buffer<Float>], b: [Buffer<Float>]) {
    let size = blocking.scratch(m: m, n: n, k: k, arithmetic)
    return ((0..<threads).map { _ in Buffer(size.a) }, (0..<threads).map { _ in Buffer(size.b) })
  }

  public func execute<I: Instrument>(_ data: Data, _ arithmetic: Arithmetic, _ instrument: inout I) {
    product(data, rows: 0..<m, columns: 0..<n, thread: 0).run(arithmetic, &instrument)
  }

  private func product(_ data: Data, rows: Range<Int>, columns: Range<Int>, thread: Int) -> PackedProduct {
    PackedProduct(
      m: rows.count, n: columns.count, k: k, a: UnsafePointer(data.x.base + rows.lowerBound * k), lda: k,
      b: UnsafePointer(data.w.base + columns.lowerBound * (weights ? k : 1)), ldb: weights ? k : n,
      transposed: weights, c: data.y.base + rows.lowerBound * n + columns.lowerBound, ldc: n,
      blocking: blocking, packedA: data.packedA[thread].base, packedB: data.packedB[thread].base)
  }

  public func run(_ data: Data, _ arithmetic: Arithmetic, threads: Int) {
    Threads.run(threads) { index in
      var off = NoCounter()
      let wide = n >= m
      let rows = wide ? 0..<m : Threads.slice(m, index, of: threads, grain: arithmetic.tileRows)
      let columns = wide ? Threads.slice(n, index, of: threads, grain: arithmetic.tileColumns) : 0..<n
      if rows.isEmpty || columns.isEmpty { return }
      product(data, rows: rows, columns: columns, thread: index).run(arithmetic, &off)
    }
  }

  public func error(_ data: Data) -> Double {
    Compare.error(m * n, got: { data.y[$0] }) { index in
      let (row, column) = (index / n, index % n)
      var sum = 0.0
      for p in 0..<k {
        sum += Double(data.x[row * k + p]) * Double(data.w[weights ? column * k + p : p * n + column])
      }
      return sum
    }
  }
}

extension GemmKernel: ListedKernel {
  public static let forms = [
    KernelForm(
      GemmKernel(m: 1, n: 1, k: 1), measured: "gemm",
      [
        Dimension("m", \.m, ), Dimension("n", \.n), Dimension("k", \.k),
      ])
  ]

  public var elements: Double {
    let (m, n, k) = (Double(m), Double(n), Double(k))
    return m * k + n * k + m * n
  }

  public static var witnesses: [GemmKernel] { [GemmKernel(m: 288, n: 288, k: 256)] }

  /// Three turns: no other kernel has so many ways to be cut.
  public static let draws = [ShapeDraw](
    repeating: { GemmKernel(m: $0.size(700), n: $0.size(700), k: $0.size(700)) }, count: 3)

  public static func parts(of layer: BenchedLayer) -> [GemmKernel] {
    let (tokens, hidden) = (layer.tokens, layer.hidden)
    let heads = layer.heads + 2 * layer.keyValueHeads
    return [GemmKernel(m: tokens, n: heads * layer.headDim, k: hidden)]
      + (layer.intermediate.map { [GemmKernel(m: tokens, n: hidden, k: $0)] } ?? [])
  }

  public static var calibrating: [GemmKernel] {
    [48, 160, 320, 512].flatMap { m in
      [(2048, 3072), (3072, 2048), (6144, 2560), (2560, 3584)].map { GemmKernel(m: m, n: $0.0, k: $0.1) }
    }
  }
}
