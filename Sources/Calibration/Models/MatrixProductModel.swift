import CostModel

/// [m, k] × [k, n], cut as kernel libraries cut it: of the tiles they ship, and of the parts they split the inputs
/// into, the fastest. A core computes a tile at its share of the peak once the tile's operands flow; the last wave of
/// tiles is partly lost; all of it overlaps with the operands' bytes from far memory.
struct MatrixProductModel: KernelModel {
  struct Parameters: ParameterVector {
    var tile = TileParameters()
    var splitSeconds = 2.2e-6

    static let table: [ParameterEntry<Self>] =
      TileParameters.table.map { $0.within(\.tile) }
      + [.init(\.splitSeconds, "split_seconds", "joining the sums of split inputs", 1e-8...3e-5)]
  }

  let tiles: ProductTiles

  init(_ p: Parameters, for group: RunGroup, on device: DeviceQuantities) {
    tiles = ProductTiles(p.tile, splitSeconds: p.splitSeconds, format: group.format, on: device)
  }

  /// - Parameter weightBytes: of a stored weight that tiles expand, where they are narrower than what is multiplied.
  func seconds(_ call: ProductCall, weightBytes: Double? = nil) -> Double {
    tiles.seconds(call, weightBytes: weightBytes)
  }
  func seconds(_ shape: RunShape) -> Double { seconds(shape.product) }
}

/// Narrow formats are not split, and first quantize their input, one kernel after the other.
struct QuantizedProductModel: KernelModel {
  struct Parameters: ParameterVector {
    var tile = TileParameters()
    var quantizeSeconds = 2e-6
    var quantizeEfficiency = 0.6
    var quantizeCachedBytesPerClock = 14.0
    var quantizeRowSeconds = 1e-9

    static let table: [ParameterEntry<Self>] =
      TileParameters.table.map { $0.within(\.tile) } + [
        .init(
          \.quantizeSeconds, "quantise_seconds", "launching the kernel that quantises the input", 1e-7...2e-5),
        .init(\.quantizeEfficiency, "quantise_efficiency", "its share of far memory's bandwidth", 0.02...1),
        .init(
          \.quantizeCachedBytesPerClock, "quantise_cached_bytes_per_clock",
          "what the shared level then gives a core a clock", 2...64),
        .init(
          \.quantizeRowSeconds, "quantise_row_seconds", "its time for 128 inputs of one row", 1e-10...1e-6),
      ]
  }

  let tiles: ProductTiles
  let p: Parameters
  let device: DeviceQuantities
  let stored: Double

  init(_ p: Parameters, for group: RunGroup, on device: DeviceQuantities) {
    self.p = p
    self.device = device
    stored = group.format.bytes
    tiles = ProductTiles(p.tile, splitSeconds: nil, format: group.format, on: device)
  }

  func seconds(_ call: ProductCall) -> Double {
    let bytes = call.rows * call.copies * call.inputs * (2 + stored)
    return tiles.seconds(call)
      + (p.quantizeSeconds + p.quantizeRowSeconds * call.inputs / 128
        + cachedSeconds(
          bytes, on: device, efficiency: p.quantizeEfficiency, bytesPerClock: p.quantizeCachedBytesPerClock,
          share: 0.8))
  }

  func seconds(_ shape: RunShape) -> Double { seconds(shape.product) }
}

/// What products of all formats have in common.
struct TileParameters: ParameterVector {
  var launchSeconds = 2.7e-6
  var computeEfficiency = 0.78
  var bandwidthEfficiency = 0.78
  var prologueInputs = 170.0
  var operandBytesPerClock = 45.0
  var waveShare = 0.4
  var overlap = 3.5

  static let table: [ParameterEntry<Self>] =
    [
      .init(\.launchSeconds, "launch_seconds", "launching and ending the kernel", 3e-7...2e-4),
      .init(\.computeEfficiency, "compute_efficiency", "share of the dense peak inside a tile", 0.05...1),
      .init(\.bandwidthEfficiency, "bandwidth_efficiency", "share of far memory's bandwidth", 0.05...1),
      .init(
        \.prologueInputs, "prologue_inputs", "inputs in whose time a tile is filled and written", 1...3000),
      .init(
        \.operandBytesPerClock, "operand_bytes_per_clock",
        "what the shared level gives a core of its tile's operands a clock", 2...500),
      .init(\.waveShare, "wave_share", "share of the last, partly filled wave that is lost", 0.01...1),
      .init(
        \.overlap, "overlap", "1: compute and memory one after the other; large: the longer alone", 1...8),
    ]
}

/// A product cut into tiles, and its inputs into parts where a format splits them.
struct ProductTiles: Sendable {
  typealias Tile = (rows: Double, outputs: Double)

  private let p: TileParameters
  /// The fastest is taken.
  private let tiles: [Tile]
  /// Of joining parts; nil where inputs are not split.
  private let splitSeconds: Double?
  /// Bytes between rows at which their pages' addresses take as long as the product; nil where they take none.
  private let spreadBytes: Double?
  private let stored: Double
  private let cores, corePeak, coreBandwidth, farRate: Double

  init(
    _ p: TileParameters, splitSeconds: Double?, format: RunFormat, on device: DeviceQuantities,
    tiles: [Tile] = Self.shipped, spreadBytes: Double? = nil
  ) {
    self.p = p
    self.tiles = tiles
    self.splitSeconds = splitSeconds
    self.spreadBytes = spreadBytes
    stored = format.bytes
    cores = device.cores
    corePeak = device.sustained(format.number) * p.computeEfficiency / device.cores
    coreBandwidth = device.clock * p.operandBytesPerClock
    farRate = device.farBandwidth * p.bandwidthEfficiency
  }

  /// Rows and outputs of a tile: cuBLAS and CUTLASS ship about these.
  static let shipped: [Tile] = [
    (16, 64), (32, 64), (64, 64), (64, 128), (64, 256), (128, 128), (128, 256), (256, 128),
  ]
  /// Into how many parts the inputs are split, each summed by a core of its own.
  private static let splits = [1.0, 2, 3, 4, 6, 8, 16]
  private static let leastInputs = 128.0

  /// One way to cut a product.
  private struct Cut {
    var compute, operands, slots, joining: Double

    /// The cores' time: (compute⁴ + operands⁴)^¼ a slot, little overlap being lost.
    @inline(__always) var cores: Double {
      let (x, y) = (compute * compute, operands * operands)
      return (x * x + y * y).squareRoot().squareRoot() * slots
    }
  }

  func seconds(_ call: ProductCall, weightBytes: Double? = nil) -> Double {
    let (m, n, k) = (call.rows, call.outputs, call.inputs)
    let copies = call.copies
    let weight = weightBytes ?? stored
    let memory = copies * (weight * n * k + stored * m * k + max(2, stored) * m * n) / farRate
    // The cut of the least lower bound, then all whose lower bound is not far above its time.
    var least = Double.infinity
    var best = (cores: 0.0, joining: 0.0)
    cuts(m, n, k, copies, weight) { cut in
      // A root can only add to the longer of the two.
      guard max(max(cut.compute, cut.operands) * cut.slots, memory) + cut.joining < least else { return }
      let cores = cut.cores
      let bound = max(cores, memory) + cut.joining
      if bound < least { (least, best) = (bound, (cores, cut.joining)) }
    }
    var minimum = SoftMinimum(overlapped(best.cores, memory, p.overlap) + best.joining)
    let negligible = minimum.negligible
    cuts(m, n, k, copies, weight) { cut in
      guard max(max(cut.compute, cut.operands) * cut.slots, memory) + cut.joining < negligible else { return }
      let cores = cut.cores
      if max(cores, memory) + cut.joining < negligible {
        minimum.add(overlapped(cores, memory, p.overlap) + cut.joining)
      }
    }
    return p.launchSeconds + minimum.value
  }

  @inline(__always)
  private func cuts(
    _ m: Double, _ n: Double, _ k: Double, _ copies: Double, _ weight: Double,
    _ body: (Cut) -> Void
  ) {
    var spread = 1.0
    if let spreadBytes {
      let share = k * stored / spreadBytes
      spread += share * share
    }
    for tile in tiles {
      let tiles = copies * (m / tile.rows).rounded(.up) * (n / tile.outputs).rounded(.up)
      for parts in Self.splits {
        let inputs = k / parts
        let waves = tiles * parts / cores
        // Full cores gain nothing from more parts.
        if parts > 1, splitSeconds == nil || inputs < Self.leastInputs || waves > 4 { break }
        let slots = waves <= 1 ? 1 : waves + p.waveShare * (waves.rounded(.up) - waves)
        body(
          Cut(
            compute: spread * 2 * tile.rows * tile.outputs * (inputs + p.prologueInputs) / corePeak,
            operands: spread * (stored * tile.rows + weight * tile.outputs) * inputs / coreBandwidth,
            slots: slots,
            joining: parts > 1
              ? (splitSeconds ?? 0) + 8 * copies * m * n * parts / (coreBandwidth * cores) : 0))
      }
    }
  }
}
