import Basics
import CostModel

/// Kernels that pass over rows: RMSNorm, softmax, rotary embedding, SwiGLU's gate.
public struct RowKernel: SlicedKernel {
  public enum Operation: String, CaseIterable, Sendable { case rmsnorm, softmax, rope, swiglu, add }
  public var operation: Operation
  /// Tokens, or rows of scores.
  public var rows: Int
  /// Elements a row; for `rope` heads × headDim.
  public var width: Int
  /// `rope` only; even.
  public var headDim: Int

  public init(_ operation: Operation, rows: Int, width: Int, headDim: Int = 0) {
    self.operation = operation
    self.rows = rows
    self.width = width
    self.headDim = headDim > 0 ? headDim : width
  }

  public struct Data: Sendable {
    var x, y, extra, original: Buffer<Float>
  }

  public var name: String { operation.rawValue }
  public var matmulFLOPs: Double { 0 }
  /// Square, add, two products; shift, e^x as 1, sum, product and a comparison; six a pair; e^x, add, divide, two products.
  public var vectorFLOPs: Double {
    let each: Double =
      switch operation {
      case .rmsnorm: 4
      case .softmax: 5
      case .rope: 3
      case .swiglu: 5
      case .add: 1
      }
    return each * Double(rows) * Double(width)
  }

  public var call: Call? {
    let (norm, gate) = (NormSpec.rms, DenseSpec(intermediate: width))
    let width = Double(width)
    let (kind, does, reads, flops): (OperatorKind, RowOperation, Double, Double)
    switch operation {
    case .rmsnorm: (kind, does, reads, flops) = (.inputNorm, .norm, width, norm.flopsPerElement)
    case .softmax: return nil
    case .rope:
      (kind, does) = (.rotaryEmbedding, .rotate)
      (reads, flops) = (width + Double(headDim), RotarySpec.flopsPerElement)
    case .swiglu:
      (kind, does, reads, flops) = (.activation, .activate, gate.projectionWidth, gate.flopsPerElement)
    case .add: (kind, does, reads, flops) = (.mixerResidual, .add, 2 * width, 1)
    }
    let weights = operation == .rmsnorm ? norm.parameters(width: width) : 0
    return call(
      kind,
      .rows(
        RowsCall(
          does, rows: Double(rows), readWidth: reads, writeWidth: width, flopsPerElement: flops,
          weights: weights)))
  }

  public var modelClaim: ModelClaim {
    switch operation {
    case .rmsnorm: .atMost("rows that are not held pass again")
    case .rope: .atMost("angles that are not held pass again")
    case .softmax, .swiglu, .add: .equal
    }
  }

  public var exponentials: Double {
    operation == .softmax || operation == .swiglu ? Double(rows) * Double(width) : 0
  }

  public func formula(_ arithmetic: Arithmetic) -> TrafficFormula {
    let all = Double(rows) * Double(width) * 4
    let row = Double(width) * 4
    func condition(_ name: String, _ requires: Double, _ reads: Double, _ writes: Double, _ fresh: Double)
      -> LayerCondition
    {
      LayerCondition(name, requires: requires, reads: reads, writes: writes, allocations: fresh)
    }
    switch operation {
    case .rmsnorm:
      return TrafficFormula([
        condition("no reuse", 0, 3 * all, all, all), condition("input held", row, 2 * all, all, all),
        condition("row and weights held", 3 * row, all + row, all, all),
      ])
    case .softmax:
      return TrafficFormula([
        condition("no reuse", 0, 3 * all, 2 * all, 0), condition("row held", row, all, all, 0),
      ])
    case .rope:
      let table = Double(rows) * Double(headDim) * 4
      let heads = Double(width / headDim)
      return TrafficFormula([
        condition("no reuse", 0, all + heads * table, all, 0),
        condition("angles held", 3 * Double(headDim) * 4, all + table, all, 0),
      ])
    case .swiglu, .add: return TrafficFormula([condition("streamed once", 0, 2 * all, all, all)])
    }
  }

  public func makeData(_ arithmetic: Arithmetic, threads: Int) -> Data {
    let count = rows * width
    let extra: Buffer<Float>
    switch operation {
    case .rmsnorm: extra = Buffer(width, seed: 3)
    case .softmax: extra = Buffer(1)
    case .swiglu, .add: extra = Buffer(count, seed: 3)
    case .rope: extra = angles
    }
    let inPlace = operation == .softmax || operation == .rope
    return Data(
      x: Buffer(count, seed: 1), y: Buffer(inPlace ? 1 : count), extra: extra,
      original: Buffer(count, seed: 1))
  }

  /// Cosines then sines of each token's angles; any angle will do, so a cheap rational circle.
  var angles: Buffer<Float> {
    let half = headDim / 2
    let extra = Buffer<Float>(rows * headDim)
    for token in 0..<rows {
      for pair in 0..<half {
        let t = Float(token % 97 + 1) / Float(pair + 3)
        extra[token * headDim + pair] = (1 - t * t) / (1 + t * t)
        extra[token * headDim + half + pair] = 2 * t / (1 + t * t)
      }
    }
    return extra
  }

  public func execute<I: Instrument>(_ data: Data, _ arithmetic: Arithmetic, _ instrument: inout I) {
    if operation == .rmsnorm { instrument.load(data.extra.base, width * 4, depth: 2) }
    part(data, 0..<pieces, thread: 0, arithmetic, &instrument)
  }

  public var pieces: Int { rows }

  public func part<I: Instrument>(
    _ data: Data, _ range: Range<Int>, thread: Int, _ arithmetic: Arithmetic, _ instrument: inout I
  ) {
    let table = arithmetic.table
    for row in range {
      let x = data.x.base + row * width
      switch operation {
      case .rmsnorm:
        let y = data.y.base + row * width
        let mean = table.squares(x, width) / Float(width)
        table.weigh(y, x, data.extra.base, 1 / (mean + Self.epsilon).squareRoot(), width)
        instrument.load(x, width * 4, depths: 0...2)
        instrument.load(x, width * 4, depth: 0)
        instrument.load(data.extra.base, width * 4, depths: 0...1)
        instrument.store(y, width * 4, depths: 0...2)
      case .softmax: Self.softmax(x, width, table: arithmetic, &instrument, held: 1...1)
      case .rope:
        let angles = data.extra.base + row * headDim
        let half = headDim / 2
        instrument.load(angles, headDim * 4, depth: 1)
        for start in stride(from: 0, to: width, by: headDim) {
          let a = x + start
          table.rotate(a, a + half, angles, angles + half, half)
          instrument.load(angles, headDim * 4, depth: 0)
          instrument.update(a, headDim * 4, depths: 0...1)
        }
      case .swiglu, .add:
        let (b, y) = (data.extra.base + row * width, data.y.base + row * width)
        if operation == .swiglu { table.silu_mul(y, x, b, width) } else { table.triad(y, x, b, 1, width) }
        instrument.load(x, width * 4, depth: 0)
        instrument.load(b, width * 4, depth: 0)
        instrument.store(y, width * 4, depth: 0)
      }
    }
  }

  static let epsilon: Float = 1e-5

  /// In place: maximum, exponentials and their sum, scaling; three passes, one where the row is held.
  @inline(__always)
  static func softmax<I: Instrument>(
    _ x: UnsafeMutablePointer<Float>, _ count: Int, table arithmetic: Arithmetic, _ instrument: inout I,
    held: ClosedRange<Int>
  ) {
    let sum = arithmetic.table.exponentials(x, count, arithmetic.table.maximum(x, count))
    arithmetic.table.scale(x, count, 1 / sum)
    instrument.load(x, count * 4, depth: 0)
    instrument.update(x, count * 4, depth: 0)
    instrument.update(x, count * 4, depth: 0)
    instrument.update(x, count * 4, depths: held)
  }

  public func error(_ data: Data) -> Double {
    let before = data.original
    var sums = [Double](repeating: 0, count: rows)
    for row in 0..<rows {
      for column in 0..<width {
        let x = Double(before[row * width + column])
        if operation == .rmsnorm { sums[row] += x * x }
        if operation == .softmax { sums[row] += exponential(x) }
      }
    }
    return Compare.error(
      rows * width,
      got: { operation == .softmax || operation == .rope ? data.x[$0] : data.y[$0] },
      expected: { index in
        let (row, column) = (index / width, index % width)
        let x = Double(before[index])
        switch operation {
        case .rmsnorm:
          let mean = sums[row] / Double(width) + Double(Self.epsilon)
          return x / mean.squareRoot() * Double(data.extra[column])
        case .softmax: return exponential(x) / sums[row]
        case .swiglu: return x / (1 + exponential(-x)) * Double(data.extra[index])
        case .add: return x + Double(data.extra[index])
        case .rope:
          let (half, place) = (headDim / 2, column % headDim)
          let pair = place % half
          let cosine = Double(data.extra[row * headDim + pair])
          let sine = Double(data.extra[row * headDim + half + pair])
          return place < half
            ? x * cosine - Double(before[index + half]) * sine
            : Double(before[index - half]) * sine + x * cosine
        }
      })
  }
}

extension RowKernel: ListedKernel {
  public static let forms = Operation.allCases.map { operation in
    var dimensions: [Dimension<RowKernel>] = [
      Dimension("rows", \.rows, columns: .m), Dimension("width", \.width, columns: .k),
    ]
    if operation == .rope { dimensions.append(Dimension("head_dim", \.headDim, nil, 2...65_536, label: nil)) }
    let measured =
      switch operation {
      case .swiglu: "silu_mul"
      case .add: "residual_add"
      default: operation.rawValue
      }
    return KernelForm(RowKernel(operation, rows: 1, width: 1), measured: measured, dimensions)
  }

  public var elements: Double { 4 * Double(rows) * Double(width) }

  public var refusal: String? {
    operation != .rope || headDim % 2 == 0 && width % headDim == 0
      ? nil : "head_dim has to be even and width a multiple of it"
  }

  public static var witnesses: [RowKernel] {
    Operation.allCases.map { RowKernel($0, rows: 64, width: 4096, headDim: $0 == .rope ? 128 : 0) }
  }

  public static let draws: [ShapeDraw] = [
    { random in
      let operation = random.pick([.rmsnorm, .softmax, .swiglu, .add] as [Operation])
      return RowKernel(operation, rows: random.size(200), width: random.size(9000))
    },
    { random in
      let dim = 2 * random.size(64)
      return RowKernel(.rope, rows: random.size(200), width: dim * random.size(40), headDim: dim)
    },
  ]

  public static func parts(of layer: BenchedLayer) -> [RowKernel] {
    let width = (layer.heads + layer.keyValueHeads) * layer.headDim
    return [
      RowKernel(.rmsnorm, rows: layer.tokens, width: layer.hidden),
      RowKernel(.rope, rows: layer.tokens, width: width, headDim: layer.headDim),
    ] + (layer.intermediate.map { [RowKernel(.swiglu, rows: layer.tokens, width: $0)] } ?? [])
  }

  public static var calibrating: [RowKernel] {
    [Operation.rmsnorm, .rope, .swiglu, .add].flatMap { operation in
      [16, 64, 192, 320].flatMap { rows in
        [1536, 3072, 6144].map {
          RowKernel(operation, rows: rows, width: $0, headDim: operation == .rope ? 128 : 0)
        }
      }
    }
  }
}
