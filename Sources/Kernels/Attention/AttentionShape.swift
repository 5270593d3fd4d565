import Basics
import CostModel

/// Causal self-attention of one sequence: `heads` query heads share `keyValueHeads` heads of keys and values.
public struct AttentionShape: Hashable, Sendable {
  public var length: Int
  public var heads: Int
  public var keyValueHeads: Int
  public var headDim: Int
  /// Keys a query sees, itself among them; 0 for all before it.
  public var window: Int

  public init(length: Int, heads: Int, keyValueHeads: Int, headDim: Int, window: Int = 0) {
    self.length = length
    self.heads = heads
    self.keyValueHeads = keyValueHeads
    self.headDim = headDim
    self.window = window
  }

  var group: Int { heads / keyValueHeads }
  var headElements: Int { length * headDim }
  var scale: Float { 1 / Float(headDim).squareRoot() }

  func call(_ algorithm: AttentionAlgorithm) -> Shape {
    .attention(
      AttentionCall(
        sequences: 1, queries: Double(length), prefix: 0, heads: Double(heads),
        storedHeads: Double(keyValueHeads), keyWidth: Double(headDim), valueWidth: Double(headDim),
        span: window > 0 ? .sliding(window: window) : .full, algorithm: algorithm))
  }

  /// First key that query `row` sees.
  func firstKey(_ row: Int) -> Int { window > 0 ? max(0, row + 1 - window) : 0 }

  /// (query, key) pairs that the mask allows, one head.
  var pairs: Double {
    let (length, window) = (Double(length), Double(window))
    if window == 0 || window >= length { return length * (length + 1) / 2 }
    return window * (window + 1) / 2 + (length - window) * window
  }
}

/// Operands [head, position, headDim] and each thread's scratch.
public struct AttentionData: Sendable {
  public var q, k, v, o: Buffer<Float>
  var scratch: [Scratch]

  struct Scratch: Sendable {
    var scores, packedA, packedB, keys, values, output, row: Buffer<Float>
  }

  /// Naive loops in double precision for a few rows of every head: the first, the last and some between.
  func error(_ shape: AttentionShape) -> Double {
    let (length, dim) = (shape.length, shape.headDim)
    var rows = Set([0, length - 1, length / 2, length / 3])
    if length <= 64 { rows = Set(0..<length) }
    var worst = 0.0
    for head in 0..<shape.heads {
      let kv = head / shape.group * shape.headElements
      for row in rows {
        let query = head * shape.headElements + row * dim
        let expected = Self.attend(
          shape.firstKey(row)..<row + 1, dim, query: { Double(q[query + $0]) },
          keys: { Double(k[kv + $0 * dim + $1]) }, values: { Double(v[kv + $0 * dim + $1]) })
        worst = max(worst, Compare.error(dim, got: { o[query + $0] }, expected: { expected[$0] }))
      }
    }
    return worst
  }

  /// One query over keys and values of `positions`, in naive loops of double precision.
  static func attend(
    _ positions: Range<Int>, _ dim: Int, query: (Int) -> Double, keys: (Int, Int) -> Double,
    values: (Int, Int) -> Double
  ) -> [Double] {
    var out = [Double](repeating: 0, count: dim)
    var sum = 0.0
    for position in positions {
      let dot = (0..<dim).reduce(0.0) { $0 + query($1) * keys(position, $1) }
      let weight = exponential(dot / Double(dim).squareRoot())
      sum += weight
      for d in 0..<dim { out[d] += weight * values(position, d) }
    }
    return out.map { $0 / sum }
  }
}

extension AttentionShape {
  /// Two key/value heads' worth and more, at lengths that are not judged.
  static let calibrating = [(768, 4, 2, 128), (1536, 4, 1, 128), (1280, 6, 2, 64), (3072, 2, 1, 128)].map {
    AttentionShape(length: $0.0, heads: $0.1, keyValueHeads: $0.2, headDim: $0.3)
  }

  /// Two heads of queries over one of keys, short enough to simulate.
  static func witness(_ length: Int, window: Int = 0) -> AttentionShape {
    AttentionShape(length: length, heads: 2, keyValueHeads: 1, headDim: 64, window: window)
  }

  static func drawn(_ random: inout SplitMix64, longest: Int, window: Int) -> AttentionShape {
    let keyValueHeads = random.size(3)
    return AttentionShape(
      length: random.size(longest), heads: keyValueHeads * random.size(4), keyValueHeads: keyValueHeads,
      headDim: random.pick([64, 80, 96, 128, random.size(160)]), window: window)
  }

  static func refusal(heads: Int, keyValueHeads: Int) -> String? {
    heads % keyValueHeads == 0 ? nil : "heads has to be a multiple of kv_heads"
  }
}

/// Attention over a prompt, of whichever kind.
protocol PromptAttention: ListedKernel { var attention: AttentionShape { get set } }

extension PromptAttention {
  /// - Parameter sliding: a name that always has a window.
  static func form(_ blank: Self, measured: String, sliding: Bool = false) -> KernelForm<Self> {
    KernelForm(
      blank, measured: measured,
      [
        Dimension("length", \.attention.length, label: "len="),
        Dimension("heads", \.attention.heads, 1),
        Dimension("kv_heads", \.attention.keyValueHeads, 1, label: "/"),
        Dimension("head_dim", \.attention.headDim, nil, 1...4096, label: "dim="),
        Dimension("window", \.attention.window, sliding ? nil : 0, (sliding ? 1 : 0)...1_048_576),
      ])
  }

  public var refusal: String? {
    AttentionShape.refusal(heads: attention.heads, keyValueHeads: attention.keyValueHeads)
  }

  /// Queries and outputs of all heads, keys and values.
  var operands: Double {
    2 * Double(attention.heads + attention.keyValueHeads) * Double(attention.length)
      * Double(attention.headDim)
  }
}
