import Basics

/// What a `PackedProduct` moves, from its dimensions alone; bytes.
struct ProductTraffic {
  private let m, n, k: Int
  private let blocking: PackedProduct.Blocking
  private let arithmetic: Arithmetic
  /// Tiles' worth of rows and columns, and blocks of them and of the depth.
  private let rowPanels, columnPanels, rowBlocks, columnBlocks, depthBlocks: Double
  /// The operands, and a packed block of the first two.
  private let a, b, c, scratchA, scratchB: Double

  init(m: Int, n: Int, k: Int, _ blocking: PackedProduct.Blocking, _ arithmetic: Arithmetic) {
    func panels(_ count: Int, _ block: Int, _ tile: Int) -> Double {
      Double(count / block * ceilDiv(block, tile) + ceilDiv(count % block, tile))
    }
    (self.m, self.n, self.k, self.blocking, self.arithmetic) = (m, n, k, blocking, arithmetic)
    rowPanels = panels(m, blocking.mc, arithmetic.tileRows)
    columnPanels = panels(n, blocking.nc, arithmetic.tileColumns)
    rowBlocks = Double(ceilDiv(m, blocking.mc))
    columnBlocks = Double(ceilDiv(n, blocking.nc))
    depthBlocks = Double(ceilDiv(k, blocking.kc))
    a = 4 * Double(m) * Double(k)
    b = 4 * Double(n) * Double(k)
    c = 4 * Double(m) * Double(n)
    let scratch = blocking.scratch(m: m, n: n, k: k, arithmetic)
    (scratchA, scratchB) = (Double(scratch.a) * 4, Double(scratch.b) * 4)
  }

  private var height: Double { Double(arithmetic.tileRows) }
  private var width: Double { Double(arithmetic.tileColumns) }
  /// All of an operand as it is packed, and A as the tiles of every column panel load it.
  private var packedA: Double { rowPanels * height * Double(k) * 4 * columnBlocks }
  private var packedB: Double { columnPanels * width * Double(k) * 4 }
  private var loadedA: Double { rowPanels * columnPanels * height * Double(k) * 4 }
  /// Both operands, A once for each block of columns.
  private var source: Double { a * columnBlocks + b }

  /// The conditions that `PackedProduct.run` reports.
  var formula: TrafficFormula { TrafficFormula(zip(packing, product).map(+)) }

  /// Packing, then the product, each with what it moves under the same conditions.
  var phases: [KernelPhase] {
    [
      // Half a shuffle an element, two a cycle: as long as half a vector of element-wise FLOPs.
      KernelPhase(
        "packing", elementwiseFLOPs: source / 4 * Double(arithmetic.lanes) / 2,
        traffic: TrafficFormula(packing)),
      KernelPhase(
        "product", productFLOPs: 2 * rowPanels * height * columnPanels * width * Double(k),
        traffic: TrafficFormula(product)),
    ]
  }

  /// What has to be held, from a tile in registers to everything.
  private var conditions: [(name: String, requires: Double)] {
    let depth = Double(min(k, blocking.kc)) * 4
    let (rows, columns) = (Double(min(m, blocking.mc)), Double(min(n, blocking.nc)))
    return [
      ("tile in registers", 0),
      ("sliver of B held", depth * (2 * height + width) + height * width * 4),
      ("block of A held", nearBlock), ("block of B held", 2 * scratchB + 2 * scratchA + rows * columns * 4),
      ("all held", a + b + c + scratchA + scratchB),
    ]
  }

  private var nearBlock: Double {
    let depth = Double(min(k, blocking.kc)) * 4
    return scratchA + 2 * depth * width + Double(min(m, blocking.mc)) * width * 4
  }

  private var packing: [LayerCondition] {
    let stores = [
      packedA + packedB, packedA + packedB, scratchA + packedB, scratchA + scratchB, scratchA + scratchB,
    ]
    var packing = zip(conditions, stores).enumerated().map { index, step in
      LayerCondition(
        step.0.name, requires: step.0.requires, reads: index < 4 ? source : a + b, writes: step.1,
        allocations: step.1)
    }
    packing[4].own.writes = scratchA + scratchB
    return packing
  }

  /// C is read and written once for each block of the depth, but where all is held.
  private var product: [LayerCondition] {
    let loads = [loadedA + rowPanels * packedB, loadedA + rowBlocks * packedB, rowBlocks * packedB, 0, 0]
    var product = zip(conditions, loads).enumerated().map { index, step in
      LayerCondition(
        step.0.name, requires: step.0.requires, reads: (index < 4 ? c * (depthBlocks - 1) : 0) + step.1,
        writes: index < 4 ? c * depthBlocks : c, allocations: c)
    }
    for index in 0...3 {
      product[index].straddling = straddling
      product[index].partials = [firstOfA + lastOfB, firstOfA + lastOfB, lastOfB, [keptOfC]][index]
    }
    product[3].beginsBytes = scratchA + scratchB
    return product
  }

  /// Rows of C that do not begin on a line: a tile's line is shared with its neighbours, panels apart. Narrow tiles end
  /// within one even where rows begin on it. At a stride of pages, rows of C meet in few sets and drive out a fifth of a
  /// line each of A and B (simulated); source rows of A do so too.
  private var straddling: Double {
    let tile = arithmetic.tileColumns
    let shared = columnPanels <= 1 ? 0.0 : n % 16 != 0 ? 56 : tile % 16 != 0 ? 40 : n % 1024 == 0 ? 12 : 0
    let crowded = k % 1024 == 0 ? 0.07 * a * columnBlocks : 0
    return shared * Double(m) * columnPanels * (2 * depthBlocks) + crowded
  }

  /// A last block of fewer rows, and a block's first pass after packing, find A where larger ones would not.
  private var firstOfA: [LayerCondition.Partial] {
    let first = LayerCondition.Partial(requiredBytes: 2 * scratchA, bytes: loadedA / max(columnPanels, 1))
    let rows = m % blocking.mc
    guard rows > 0, m > blocking.mc else { return [first] }
    return [
      first,
      .init(
        requiredBytes: min(nearBlock, 2 * scratchA) * Double(rows) / Double(blocking.mc),
        bytes: loadedA * Double(rows) / Double(m)),
    ]
  }

  /// A last block of B of less depth or fewer columns stays where whole ones would not, and stays packed.
  private var lastOfB: [LayerCondition.Partial] {
    let cut = [(k, blocking.kc), (n, blocking.nc)].filter { $0.0 > $0.1 && $0.0 % $0.1 > 0 }
    let columns = n > blocking.nc ? [(n, blocking.nc)] : []
    return (cut + columns).map { size, block in
      LayerCondition.Partial(
        requiredBytes: scratchB * Double(size % block) / Double(block),
        bytes: 2 * packedB * Double(size % block) / Double(size))
    }
  }

  /// Rows of C stay from one step along the depth to the next.
  private var keptOfC: LayerCondition.Partial {
    LayerCondition.Partial(
      requiredBytes: scratchA + 2 * scratchB + 4 * Double(m) * Double(min(n, blocking.nc)),
      bytes: c * (depthBlocks - 1) + c * depthBlocks - c)
  }
}
