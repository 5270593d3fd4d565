import Kernels
import MicroKernels

/// The loops of `PackedProduct` written by hand for one product, without a word of an instrument.
struct PlainProduct {
  let mc = 240, kc = 256, nc = 3072
  let table = mk_table_best().pointee
  let packedA, packedB: Buffer<Float>

  init() {
    packedA = Buffer((mc + table.tile_rows) * kc)
    packedB = Buffer((nc + table.tile_columns) * kc)
  }

  /// C[m, n] = A[m, k] · B[n, k]ᵀ
  @inline(never)
  func run(
    m: Int, n: Int, k: Int, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
    _ c: UnsafeMutablePointer<Float>
  ) {
    let (high, wide) = (table.tile_rows, table.tile_columns)
    for column in stride(from: 0, to: n, by: nc) {
      let columns = min(nc, n - column)
      for inner in stride(from: 0, to: k, by: kc) {
        let depth = min(kc, k - inner)
        for j in stride(from: 0, to: columns, by: wide) {
          table.pack(
            packedB.base + j * depth, b + (column + j) * k + inner, min(wide, columns - j), depth, k, 1, wide)
        }
        for row in stride(from: 0, to: m, by: mc) {
          let rows = min(mc, m - row)
          for i in stride(from: 0, to: rows, by: high) {
            table.pack(
              packedA.base + i * depth, a + (row + i) * k + inner, min(high, rows - i), depth, k, 1, high)
          }
          for j in stride(from: 0, to: columns, by: wide) {
            for i in stride(from: 0, to: rows, by: high) {
              table.tile(
                depth, packedA.base + i * depth, 0, packedB.base + j * depth,
                c + (row + i) * n + column + j, n, min(high, rows - i), min(wide, columns - j),
                inner == 0 ? 0 : 1)
            }
          }
        }
      }
    }
  }
}

/// Rounds in turn, so that a slow second hits each alike; the best of each.
func best(of rounds: Int, _ bodies: [() -> Void]) -> [Double] {
  var least = [Double](repeating: .infinity, count: bodies.count)
  for _ in 0..<rounds {
    for (index, body) in bodies.enumerated() { least[index] = min(least[index], seconds(body)) }
  }
  return least
}

/// The instrument switched off beside the same loops written without one, and beside counting.
func instrument(_ kernel: GemmKernel) {
  let data = kernel.makeData(.best, threads: 1)
  let plain = PlainProduct()
  var off = NoCounter()
  let times = best(
    of: 60,
    [
      { plain.run(m: kernel.m, n: kernel.n, k: kernel.k, data.x.base, data.w.base, data.y.base) },
      { kernel.execute(data, .best, &off) }, { _ = kernel.count(data, .best) },
    ])
  print(
    "instrument, \(kernel.name) \(kernel.shape): by hand \(Int(times[0] * 1e6)) us, off ÷ by hand",
    "\(rounded(times[1] / times[0])) (within 1.03), counting ÷ by hand \(rounded(times[2] / times[0]))")
}

/// A pass over rows, whose loop in Swift is shorter still.
func instrument(_ kernel: RowKernel) {
  let table = mk_table_best().pointee
  let data = kernel.makeData(.best, threads: 1)
  let rows = Buffer<Float>(kernel.rows * kernel.width, seed: 1)
  var off = NoCounter()
  let times = best(
    of: 200,
    [
      {
        for row in 0..<kernel.rows {
          let x = rows.base + row * kernel.width
          table.scale(
            x, kernel.width, 1 / table.exponentials(x, kernel.width, table.maximum(x, kernel.width)))
        }
      }, { kernel.execute(data, .best, &off) }, { _ = kernel.count(data, .best) },
    ])
  print(
    "instrument, \(kernel.name) \(kernel.shape): by hand \(Int(times[0] * 1e6)) us, off ÷ by hand",
    "\(rounded(times[1] / times[0])) (within 1.03), counting ÷ by hand \(rounded(times[2] / times[0]))")
}

func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }
