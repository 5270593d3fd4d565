/// Attention alone, pass by pass, forward and backward, as published measurements have it: standard attention
/// as a sequence of kernels, and the two tiled algorithms.
public struct AttentionStudy: Hashable, Sendable {
  public var batch, heads, length, headDim: Double
  /// A key padding mask applied by a kernel of its own in standard attention.
  public var mask: Bool
  /// Dropout on the probabilities, with a one-byte mask kept for the backward pass.
  public var dropout: Bool
  /// The backward pass as well.
  public var backward: Bool
  /// Only j ≤ i is needed; standard attention computes the whole rectangle all the same.
  public var causal: Bool
  /// Storage of every matrix, such as 2 for 16 bits.
  public var bytesPerElement: Double

  /// Attention of `batch` × `heads` matrices [length, headDim].
  public init(
    batch: Double, heads: Double, length: Double, headDim: Double, mask: Bool = false, dropout: Bool = false,
    backward: Bool = false, causal: Bool = false, bytesPerElement: Double = 2
  ) {
    self.batch = batch
    self.heads = heads
    self.length = length
    self.headDim = headDim
    self.mask = mask
    self.dropout = dropout
    self.backward = backward
    self.causal = causal
    self.bytesPerElement = bytesPerElement
  }

  /// The first attention layer's shape under a workload; nil for a model without.
  public init?(of evaluator: Evaluator, _ work: Workload) {
    let spec = evaluator.model.kinds.lazy.compactMap { kind -> AttentionSpec? in
      if case .attention(let spec) = kind.layer.mixer { spec } else { nil }
    }.first
    guard let spec else { return nil }
    self.init(
      batch: work.batch, heads: Double(spec.heads), length: work.length, headDim: Double(spec.headDim),
      bytesPerElement: evaluator.precision.activations.bytesPerElement)
  }

  /// Tiled attention as it was published.
  public enum Generation: Int, CaseIterable, Hashable, Sendable {
    case first = 1
    case second, third

    /// `FlashAttention-2`.
    public var name: String { "FlashAttention-\(rawValue)" }
  }

  /// One kernel: far-memory bytes and FLOPs of both kinds.
  public struct Pass: Hashable, Sendable {
    /// What the kernel computes, for people.
    public var name: String
    /// It belongs to the backward pass.
    public var backward: Bool
    public var readBytes, writeBytes, matmulFLOPs, vectorFLOPs: Double
    /// What cores read and write of the level they share, where that is more than far memory's.
    public var coreBytes: Double? = nil

    /// Bytes read and written.
    public var bytes: Double { readBytes + writeBytes }
  }

  /// Bytes of one [length, length] matrix, all heads together.
  public var squareBytes: Double { batch * heads * length * length * bytesPerElement }
  /// Bytes of one [length, head_dim] matrix, all heads together.
  public var thinBytes: Double { batch * heads * length * headDim * bytesPerElement }

  /// One product of a [length, length] with a [length, head_dim] matrix, all heads.
  private var product: Double { 2 * batch * heads * length * length * headDim }
  private var scores: Double { batch * heads * length * length }
  /// (query, key) pairs that tiled kernels visit.
  private var pairs: Double { batch * heads * (causal ? length * (length + 1) / 2 : length * length) }

  /// FLOPs that the mask allows, forward 2 products, backward 4 more.
  public var usefulMatmulFLOPs: Double { 2 * pairs * headDim * (backward ? 6 : 2) }
}

extension AttentionStudy {
  /// Standard attention as PyTorch runs it without fusion: every intermediate goes to far memory and back.
  public var standard: [Pass] {
    let square = squareBytes
    let thin = thinBytes
    // A byte per score keeps what dropout dropped.
    let kept = scores
    func pass(
      _ name: String, _ backward: Bool = false, read: Double, write: Double, products: Double = 0,
      perScore: Double = 0
    ) -> Pass {
      Pass(
        name: name, backward: backward, readBytes: read, writeBytes: write, matmulFLOPs: products * product,
        vectorFLOPs: perScore * scores)
    }
    var passes = [pass("S = QKᵀ", read: 2 * thin, write: square, products: 1)]
    if mask || causal { passes.append(pass("mask", read: square, write: square, perScore: 1)) }
    passes.append(pass("P = softmax(S)", read: square, write: square, perScore: 5))
    if dropout { passes.append(pass("dropout(P)", read: square, write: square + kept, perScore: 2)) }
    passes.append(pass("O = PV", read: square + thin, write: thin, products: 1))
    guard backward else { return passes }
    passes += [
      pass("dV = PᵀdO", true, read: square + thin, write: thin, products: 1),
      pass("dP = dOVᵀ", true, read: 2 * thin, write: square, products: 1),
    ]
    if dropout { passes.append(pass("dropout'", true, read: square + kept, write: square, perScore: 2)) }
    passes.append(pass("dS = softmax'(dP)", true, read: 2 * square, write: square, perScore: 4))
    if mask || causal { passes.append(pass("mask'", true, read: square, write: square, perScore: 1)) }
    passes += [
      pass("dQ = dSK", true, read: square + thin, write: thin, products: 1),
      pass("dK = dSᵀQ", true, read: square + thin, write: thin, products: 1),
    ]
    return passes
  }

  /// Key columns of a block: SRAM holds four [block, head_dim] tiles (arXiv:2205.14135 algorithm 1, line 1).
  public func blockColumns(sramBytes: Double) -> Double {
    max(1, (sramBytes / bytesPerElement / (4 * headDim)).rounded(.up))
  }

  /// FlashAttention as first published: keys outside, queries inside (arXiv:2205.14135 algorithms 1 and 4).
  ///
  /// Each block of keys streams Q and O (backward: Q, dO and dQ) through the core once more; the first pass
  /// finds no O or dQ to read back, and the backward pass reads O once, for its row sums.
  /// A causal mask leaves the blocks out that it forbids.
  public func flash(sramBytes: Double) -> [Pass] {
    let count = (length / min(length, blockColumns(sramBytes: sramBytes))).rounded(.up)
    let blocks = causal ? (count + 1) / 2 : count
    let thin = thinBytes
    // Row maxima and sums in fp32.
    let statistics = batch * heads * length * 4
    var passes = [
      Pass(
        name: "forward, \(Int(count)) key blocks", backward: false,
        readBytes: 2 * thin + blocks * thin + (blocks - 1) * (thin + 2 * statistics),
        writeBytes: blocks * (thin + 2 * statistics), matmulFLOPs: 2 * 2 * pairs * headDim,
        vectorFLOPs: pairs * (5 + (dropout ? 2 : 0)))
    ]
    guard backward else { return passes }
    passes.append(
      Pass(
        name: "backward, \(Int(count)) key blocks", backward: true,
        readBytes: 3 * thin + blocks * (2 * thin + 3 * statistics) + (blocks - 1) * thin,
        writeBytes: 2 * thin + blocks * thin + statistics,
        // S once more, then dV, dP, dQ, dK.
        matmulFLOPs: 5 * 2 * pairs * headDim, vectorFLOPs: pairs * (8 + (dropout ? 4 : 0))))
    return passes
  }

  /// Rows of queries, or of keys in the backward pass, that a core holds (arXiv:2307.08691 §3.3).
  static let blockRows = 128.0

  /// FlashAttention-2 (arXiv:2307.08691 algorithms 1 and 2) and 3 (arXiv:2407.08608): queries outside, keys inside,
  /// backward the other way round with dQ added up in fp32. Of the third, two cores share keys by multicast where no
  /// mask tells their work apart.
  ///
  /// Blocks that run at the same time read the same keys: far memory sees them once where half of the shared level
  /// holds those of all heads in flight.
  public func flash(_ generation: Generation, sharedBytes: Double, cores: Double) -> [Pass] {
    let thin = thinBytes
    let statistics = batch * heads * length * 4
    let count = (length / Self.blockRows).rounded(.up)
    let visits = causal ? (count + 1) / 2 : count
    let loads = generation == .third && !causal ? max(1, visits / 2) : visits
    let inFlight = min(batch * heads, max(1, cores / count)) * 2 * thin / (batch * heads)
    let again = inFlight <= sharedBytes / 2 ? 1 : loads
    var passes = [
      Pass(
        name: "forward, \(Int(count)) query blocks", backward: false, readBytes: thin + again * 2 * thin,
        writeBytes: thin + statistics, matmulFLOPs: 2 * 2 * pairs * headDim,
        vectorFLOPs: pairs * (5 + (dropout ? 2 : 0)), coreBytes: 2 * thin + statistics + loads * 2 * thin)
    ]
    guard backward else { return passes }
    // dQ in fp32: cleared, read and written at each visit, brought to its format at the end.
    let sum = batch * heads * length * headDim * 4
    let row = 2 * thin + 2 * statistics
    passes += [
      Pass(
        name: "row sums of dO ∘ O", backward: true, readBytes: 2 * thin, writeBytes: statistics + sum,
        matmulFLOPs: 0, vectorFLOPs: 2 * batch * heads * length * headDim),
      Pass(
        name: "backward, \(Int(count)) key blocks", backward: true, readBytes: 2 * thin + again * (row + sum),
        writeBytes: 2 * thin + again * sum, matmulFLOPs: 5 * 2 * pairs * headDim,
        vectorFLOPs: pairs * (8 + (dropout ? 4 : 0)), coreBytes: 4 * thin + visits * (row + 2 * sum)),
      Pass(
        name: "dQ from fp32", backward: true, readBytes: sum, writeBytes: thin, matmulFLOPs: 0, vectorFLOPs: 0
      ),
    ]
    return passes
  }

  /// What no algorithm does without: forward Q, K, V, O and two products, backward all of them, their gradients and
  /// four more; an exponential a pair.
  public var compulsory: Compulsory {
    Compulsory(
      matmulFLOPs: usefulMatmulFLOPs, vectorFLOPs: 4 * pairs, exponentials: pairs,
      read: (backward ? 8 : 3) * thinBytes, written: (backward ? 4 : 1) * thinBytes)
  }

  /// Accesses in elements, all heads: standard Θ(N·d + N²), flash Θ(N²·d²/M), without constants (theorem 2).
  public func bounds(sramBytes: Double) -> (standard: Double, flash: Double) {
    let matrices = batch * heads
    let elements = sramBytes / bytesPerElement
    return (
      matrices * (length * headDim + length * length),
      matrices * max(length * headDim, length * length * headDim * headDim / elements)
    )
  }
}
