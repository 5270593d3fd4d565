/// How an attention kernel is cut on one machine: all that no workload changes, worked out.
///
/// A block holds the queries of one key/value head's group (GQA packed: positions × heads/storedHeads
/// rows) and walks over the keys its rows may see.
public struct AttentionBlocks: Sendable {
  /// Query positions that share one pass over the keys, at each boundary.
  let positions: SIMD4<Double>
  /// The fewest of them.
  let shortest: Double
  /// Passes that one position's group of query heads needs.
  let perPosition: SIMD4<Double>
  /// Keys of one stored head that fill half of the next level; 0 where each core has its own.
  let keysHeld: SIMD4<Double>
  /// Units of work one query of one stored head is, beyond the first: heads of its group ÷ rows of the smallest
  /// block that a core is given.
  let unitsPerQuery: Double
  /// Query heads that share stored keys.
  let group: Double
  /// Rows of a unit at most, and the keys whose bytes are worth twice what a split leaves for each of its rows.
  let unitRows, keysPerRow: Double
  /// Where registers hold fewer whole rows than a tile of sums has.
  let tiled: RegisterTile?

  /// Both products cut into register tiles, as matrix units with tiles of their own take them: no row is held whole,
  /// queries are read again for each tile of keys, and probabilities pass through the nearest level.
  struct RegisterTile: Sendable {
    /// Query positions that share a pass over the keys, and passes of one position's heads.
    let positions, perPosition: Double
    /// Bytes of queries and probabilities read, and of probabilities written, for each pair and head.
    let reads, writes: Double

    /// - Returns: nil where whole rows of `wholeRows` move fewer bytes.
    init?(_ call: AttentionCall, _ formats: CallFormats, on machine: Machine, wholeRows: Double) {
      // Sums are of fp32.
      let edge = machine.productTile(bytesPerElement: 4)[machine.levels - 1].binade
      let activations = formats.inputBytes
      reads = (call.keyWidth + call.valueWidth) * activations / edge
      writes = activations
      let keys = call.storedWidth * formats.storedBytes
      guard keys / edge + reads + writes < keys / wholeRows else { return nil }
      let group = call.heads / call.storedHeads
      positions = max(1, (edge / group).rounded(.down))
      perPosition = max(1, (group / edge).rounded(.up))
    }
  }

  /// Rows of the matrix units' tile: blocks shrink to it before cores stand idle.
  static let fewestRows = 64.0

  /// - Parameter call: its widths and heads count, its workload does not.
  init(_ call: AttentionCall, _ formats: CallFormats, on machine: Machine) {
    // A core's SRAM: half for the block of queries, half for tiles of K and V. In registers a row of queries
    // stands beside two of K and V, one pair in use, one on its way.
    let group = call.heads / call.storedHeads
    let activations = formats.inputBytes
    let perRow = activations * (call.keyWidth + 2 * (call.keyWidth + call.valueWidth))
    var positions = SIMD4<Double>(repeating: 1)
    var blocks = SIMD4<Double>(repeating: 1)
    var held = SIMD4<Double>.zero
    var core = 1.0
    let sram = machine.firstPrivateLane
    if let sram {
      // Or in the registers, where they are larger (Apple's, AMD's).
      let registers = machine.nextCapacity[machine.levels - 1] / perRow
      core = max(1, max(machine.nextCapacity[sram] / (2 * activations * call.keyWidth), registers).binade)
    }
    for lane in 0..<4 {
      var rows = max(1, (machine.nextCapacity[lane] / perRow).binade)
      if lane == sram { rows = core }
      if machine.nextIsShared[lane] {
        // Blocks of all cores march over the same keys together.
        rows = core * machine.cores
        held[lane] = machine.nextCapacity[lane] / (2 * call.storedWidth * formats.storedBytes)
      }
      positions[lane] = max(1, (rows / group).rounded(.down))
      blocks[lane] = max(1, (group / rows).rounded(.up))
    }
    let nearest = machine.levels - 1
    tiled =
      sram == nearest
      ? nil
      : RegisterTile(
        call, formats, on: machine, wholeRows: max(1, (machine.nextCapacity[nearest] / perRow).binade))
    self.positions = positions
    shortest = positions.min()
    perPosition = blocks
    keysHeld = held
    self.group = group
    unitRows = min(core, Self.fewestRows)
    unitsPerQuery = group / unitRows
    keysPerRow =
      2 * 2 * AttentionWork.partialBytes(call.valueWidth) / (call.storedWidth * formats.storedBytes)
  }

  /// The fewest keys of a split: a tile of them, and no fewer than make it worth joining.
  @inline(__always)
  func shortestSplit(queries: Double) -> Double {
    max(AttentionWork.shortestSplit, min(unitRows, queries * group) * keysPerRow)
  }
}

/// Element-wise work of softmax attention.
public enum AttentionArithmetic {
  /// Scale, running maximum, subtract, exponential, running sum. Dividing by the sum is one more per output.
  public static let softmax = 5.0

  /// ALiBi adds a product and a sum, a soft cap a division, tanh and a product.
  static func flopsPerPair(_ spec: AttentionSpec) -> Double {
    var flops = softmax
    if spec.logitSoftcap { flops += 3 }
    if case .alibi = spec.position { flops += 2 }
    if case .relative = spec.position { flops += 1 }
    return flops
  }
}

extension Machine {
  /// The farthest boundary below which each core works for itself.
  var firstPrivateLane: Int? {
    for lane in 0..<levels where !nextIsShared[lane] { return lane }
    return nil
  }
}
