import Basics

/// C[m, n] = A[m, k] · B, in the loops of Goto & van de Geijn (ACM TOMS 34, 2008): a block of B packed for the
/// far cache, a block of A for the near one, a sliver of B for the nearest, a tile of C in registers.
///
/// Its pointers lead into buffers that outlive it; threads get parts that do not overlap.
struct PackedProduct: @unchecked Sendable {
  var m, n, k: Int
  var a: UnsafePointer<Float>
  var lda: Int
  var b: UnsafePointer<Float>
  /// B is [n, k], as weights lie, when `transposed`; else [k, n].
  var ldb: Int
  var transposed: Bool
  var c: UnsafeMutablePointer<Float>
  var ldc: Int
  var blocking: Blocking
  var packedA: UnsafeMutablePointer<Float>
  var packedB: UnsafeMutablePointer<Float>
  /// A kernel of its own, not a part of another that reports its last depth itself.
  var whole = true

  struct Blocking: Hashable, Sendable {
    var mc = 240
    var kc = 256
    var nc = 3072

    /// Elements of scratch for a product of these dimensions, A's and B's.
    func scratch(m: Int, n: Int, k: Int, _ arithmetic: Arithmetic) -> (a: Int, b: Int) {
      let depth = min(kc, k)
      return (
        roundUp(min(mc, m), arithmetic.tileRows) * depth, roundUp(min(nc, n), arithmetic.tileColumns) * depth
      )
    }
  }

  @inline(__always)
  func run<I: Instrument>(_ arithmetic: Arithmetic, _ instrument: inout I) {
    let scratch = blocking.scratch(m: m, n: n, k: k, arithmetic)
    instrument.store(packedA, scratch.a * 4, depths: 2...(whole ? 4 : 3))
    instrument.store(packedB, scratch.b * 4, depths: 3...(whole ? 4 : 3))
    if !I.isOff && whole {
      for row in 0..<m { instrument.load(a + row * lda, k * 4, depth: 4) }
      for row in 0..<(transposed ? n : k) {
        instrument.load(b + row * ldb, (transposed ? k : n) * 4, depth: 4)
      }
      for row in 0..<m { instrument.store(c + row * ldc, n * 4, depth: 4) }
    }
    for column in stride(from: 0, to: n, by: blocking.nc) {
      let columns = min(blocking.nc, n - column)
      for inner in stride(from: 0, to: k, by: blocking.kc) {
        let depth = min(blocking.kc, k - inner)
        packB(column, columns, inner, depth, arithmetic, &instrument)
        for row in stride(from: 0, to: m, by: blocking.mc) {
          let rows = min(blocking.mc, m - row)
          packA(row, rows, inner, depth, arithmetic, &instrument)
          block(row, rows, column, columns, depth, first: inner == 0, arithmetic, &instrument)
        }
      }
    }
  }

  @inline(__always)
  private func packB<I: Instrument>(
    _ column: Int, _ columns: Int, _ inner: Int, _ depth: Int, _ arithmetic: Arithmetic,
    _ instrument: inout I
  ) {
    let width = arithmetic.tileColumns
    for j in stride(from: 0, to: columns, by: width) {
      let count = min(width, columns - j)
      let from = transposed ? b + (column + j) * ldb + inner : b + inner * ldb + column + j
      let to = packedB + j * depth
      arithmetic.table.pack(to, from, count, depth, transposed ? ldb : 1, transposed ? 1 : ldb, width)
      if !I.isOff {
        for line in 0..<(transposed ? count : depth) {
          instrument.load(from + line * ldb, (transposed ? depth : count) * 4, depths: 0...3)
        }
        instrument.store(to, width * depth * 4, depths: 0...2)
      }
    }
  }

  @inline(__always)
  private func packA<I: Instrument>(
    _ row: Int, _ rows: Int, _ inner: Int, _ depth: Int, _ arithmetic: Arithmetic, _ instrument: inout I
  ) {
    let height = arithmetic.tileRows
    for i in stride(from: 0, to: rows, by: height) {
      let count = min(height, rows - i)
      let from = a + (row + i) * lda + inner
      arithmetic.table.pack(packedA + i * depth, from, count, depth, lda, 1, height)
      if !I.isOff {
        for line in 0..<count { instrument.load(from + line * lda, depth * 4, depths: 0...3) }
        instrument.store(packedA + i * depth, height * depth * 4, depths: 0...1)
      }
    }
  }

  @inline(__always)
  private func block<I: Instrument>(
    _ row: Int, _ rows: Int, _ column: Int, _ columns: Int, _ depth: Int, first: Bool,
    _ arithmetic: Arithmetic, _ instrument: inout I
  ) {
    let (height, width) = (arithmetic.tileRows, arithmetic.tileColumns)
    for j in stride(from: 0, to: columns, by: width) {
      let right = packedB + j * depth
      instrument.load(right, width * depth * 4, depths: 1...2)
      for i in stride(from: 0, to: rows, by: height) {
        let left = packedA + i * depth
        let (high, wide) = (min(height, rows - i), min(width, columns - j))
        let out = c + (row + i) * ldc + column + j
        arithmetic.table.tile(depth, left, 0, right, out, ldc, high, wide, first ? 0 : 1)
        if I.isOff { continue }
        instrument.load(left, height * depth * 4, depths: 0...1)
        instrument.load(right, width * depth * 4, depth: 0)
        for line in 0..<high {
          if first {
            instrument.store(out + line * ldc, wide * 4, depths: 0...3)
          } else {
            instrument.update(out + line * ldc, wide * 4, depths: 0...3)
          }
        }
      }
    }
  }
}
