import MicroKernels

/// One instruction set's micro-kernels.
public struct Arithmetic: Sendable {
  let table: mk_table

  /// Every set this processor runs, weakest first.
  public static var available: [Arithmetic] {
    (Int32(0)..<3).compactMap { level in mk_table_at(level).map { Arithmetic(table: $0.pointee) } }
  }

  /// The widest set this processor runs.
  public static var best: Arithmetic {
    Arithmetic(table: mk_table_best().pointee)
  }

  /// Rows that `dots` lets share each load of a vector of `width` elements.
  static func rowsTogether(width: Int) -> Int { width <= MK_SHORT || width > MK_NEAR ? 4 : 1 }

  /// What `dots` touches: rows of a matrix, a vector of `width` for each few of them, and their results at `depths`.
  static func reportDots<I: Instrument>(
    _ matrix: UnsafeRawPointer, elementBytes: Int, rows: Int, width: Int, _ x: UnsafeRawPointer,
    _ out: UnsafeRawPointer, depths: ClosedRange<Int>, _ instrument: inout I
  ) {
    if I.isOff { return }
    let together = rowsTogether(width: width)
    var row = 0
    while row < rows {
      let count = row + together <= rows ? together : 1
      instrument.load(
        matrix + row * width * elementBytes, count * width * elementBytes, depths: 0...1)
      instrument.load(x, width * 4, depth: 0)
      instrument.store(out + row * 4, count * 4, depths: depths)
      row += count
    }
  }

  public var name: String { String(cString: table.name) }
  public var lanes: Int { table.lanes }
  public var tileRows: Int { table.tile_rows }
  public var tileColumns: Int { table.tile_columns }
  /// Bytes of vector registers that a product tile can live in: 32 of 64 bytes, 16 of 32.
  public var registerBytes: Int { (lanes == 8 ? 16 : 32) * lanes * 4 }
}
