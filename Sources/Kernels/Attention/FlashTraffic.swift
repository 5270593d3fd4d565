import Basics

/// What `FlashAttention` moves: keys and values packed, then blocks of queries that walk over blocks of keys; bytes.
struct FlashTraffic {
  private let kernel: FlashAttention
  private let arithmetic: Arithmetic
  /// Queries and keys of a whole block, and what both together span.
  private let rows, columns, span: Int
  private var sums = Sums()

  /// Elements, over the blocks of one head.
  private struct Sums {
    /// Panels of K and V as tiles load them, and as they pass once for each block of queries.
    var keyLoads = 0, valueLoads = 0, keyPasses = 0, valuePasses = 0
    /// Rows of Q and of scores, for each panel.
    var queryLoads = 0, scoreLoads = 0
    /// Scores; rows of the output that are scaled and added to; multiply-adds, the padding of tiles among them.
    var scores = 0, outputs = 0, executed = 0
  }

  init(_ kernel: FlashAttention, _ arithmetic: Arithmetic) {
    (self.kernel, self.arithmetic) = (kernel, arithmetic)
    let attention = kernel.attention
    let (length, dim, wide) = (attention.length, attention.headDim, arithmetic.tileColumns)
    (rows, columns) = (min(kernel.queryBlock, length), min(kernel.keyBlock, length))
    span =
      attention.window > 0 ? min(length, attention.window + kernel.queryBlock + kernel.keyBlock) : length
    let valuePanels = ceilDiv(dim, wide)
    for row in stride(from: 0, to: length, by: kernel.queryBlock) {
      let count = min(kernel.queryBlock, length - row)
      let tiles = ceilDiv(count, arithmetic.tileRows)
      let visible = kernel.keys(row, count)
      for key in stride(from: visible.lowerBound, to: visible.upperBound, by: kernel.keyBlock) {
        let columns = min(kernel.keyBlock, visible.upperBound - key)
        let keyPanels = ceilDiv(columns, wide)
        let (keys, values) = (keyPanels * wide * dim, valuePanels * wide * columns)
        sums.keyPasses += keys
        sums.keyLoads += tiles * keys
        sums.queryLoads += keyPanels * count * dim
        sums.valuePasses += values
        sums.valueLoads += tiles * values
        sums.scoreLoads += valuePanels * count * columns
        sums.scores += count * columns
        sums.outputs += count * dim
        sums.executed += tiles * arithmetic.tileRows * (keys + values)
      }
    }
  }

  var productFLOPs: Double { 2 * Double(attention.heads) * Double(sums.executed) }

  private var attention: AttentionShape { kernel.attention }
  private func perHead(_ elements: Int) -> Double { Double(attention.heads) * Double(elements) * 4 }
  /// One head's keys, or values, or queries.
  private var one: Double { Double(attention.headElements) * 4 }
  /// What all heads put out.
  private var out: Double { Double(attention.heads) * one }
  /// Keys and values of one head, packed.
  private var packed: Double {
    let (length, dim, wide) = (attention.length, attention.headDim, arithmetic.tileColumns)
    return Double((roundUp(length, wide) * dim + roundUp(dim, wide) * length) * 4)
  }
  /// A block's scores and outputs.
  private var tile: Double { Double((rows * columns + rows * attention.headDim) * 4) }

  private var conditions: [(name: String, requires: Double)] {
    let dim = attention.headDim
    return [
      ("tile in registers", 0),
      ("blocks of Q, K, V, S, O held", 2 * tile + Double((rows * dim + 2 * columns * dim) * 4)),
      ("K and V held", 2 * packed + 2 * tile),
      ("window of K and V held", Double(16 * span * dim) + 2 * tile),
    ]
  }

  /// Once for each head of keys; where all packed ones stay, one head's place serves them all.
  var packing: TrafficFormula {
    let heads = Double(attention.keyValueHeads)
    var packing = TrafficFormula(
      zip(conditions, [packed * heads, packed * heads, packed, packed * heads]).map { condition, stores in
        LayerCondition(
          condition.name, requires: condition.requires, reads: 2 * one * heads, writes: stores,
          allocations: stores)
      })
    packing.conditions[2].own.writes = packed
    return packing
  }

  /// Scores: stored by the product, read for the maximum, read and written by the exponentials; the output is scaled
  /// and added to in every block.
  var blocks: TrafficFormula {
    let (scores, outputs) = (perHead(sums.scores), perHead(sums.outputs))
    let passes = 2 * scores + 2 * outputs
    let loads = sums.keyLoads + sums.queryLoads + sums.valueLoads + sums.scoreLoads
    let moved: [(reads: Double, writes: Double, allocations: Double)] = [
      (perHead(loads) + passes, passes + out, scores + out),
      (perHead(sums.keyPasses + sums.valuePasses), tile, tile), (0, tile, tile),
      (Double(attention.heads) * packed, tile, tile),
    ]
    var traffic = TrafficFormula(
      zip(conditions, moved).map { condition, moved in
        LayerCondition(
          condition.name, requires: condition.requires, reads: moved.reads + out, writes: moved.writes + out,
          allocations: moved.allocations + out)
      })
    // The first queries see few keys, which stay where all of them would not.
    traffic.conditions[2].own.writes = tile
    traffic.conditions[2].beginsBytes = (packed + tile) * 2 / 3
    traffic.wholeFrom = 1
    traffic.parts = parts
    traffic.handedOn = LayerCondition.Partial(
      requiredBytes: Double(rows * min(columns, attention.headDim)) * 4, bytes: 3 * scores + 3 * outputs)
    return traffic
  }

  /// Where a block's scores are not held from one part to the next, each part has conditions of its own.
  private var parts: [TrafficFormula] {
    let (scores, outputs) = (perHead(sums.scores), perHead(sums.outputs))
    let row = Double(columns + attention.headDim) * 4
    return [
      product(
        "scores", panels: (sums.keyLoads, sums.keyPasses), rows: (sums.queryLoads, sums.outputs),
        held: attention.headDim, reads: 0, writes: scores, allocations: scores),
      TrafficFormula([
        LayerCondition(
          "softmax", requires: 0, reads: 2 * scores + outputs, writes: scores + outputs, allocations: 0),
        LayerCondition(
          "softmax: row held", requires: row, reads: scores + outputs, writes: scores + outputs,
          allocations: 0),
      ]),
      product(
        "output", panels: (sums.valueLoads, sums.valuePasses), rows: (sums.scoreLoads, sums.scores),
        held: columns, reads: outputs, writes: outputs, allocations: 0),
      TrafficFormula([
        LayerCondition("ends", requires: 0, reads: out, writes: 2 * out, allocations: 2 * out)
      ]),
    ]
  }

  /// - Parameters:
  ///   - panels: elements as tiles load them, and where a panel is held; `rows` likewise.
  ///   - held: elements a row of a block.
  private func product(
    _ name: String, panels: (loads: Int, passes: Int), rows left: (loads: Int, passes: Int), held: Int,
    reads: Double, writes: Double, allocations: Double
  ) -> TrafficFormula {
    let (high, wide) = (arithmetic.tileRows, arithmetic.tileColumns)
    let panel = Double(wide * max(attention.headDim, columns)) * 4
    let row = Double(high * (max(attention.headDim, kernel.keyBlock) + wide)) * 4
    let block = Double(rows * (held + wide)) * 4
    return TrafficFormula(
      [
        ("tile in registers", 0, panels.loads + left.loads),
        ("panel held", panel + row, panels.passes + left.loads),
        ("panel and rows held", block + 2 * panel, panels.passes + left.passes),
      ].map { step, requires, loads in
        LayerCondition(
          "\(name): \(step)", requires: requires, reads: perHead(loads) + reads, writes: writes,
          allocations: allocations)
      })
  }
}
