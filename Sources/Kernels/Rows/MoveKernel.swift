import CostModel

/// Rows of one head each, moved between [token, head, dim], which products write, and [head, token, dim], in which a
/// cache lies: what writing the cache costs.
public struct MoveKernel: SlicedKernel {
  public var tokens, heads, headDim: Int
  /// From tokens outside to heads outside; else the other way.
  public var toHeads: Bool
  /// Tokens that each head's part of the cache holds, and the place of the first that is written.
  public var capacity, first: Int

  public init(tokens: Int, heads: Int, headDim: Int, toHeads: Bool) {
    (self.tokens, self.heads, self.headDim, self.toHeads) = (tokens, heads, headDim, toHeads)
    (capacity, first) = (tokens, 0)
  }

  /// One token of each of `sequences` appended to caches [sequence, head, capacity, dim].
  static func appending(sequences: Int, heads: Int, headDim: Int, capacity: Int) -> MoveKernel {
    var kernel = MoveKernel(tokens: 1, heads: sequences * heads, headDim: headDim, toHeads: true)
    (kernel.capacity, kernel.first) = (capacity, capacity - 1)
    return kernel
  }

  public struct Data: Sendable { var from, to: Buffer<Float> }

  public var name: String { "cache-write" }
  public var shape: String { "tokens=\(tokens) heads=\(heads) dim=\(headDim)" }
  public var matmulFLOPs: Double { 0 }
  public var call: Call? {
    let width = Double(heads * headDim)
    return call(
      .cacheWrite,
      .rows(
        RowsCall(
          .cacheWrite(tokens: Double(tokens)), rows: Double(tokens), readWidth: width, writeWidth: width,
          flopsPerElement: 0)))
  }

  public func formula(_ arithmetic: Arithmetic) -> TrafficFormula {
    let bytes = Double(tokens * heads * headDim) * 4
    return TrafficFormula([
      LayerCondition("moved once", requires: 0, reads: bytes, writes: bytes, allocations: bytes)
    ])
  }

  public func makeData(_ arithmetic: Arithmetic, threads: Int) -> Data {
    Data(from: Buffer(tokens * heads * headDim, seed: 1), to: Buffer(heads * capacity * headDim))
  }

  /// Elements before a token's row of a head, where tokens are outside and where heads are.
  private func places(_ token: Int, _ head: Int) -> (outside: Int, inside: Int) {
    ((token * heads + head) * headDim, (head * capacity + first + token) * headDim)
  }

  public var pieces: Int { tokens }

  public func part<I: Instrument>(
    _ data: Data, _ range: Range<Int>, thread: Int, _ arithmetic: Arithmetic, _ instrument: inout I
  ) {
    let (from, to) = (data.from.base, data.to.base)
    for token in range {
      for head in 0..<heads {
        let (outside, inside) = places(token, head)
        let (source, target) = toHeads ? (from + outside, to + inside) : (from + inside, to + outside)
        arithmetic.table.copy(target, source, headDim)
        instrument.load(source, headDim * 4, depth: 0)
        instrument.store(target, headDim * 4, depth: 0)
      }
    }
  }

  public func error(_ data: Data) -> Double {
    Compare.error(
      tokens * heads * headDim,
      got: { index in
        let (outside, inside) = places(index / headDim / heads, index / headDim % heads)
        return data.to[(toHeads ? inside : outside) + index % headDim]
      },
      expected: { index in
        let (outside, inside) = places(index / headDim / heads, index / headDim % heads)
        return Double(data.from[(toHeads ? outside : inside) + index % headDim])
      })
  }
}
