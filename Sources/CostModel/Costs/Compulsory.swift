/// What a call cannot do without, whoever implements it: each input and output once, its products and exponentials.
///
/// No tile, split, level or dealing of experts is in it; expanding stored numbers is left out, since units exist that
/// multiply them as they are.
public struct Compulsory: Hashable, Sendable {
  /// Products over what the mask and the routing allow.
  public var matmulFLOPs = 0.0
  /// Element-wise arithmetic beside the exponentials.
  public var vectorFLOPs = 0.0
  /// One a pair of attention's scores; those of other operators are few.
  public var exponentials = 0.0
  /// Bytes of weights, cache and states, which wait in far memory.
  public var stored = 0.0
  /// Bytes of activations, which an operator before wrote and one behind will read.
  public var read = 0.0, written = 0.0

  /// All bytes.
  @inline(__always) public var bytes: Double { stored + read + written }
}

extension Call {
  /// Of one layer.
  @inline(__always)
  public var compulsory: Compulsory {
    switch shape {
    case .product(let shape): shape.compulsory(formats)
    case .attention(let shape): shape.compulsory(formats)
    // Joining splits is a matter of the algorithm: attention has its reads and writes.
    case .join: Compulsory()
    case .index(let shape): shape.compulsory(formats)
    case .experts(let shape): shape.compulsory(formats)
    case .rows(let shape): shape.compulsory(formats)
    case .scan(let shape): shape.compulsory(formats)
    case .message: Compulsory()
    }
  }
}

extension CallFormats {
  /// The fastest arithmetic that has the same result: official indexers score in fp8.
  @inline(__always)
  func fastest(for kind: OperatorKind) -> ComputeFormat { kind == .indexScores ? .fp8 : fastest }
}

/// What a call cannot do without of which nothing but the number of rows is missing.
struct CompulsoryByRows: Sendable {
  /// Of each row: FLOPs of products and others, bytes read and written, bytes stored.
  private let flops, moved: SIMD2<Double>
  private let stored: Double
  /// Bytes of weights, whatever the rows.
  private let weights: Double

  init(
    matmulFLOPs: Double = 0, vectorFLOPs: Double, stored: Double = 0, read: Double, written: Double,
    weights: Double
  ) {
    flops = SIMD2(matmulFLOPs, vectorFLOPs)
    moved = SIMD2(read, written)
    self.stored = stored
    self.weights = weights
  }

  @inline(__always)
  func callAsFunction(_ rows: Double) -> Compulsory {
    let (flops, moved) = (rows * flops, rows * moved)
    return Compulsory(
      matmulFLOPs: flops.x, vectorFLOPs: flops.y, stored: weights + rows * stored, read: moved.x,
      written: moved.y)
  }
}

extension ProductCall {
  func compulsory(_ formats: CallFormats) -> Compulsory { compulsoryByRows(formats)(rows) }

  @inline(__always)
  func compulsoryByRows(_ formats: CallFormats) -> CompulsoryByRows {
    CompulsoryByRows(
      matmulFLOPs: 2 * copies * outputs * inputs, vectorFLOPs: copies * (biases + epilogueFLOPs),
      read: copies * inputs * formats.inputBytes, written: copies * outputs * formats.outputBytes,
      weights: copies * (inputs * outputs * formats.storedBytes + biases * formats.smallBytes))
  }
}

extension AttentionCall {
  func compulsory(_ formats: CallFormats) -> Compulsory { compulsory(formats, pairs: pairs) }

  /// Keys of new tokens were written just before, all others lie in the cache; queries that pick keys may all pick the
  /// same.
  ///
  /// - Parameter each: pairs of each sequence and head.
  @inline(__always)
  func compulsory(_ formats: CallFormats, pairs each: Double) -> Compulsory {
    let pairs = sequences * heads * each
    let rows = tokens * heads
    let keys = picked.map { min(length, $0) } ?? distinctKeys(pairs: each)
    let new = expanded ? keys : min(keys, queries)
    let keyBytes = sequences * storedHeads * storedWidth * formats.storedBytes
    let output = rows * valueWidth * formats.outputBytes
    return Compulsory(
      matmulFLOPs: 2 * pairs * (keyWidth + valueWidth), vectorFLOPs: pairs * max(0, flopsPerPair - 1),
      exponentials: pairs, stored: (keys - new) * keyBytes,
      read: rows * keyWidth * formats.inputBytes + new * keyBytes + (gated ? output : 0), written: output)
  }
}

extension IndexCall {
  /// The scan that keeps the best runs beside the scores, which no memory has to hold.
  @inline(__always)
  func compulsory(_ formats: CallFormats) -> Compulsory {
    let tokens = sequences * queries
    let pairs = sequences * CausalPairs.sliding(queries: queries, prefix: prefix, window: prefix + queries)
    let keyBytes = sequences * width * formats.storedBytes
    return Compulsory(
      matmulFLOPs: 2 * pairs * heads * width, stored: prefix * keyBytes,
      read: queries * keyBytes + tokens * heads * width * formats.inputBytes, written: tokens * kept * 4)
  }
}

extension ExpertsCall {
  /// Weights of the fewest experts that any routing touches; where buffers are capped, no more rows than they hold.
  func compulsory(_ formats: CallFormats) -> Compulsory {
    compulsory(ExpertConstants(expert, hidden: hidden, formats))
  }

  @inline(__always)
  func compulsory(_ constants: ExpertConstants) -> Compulsory {
    let rows = capacity.map { min(tokens * topK, fewest * $0) } ?? rows
    let rowBytes = tokens * constants.hidden
    return Compulsory(
      matmulFLOPs: 2 * rows * constants.weights,
      vectorFLOPs: rows * constants.inner * constants.flopsPerElement,
      stored: fewest * (constants.weightBytes + constants.biases * constants.smallBytes),
      read: rowBytes * constants.inputBytes, written: rowBytes * constants.outputBytes)
  }
}

extension RowsCall {
  func compulsory(_ formats: CallFormats) -> Compulsory { compulsoryByRows(formats)(rows) }

  /// What is turned is turned in place; angles can be had without a table.
  @inline(__always)
  func compulsoryByRows(_ formats: CallFormats) -> CompulsoryByRows {
    let input = (operation == .rotate ? writeWidth : readWidth) * formats.inputBytes + bytesPerRow
    let output = writeWidth * formats.outputBytes
    let (stored, read, written) =
      switch operation {
      case .embed: (input, 0.0, output)
      case .cacheWrite: (output, input, 0.0)
      case .norm, .rotate, .activate, .add, .quantize: (0.0, input, output)
      }
    return CompulsoryByRows(
      vectorFLOPs: flopsPerElement * writeWidth, stored: stored, read: read, written: written,
      weights: weights * formats.smallBytes)
  }
}

extension ScanCall {
  /// The state is read where there is a past, and written: between tokens it stays on the chip. Of the chunked forms'
  /// products those of chunks of one token, the fewest.
  @inline(never)
  func compulsory(_ formats: CallFormats) -> Compulsory {
    let tokens = sequences * queries
    var (read, written, state, matmul, vector) = (0.0, 0.0, 0.0, 0.0, 0.0)
    var weights = 0.0
    switch form {
    case .convolution(let channels, let kernel, let bias):
      (read, written) = (channels, channels)
      state = channels * (kernel - 1) * formats.inputBytes
      weights = channels * (kernel + (bias ? 1 : 0))
      vector = channels * 2 * kernel
    case .stateSpace(let spec):
      written = Double(spec.inner)
      state = spec.stateElements * Costs.recurrentStateBytes
      switch spec.version {
      case .mamba:
        read = 3 * written + 2 * Double(spec.state)
        vector = 4 * spec.stateElements
      case .mamba2(_, let groups, _):
        read = 2 * written + 2 * Double(groups) * Double(spec.state) + spec.heads
        matmul = 4 * spec.stateElements
      }
    case .delta(let spec):
      (read, written) = (spec.convolved + 2 * Double(spec.valueHeads), spec.valueWidth)
      state = spec.stateElements * Costs.recurrentStateBytes
      matmul = 6 * spec.stateElements
    case .lightning(let spec):
      (read, written) = (3 * spec.width, spec.width)
      state = spec.stateElements * Costs.recurrentStateBytes
      matmul = 4 * spec.stateElements
    }
    return Compulsory(
      matmulFLOPs: tokens * matmul, vectorFLOPs: tokens * vector,
      stored: sequences * state * (hasPast ? 2 : 1) + weights * formats.smallBytes,
      read: tokens * read * formats.inputBytes, written: tokens * written * formats.outputBytes)
  }
}
