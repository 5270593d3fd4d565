/// [m, k] × [k, n], cut as kernel libraries cut it: of the tiles they ship, and of the parts they split the inputs
/// into, the fastest. A core computes a tile at its share of the peak once the tile's operands flow; the last wave of
/// tiles is partly lost; all of it overlaps with the operands' bytes from far memory. Narrow formats are not split, and
/// first quantise their input, one kernel after the other.
struct MatrixProductModel: KernelModel {
  let dtype: String
  var quantises: Bool { ["fp8", "fp8_block", "nvfp4", "mxfp4", "int8"].contains(dtype) }

  /// Rows and outputs of a tile: cuBLAS and CUTLASS ship about these.
  static let tiles: [(rows: Double, outputs: Double)] = [
    (16, 64), (32, 64), (64, 64), (64, 128), (64, 256), (128, 128), (128, 256), (256, 128),
  ]
  /// Into how many parts the inputs are split, each summed by a core of its own.
  static let splits = [1.0, 2, 3, 4, 6, 8, 16]
  static let leastInputs = 128.0

  var parameters: [Parameter] {
    var list = [
      Parameter("launch_seconds", "launching and ending the kernel", 2.7e-6, 3e-7, 3e-5),
      Parameter("compute_efficiency", "share of the dense peak inside a tile", 0.78, 0.05, 1),
      Parameter("bandwidth_efficiency", "share of far memory's bandwidth", 0.78, 0.05, 1),
      Parameter("prologue_inputs", "inputs in whose time a tile is filled and written", 170, 1, 3000),
      Parameter(
        "operand_bytes_per_clock", "what the shared level gives a core of its tile's operands a clock", 45, 2,
        500),
      Parameter("wave_share", "share of the last, partly filled wave that is lost", 0.4, 0.01, 1),
      Parameter("overlap", "1: compute and memory one after the other; large: the longer alone", 3.5, 1, 8),
    ]
    if quantises {
      list += [
        Parameter("quantise_seconds", "launching the kernel that quantises the input", 2e-6, 1e-7, 2e-5),
        Parameter("quantise_efficiency", "its share of far memory's bandwidth", 0.6, 0.02, 1),
        Parameter(
          "quantise_cached_bytes_per_clock", "what the shared level then gives a core a clock", 14, 2, 64),
        Parameter("quantise_row_seconds", "its time for 128 inputs of one row", 1e-9, 1e-10, 1e-6),
      ]
    } else {
      list.append(Parameter("split_seconds", "joining the sums of split inputs", 2.2e-6, 1e-8, 3e-5))
    }
    return list
  }

  /// One way to cut a product.
  private struct Cut {
    /// The cores' time, the time of joining the parts, and a lower bound of all, quickly had.
    var cores, joining, least: Double
  }

  func seconds(_ p: [Double], _ shapes: [KernelShape], on device: DeviceQuantities) -> [Double] {
    let stored = storedBytes(dtype)
    let corePeak = device.peak(dtype) * p[1] / device.cores
    let coreBandwidth = device.clock * p[4]
    let splits = quantises ? [1] : Self.splits
    var cuts: [Cut] = []
    cuts.reserveCapacity(Self.tiles.count * splits.count)
    return shapes.map { shape in
      let (m, n, k) = (shape.m, shape.n, shape.k)
      let memory = (stored * n * k + stored * m * k + 2 * m * n) / (device.farBandwidth * p[2])
      cuts.removeAll(keepingCapacity: true)
      for tile in Self.tiles {
        let tiles = (m / tile.rows).rounded(.up) * (n / tile.outputs).rounded(.up)
        for parts in splits {
          let inputs = k / parts
          if parts > 1, inputs < Self.leastInputs { break }
          let waves = tiles * parts / device.cores
          // Full cores gain nothing from more parts.
          if parts > 1, waves > 4 { break }
          let slots = waves <= 1 ? 1 : waves + p[5] * (waves.rounded(.up) - waves)
          let compute = 2 * tile.rows * tile.outputs * (inputs + p[3]) / corePeak
          let operands = stored * (tile.rows + tile.outputs) * inputs / coreBandwidth
          let cores = fourthMean(compute, operands) * slots
          let joining = parts > 1 ? p[7] + 8 * m * n * parts / (coreBandwidth * device.cores) : 0
          cuts.append(Cut(cores: cores, joining: joining, least: max(cores, memory) + joining))
        }
      }
      var total = p[0] + fastest(cuts, memory, p[6])
      if quantises {
        total +=
          p[7] + p[10] * k / 128
          + cachedSeconds(m * k * (2 + stored), on: device, efficiency: p[8], bytesPerClock: p[9], share: 0.8)
      }
      return total
    }
  }

  private func fastest(_ cuts: [Cut], _ memory: Double, _ overlap: Double) -> Double {
    guard let best = cuts.min(by: { $0.least < $1.least }) else { return 0 }
    var minimum = SoftMinimum(overlapped(best.cores, memory, overlap) + best.joining)
    for cut in cuts where cut.least < minimum.negligible {
      minimum.add(overlapped(cut.cores, memory, overlap) + cut.joining)
    }
    return minimum.value
  }

  /// (a⁴ + b⁴)^¼: little overlap is lost.
  private func fourthMean(_ a: Double, _ b: Double) -> Double {
    let (x, y) = (a * a, b * b)
    return (x * x + y * y).squareRoot().squareRoot()
  }
}
