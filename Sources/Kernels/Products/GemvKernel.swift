import CostModel

/// y[n] = W[n, k] · x[k]: what decoding one token does with every weight; W in single precision or bf16.
public struct GemvKernel: SlicedKernel {
  public var n, k: Int
  public var bf16: Bool

  public init(n: Int, k: Int, bf16: Bool = false) { (self.n, self.k, self.bf16) = (n, k, bf16) }

  public struct Data: Sendable {
    public var x, w, y: Buffer<Float>
    var half: Buffer<UInt16>
  }

  private var weightBytes: Int { bf16 ? 2 : 4 }
  public var name: String { bf16 ? "gemv-bf16" : "gemv" }
  public var formats: CallFormats {
    CallFormats(
      stored: bf16 ? .bf16 : .fp32, input: .fp32, output: .fp32, small: .fp32, unit: .linear,
      compute: .fp32)
  }
  public var call: Call? {
    call(.outputProjection, .product(ProductCall(rows: 1, outputs: Double(n), inputs: Double(k))))
  }
  public var modelClaim: ModelClaim { .atMost("few rows share each load of an x that is not held") }
  public var isTimeJudged: Bool { true }
  public var matmulFLOPs: Double { 2 * Double(n) * Double(k) }

  /// Rows that share each load of x.
  private var rowsTogether: Int { Arithmetic.rowsTogether(width: k) }

  public func formula(_ arithmetic: Arithmetic) -> TrafficFormula {
    let weights = Double(n) * Double(k) * Double(weightBytes)
    let (x, y) = (Double(k) * 4, Double(n) * 4)
    return TrafficFormula([
      LayerCondition(
        rowsTogether == 1 ? "one row" : "four rows", requires: 0,
        reads: weights + x * Double(n / rowsTogether + n % rowsTogether), writes: y, allocations: y),
      LayerCondition(
        "x held", requires: 2 * x + Double(rowsTogether * k * weightBytes), reads: weights + x, writes: y,
        allocations: y),
    ])
  }

  public func makeData(_ arithmetic: Arithmetic, threads: Int) -> Data {
    let w = Buffer<Float>(bf16 ? 1 : n * k, seed: 2)
    let half = Buffer<UInt16>(bf16 ? n * k : 1)
    if bf16 {
      let source = Buffer<Float>(n * k, seed: 2)
      for index in 0..<n * k { half[index] = UInt16(truncatingIfNeeded: source[index].bitPattern >> 16) }
    }
    return Data(x: Buffer(k, seed: 1), w: w, y: Buffer(n), half: half)
  }

  public var pieces: Int { n }
  public var grain: Int { 4 }

  public func part<I: Instrument>(
    _ data: Data, _ rows: Range<Int>, thread: Int, _ arithmetic: Arithmetic, _ instrument: inout I
  ) {
    let (x, y) = (data.x.base, data.y.base + rows.lowerBound)
    instrument.load(x, k * 4, depth: 1)
    let weights = bf16 ? UnsafeRawPointer(data.half.base) : UnsafeRawPointer(data.w.base)
    Arithmetic.reportDots(
      weights + rows.lowerBound * k * weightBytes, elementBytes: weightBytes, rows: rows.count, width: k, x,
      y, depths: 0...1, &instrument)
    if bf16 {
      arithmetic.table.dots_bf16(data.half.base + rows.lowerBound * k, k, rows.count, x, k, y)
    } else {
      arithmetic.table.dots(data.w.base + rows.lowerBound * k, k, rows.count, x, k, y)
    }
  }

  public func error(_ data: Data) -> Double {
    Compare.error(n, got: { data.y[$0] }) { row in
      var sum = 0.0
      for p in 0..<k {
        let weight =
          bf16 ? Float(bitPattern: UInt32(data.half[row * k + p]) << 16) : data.w[row * k + p]
        sum += Double(weight) * Double(data.x[p])
      }
      return sum
    }
  }
}

extension GemvKernel: ListedKernel {
  public static let forms = [false, true].map { bf16 in
    KernelForm(
      GemvKernel(n: 1, k: 1, bf16: bf16), measured: "gemm", [Dimension("n", \.n), Dimension("k", \.k)])
  }

  public var elements: Double { (bf16 ? 2 : 1) * Double(n) * Double(k) }

  public static var witnesses: [GemvKernel] {
    [false, true].map { GemvKernel(n: 1024, k: 1024, bf16: $0) }
  }

  public static let draws: [ShapeDraw] = [
    { GemvKernel(n: $0.size(3000), k: $0.size(3000), bf16: $0.pick([true, false])) }
  ]

  public static func parts(of layer: BenchedLayer) -> [GemvKernel] {
    [GemvKernel(n: layer.hidden, k: layer.hidden)]
      + (layer.intermediate.map { [GemvKernel(n: $0, k: layer.hidden, bf16: true)] } ?? [])
  }

  public static var calibrating: [GemvKernel] {
    [false, true].flatMap { bf16 in
      [2048, 3072, 6144, 9216].flatMap { n in
        [1024, 3072, 5120, 8192].map { GemvKernel(n: n, k: $0, bf16: bf16) }
      }
    }
  }
}
