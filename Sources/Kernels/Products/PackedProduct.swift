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

  /// Packing, then the product, each with what it moves under the same conditions.
  static func phases(m: Int, n: Int, k: Int, _ blocking: Blocking, _ arithmetic: Arithmetic) -> [KernelPhase]
  {
    let (height, width) = (arithmetic.tileRows, arithmetic.tileColumns)
    func panels(_ count: Int, _ block: Int, _ tile: Int) -> Double {
      let last = count % block
      return Double(count / block * ((block + tile - 1) / tile) + (last + tile - 1) / tile)
    }
    let rowPanels = panels(m, blocking.mc, height)
    let columnPanels = panels(n, blocking.nc, width)
    let (rowBlocks, columnBlocks, depthBlocks) = (
      Double(ceilDiv(m, blocking.mc)), Double(ceilDiv(n, blocking.nc)),
      Double(ceilDiv(k, blocking.kc))
    )
    let (dm, dn, dk) = (Double(m) * 4, Double(n), Double(k))
    let source = dm * dk * columnBlocks + dn * dk * 4
    let (outReads, outWrites) = (dm * dn * (depthBlocks - 1), dm * dn * depthBlocks)
    let storeA = rowPanels * Double(height) * dk * 4 * columnBlocks
    let storeB = columnPanels * Double(width) * dk * 4
    let loadA = rowPanels * columnPanels * Double(height) * dk * 4
    let scratch = blocking.scratch(m: m, n: n, k: k, arithmetic)
    let (scratchA, scratchB) = (Double(scratch.a) * 4, Double(scratch.b) * 4)
    let depth = Double(min(k, blocking.kc)) * 4
    let sliver = depth * Double(2 * height + width) + Double(height * width) * 4
    let nearBlock = scratchA + 2 * depth * Double(width) + Double(min(m, blocking.mc) * width) * 4
    let farBlock =
      2 * scratchB + 2 * scratchA + Double(min(m, blocking.mc)) * Double(min(n, blocking.nc)) * 4
    let all = dm * dk + dn * dk * 4 + dm * dn + scratchA + scratchB
    func condition(
      _ name: String, _ requires: Double, a: Double, b: Double, loads: Double, c: Double? = nil
    ) -> (packing: LayerCondition, product: LayerCondition) {
      (
        LayerCondition(
          name, requires: requires, reads: c == nil ? source : dm * dk + dn * dk * 4, writes: a + b,
          allocations: a + b),
        LayerCondition(
          name, requires: requires, reads: (c == nil ? outReads : 0) + loads, writes: c ?? outWrites,
          allocations: dm * dn)
      )
    }
    let conditions = [
      condition("tile in registers", 0, a: storeA, b: storeB, loads: loadA + rowPanels * storeB),
      condition("sliver of B held", sliver, a: storeA, b: storeB, loads: loadA + rowBlocks * storeB),
      condition("block of A held", nearBlock, a: scratchA, b: storeB, loads: rowBlocks * storeB),
      condition("block of B held", farBlock, a: scratchA, b: scratchB, loads: 0),
      condition("all held", all, a: scratchA, b: scratchB, loads: 0, c: dm * dn),
    ]
    var product = conditions.map(\.product)
    // A last block of fewer rows, and a block's first pass after packing, find A where larger ones would not.
    let lastRows = m % blocking.mc
    let last = min(nearBlock, 2 * scratchA) * Double(lastRows) / Double(min(m, blocking.mc))
    let lastLoads = loadA * Double(lastRows) / Double(m)
    // Rows of C that do not begin on a line: a tile's line is shared with its neighbours, panels apart.
    // Narrow tiles end within one even where rows begin on it.
    // At a stride of pages, rows of C meet in few sets and drive out a fifth of a line each of A and B (simulated).
    let shared = columnPanels <= 1 ? 0.0 : n % 16 != 0 ? 56 : width % 16 != 0 ? 40 : n % 1024 == 0 ? 12 : 0
    let straddling = shared * Double(m) * columnPanels * (2 * depthBlocks)
    for index in 0...1 {
      product[index].partials = [.init(requiredBytes: 2 * scratchA, bytes: loadA / max(columnPanels, 1))]
      if lastRows > 0 && m > blocking.mc {
        product[index].partials.append(.init(requiredBytes: last, bytes: lastLoads))
      }
    }
    // Source rows of A at a stride of pages do so too.
    let crowded = k % 1024 == 0 ? 0.07 * dm * dk * columnBlocks : 0
    // A last block of B of less depth or fewer columns stays where whole ones would not.
    let lastShares = [(k, blocking.kc), (n, blocking.nc)].filter { $0.0 > $0.1 && $0.0 % $0.1 > 0 }
    for index in 0...2 {
      product[index].partials += lastShares.map { size, block in
        LayerCondition.Partial(
          requiredBytes: scratchB * Double(size % block) / Double(block),
          bytes: 2 * storeB * Double(size % block) / Double(size))
      }
    }
    for index in 0...3 { product[index].straddling = straddling + crowded }
    // A last block of fewer columns stays packed; rows of C stay from one step along k to the next.
    let lastColumns = n > blocking.nc ? Double(n % blocking.nc) : 0
    for index in 0...2 {
      product[index].partials.append(
        .init(
          requiredBytes: scratchB * lastColumns / Double(blocking.nc), bytes: 2 * storeB * lastColumns / dn))
    }
    product[3].partials.append(
      .init(
        requiredBytes: scratchA + 2 * scratchB + dm * min(dn, Double(blocking.nc)),
        bytes: outReads + outWrites - dm * dn))
    product[3].beginsBytes = scratchA + scratchB
    let executed = 2 * rowPanels * Double(height) * columnPanels * Double(width) * dk
    return [
      // Half a shuffle an element, two a cycle: as long as half a vector of element-wise FLOPs.
      KernelPhase(
        "packing", elementwiseFLOPs: source / 4 * Double(arithmetic.lanes) / 2,
        traffic: TrafficFormula(conditions.map(\.packing))),
      KernelPhase("product", productFLOPs: executed, traffic: TrafficFormula(product)),
    ]
  }

  /// The conditions that `run` reports, from its dimensions alone.
  static func formula(m: Int, n: Int, k: Int, _ blocking: Blocking, _ arithmetic: Arithmetic)
    -> TrafficFormula
  {
    let phases = phases(m: m, n: n, k: k, blocking, arithmetic)
    return TrafficFormula(zip(phases[0].traffic.conditions, phases[1].traffic.conditions).map(+))
  }
}
