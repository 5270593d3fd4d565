import CostModel

/// STREAM's loops: read (a sum), copy, triad a = b + s·c. McCalpin, 1995.
public struct StreamKernel: SlicedKernel {
  public enum Operation: String, CaseIterable, Sendable {
    case read, copy, triad
    var arrays: Int { self == .read ? 1 : self == .copy ? 2 : 3 }
  }
  public var operation: Operation
  /// Elements of each array.
  public var length: Int

  public init(_ operation: Operation, elements: Int) { (self.operation, length) = (operation, elements) }

  public struct Data: Sendable {
    var a, b, c: Buffer<Float>
    /// Each thread's.
    var sums: Buffer<Float>
  }

  static let chunk = 2048
  public var name: String { "stream-\(operation.rawValue)" }
  public var matmulFLOPs: Double { 0 }
  public var call: Call? { nil }
  public var vectorFLOPs: Double {
    switch operation {
    case .read: Double(length)
    case .copy: 0
    case .triad: 2 * Double(length)
    }
  }

  public func formula(_ arithmetic: Arithmetic) -> TrafficFormula {
    let bytes = Double(length) * 4
    let reads = operation == .triad ? 2 * bytes : bytes
    let writes = operation == .read ? 0 : bytes
    return TrafficFormula([
      LayerCondition("streamed once", requires: 0, reads: reads, writes: writes, allocations: writes)
    ])
  }

  public func makeData(_ arithmetic: Arithmetic, threads: Int) -> Data {
    Data(
      a: Buffer(operation == .read ? 1 : length), b: Buffer(length, seed: 1),
      c: Buffer(operation == .triad ? length : 1, seed: 2), sums: Buffer(threads))
  }

  public var pieces: Int { length }
  public var grain: Int { 1024 }

  public func part<I: Instrument>(
    _ data: Data, _ range: Range<Int>, thread: Int, _ arithmetic: Arithmetic, _ instrument: inout I
  ) {
    var sum: Float = 0
    // In pieces only where someone listens: reads and writes then take turns as they do in the loop.
    let step = I.isOff ? max(range.count, 1) : Self.chunk
    for start in stride(from: range.lowerBound, to: range.upperBound, by: step) {
      let count = min(step, range.upperBound - start)
      let (a, b, c) = (data.a.base + start, data.b.base + start, data.c.base + start)
      instrument.load(b, count * 4, depth: 0)
      switch operation {
      case .read: sum += arithmetic.table.sum(b, count)
      case .copy:
        arithmetic.table.copy(a, b, count)
        instrument.store(a, count * 4, depth: 0)
      case .triad:
        instrument.load(c, count * 4, depth: 0)
        arithmetic.table.triad(a, b, c, 3, count)
        instrument.store(a, count * 4, depth: 0)
      }
    }
    data.sums[thread] = sum
  }

  public func error(_ data: Data) -> Double {
    switch operation {
    case .read:
      var sum = 0.0
      var magnitude = 0.0
      for index in 0..<length {
        sum += Double(data.b[index])
        magnitude += abs(Double(data.b[index]))
      }
      var got = 0.0
      for index in 0..<data.sums.count { got += Double(data.sums[index]) }
      return abs(got - sum) / max(magnitude, 1e-30)
    case .copy: return Compare.error(length, got: { data.a[$0] }, expected: { Double(data.b[$0]) })
    case .triad:
      return Compare.error(
        length, got: { data.a[$0] }, expected: { Double(data.b[$0]) + 3 * Double(data.c[$0]) })
    }
  }
}

extension StreamKernel: ListedKernel {
  public static let forms = Operation.allCases.map { operation in
    let blank = StreamKernel(operation, elements: 1)
    return KernelForm(
      blank, measured: blank.name, [Dimension("n", \.length, nil, 1...(1 << 32), columns: .n)])
  }

  public var elements: Double { 3 * Double(length) }

  public static var witnesses: [StreamKernel] {
    Operation.allCases.map { StreamKernel($0, elements: 200_000) }
  }

  public static let draws: [ShapeDraw] = [
    { StreamKernel($0.pick(Operation.allCases), elements: $0.size(1 << 18)) }
  ]

  /// What memory itself gives, beside the layer.
  public static func parts(of layer: BenchedLayer) -> [StreamKernel] {
    Operation.allCases.map { StreamKernel($0, elements: 16 << 20) }
  }
}
