import Basics
import CostModel

/// One number of a run's shape: the column it is read from, where the shape holds it, and what it tells. The only
/// list of dimensions there is: reading, refusing, ordering, families and nearness all go by it.
struct Dimension {
  /// Columns of files in the order in which they tell runs apart.
  enum Column: String, CaseIterable {
    case m, n, k, batch
    case queries = "seq_q"
    case keys = "seq_kv"
    case heads = "heads_q"
    case storedHeads = "heads_kv"
    case headDim = "head_dim"
    case window, experts
    case topK = "topk"
    case hidden, intermediate, tokens
    case expertTensorParallel = "moe_tp"
    case expertParallel = "moe_ep"
    case gated, skew
    case ranks = "world_size"
    case messageBytes = "message_bytes"
    case dealt, weights
    case weightBytes = "weight_bytes"
    case read

    /// Columns that every run's key has, behind which its time stands.
    static let common = Array(allCases.prefix { $0 != .dealt })
    static let place = Dictionary(uniqueKeysWithValues: allCases.enumerated().map { ($1, $0) })
    /// Read as a number; the others come from words of a row.
    var isNumber: Bool { self != .gated && self != .skew && self != .dealt && self != .read }

    /// Beyond these, figures are slips of the pen, and tables of experts have no end; 0 says nothing.
    var accepted: ClosedRange<Double> {
      switch self {
      case .messageBytes, .weights, .weightBytes: 1...1e18
      case .experts, .topK, .expertTensorParallel, .expertParallel: 1...65_536
      case .headDim, .heads, .storedHeads, .ranks: 1...16_777_216
      default: 1...1e12
      }
    }
  }

  let column: Column
  let path: WritableKeyPath<RunShape, Double>
  /// The kernel cannot do without.
  var isNeeded = false
  /// Runs that agree in these are a family.
  var isFamily = false
  /// What two shapes' nearness is judged by; nil for what does not count.
  var nearness: KeyPath<RunShape, Double>?

  private init(
    _ column: Column, _ path: WritableKeyPath<RunShape, Double>, needed: Bool = false, family: Bool = false,
    near: Bool = true
  ) {
    self.column = column
    self.path = path
    isNeeded = needed
    isFamily = family
    nearness = near ? path : nil
  }

  /// What any row may say of how its kernel was spread, beside the class's own.
  static var spread: [Dimension] {
    [
      Dimension(.expertTensorParallel, \.expertTensorParallel), Dimension(.expertParallel, \.expertParallel),
      Dimension(.gated, \.experts.gate), Dimension(.skew, \.skew), Dimension(.ranks, \.ranks),
    ]
  }

  static var product: [Dimension] {
    [
      Dimension(.m, \.product.rows, needed: true),
      Dimension(.n, \.product.outputs, needed: true, family: true),
      Dimension(.k, \.product.inputs, needed: true, family: true),
    ]
  }

  static var batchedProduct: [Dimension] {
    [Dimension(.batch, \.product.copies, needed: true, family: true)] + product
  }

  static func attention(needsQueries: Bool) -> [Dimension] {
    [
      Dimension(.batch, \.attention.sequences, needed: true),
      Dimension(.queries, \.attention.queries, needed: needsQueries),
      Dimension(.keys, \.attention.keys, needed: !needsQueries),
      Dimension(.heads, \.attention.heads, needed: true, family: true),
      Dimension(.storedHeads, \.attention.storedHeads, family: true),
      Dimension(.headDim, \.attention.keyWidth, needed: true, family: true),
      Dimension(.window, \.attention.window, family: true),
    ]
  }

  static func latent(needsQueries: Bool) -> [Dimension] {
    [
      Dimension(.heads, \.attention.heads, needed: true, family: true),
      Dimension(.batch, \.attention.sequences, needed: true, family: true),
      Dimension(.queries, \.attention.queries, needed: needsQueries),
      Dimension(.keys, \.attention.keys, needed: !needsQueries),
      Dimension(.storedHeads, \.attention.storedHeads),
      Dimension(.headDim, \.attention.keyWidth, needed: true), Dimension(.window, \.attention.window),
    ]
  }

  static var mixture: [Dimension] {
    var inner = Dimension(.intermediate, \.experts.inner, needed: true, family: true)
    inner.nearness = \.innerOfRank
    return [
      Dimension(.experts, \.experts.experts, needed: true, family: true),
      Dimension(.topK, \.experts.topK, needed: true, family: true),
      Dimension(.hidden, \.experts.hidden, needed: true, family: true), inner,
      Dimension(.expertTensorParallel, \.expertTensorParallel, family: true, near: false),
      Dimension(.expertParallel, \.expertParallel, family: true, near: false),
      Dimension(.tokens, \.experts.tokens, needed: true),
      Dimension(.dealt, \.dealing, near: false),
    ]
  }

  static var rows: [Dimension] {
    [
      Dimension(.m, \.rows.rows, needed: true), Dimension(.k, \.rows.width, needed: true, family: true),
    ]
  }

  static var elementwise: [Dimension] { rows + [Dimension(.read, \.rows.readWidth, family: true)] }

  static var message: [Dimension] {
    [
      Dimension(.ranks, \.ranks, needed: true, family: true),
      Dimension(.messageBytes, \.messageBytes, needed: true, family: true),
    ]
  }

  static var pass: [Dimension] {
    [
      Dimension(.weights, \.pass.weights, needed: true),
      Dimension(.weightBytes, \.pass.weightBytes, needed: true, family: true),
      Dimension(.batch, \.pass.passes, needed: true),
      Dimension(.tokens, \.pass.tokens, needed: true, family: true), Dimension(.keys, \.pass.keys),
    ]
  }
}

extension Run {
  /// Runs of one family are held out together, so that errors are those of shapes nobody measured.
  public var family: [Double] {
    Dimension.all(of: group.kernel).filter(\.isFamily).map { shape[keyPath: $0.path] }
  }

  /// Everything that tells one run from another, as numbers.
  var orderKey: [Double] {
    var values = [Double](repeating: 0, count: Dimension.Column.allCases.count)
    let own = Dimension.all(of: group.kernel)
    for dimension in Dimension.spread + own {
      values[Dimension.Column.place[dimension.column] ?? 0] = shape[keyPath: dimension.path]
    }
    // Profiles of a model's shards say its tokens beside the ranks: the kernel's rows once more.
    if shape.ranks > 0 {
      values[Dimension.Column.place[.tokens] ?? 0] += shape.product.rows + shape.rows.rows
    }
    let common = Dimension.Column.common.count
    return values[..<common] + [seconds]
      + own.filter { !Dimension.Column.common.contains($0.column) }.map { shape[keyPath: $0.path] }
  }
}

/// Where a shape lies among others of its class: logarithms of what nearness is judged by.
struct ShapePlace {
  private let coordinates: [Double]

  init(_ shape: RunShape, of kernel: KernelClass) {
    coordinates = Dimension.all(of: kernel).compactMap(\.nearness).map { logarithm(1 + shape[keyPath: $0]) }
  }

  /// Squares of the logarithms of the dimensions' ratios.
  func distance(to other: ShapePlace) -> Double {
    zip(coordinates, other.coordinates).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
  }
}

// Dimensions as files have them, where shapes hold them otherwise.

extension AttentionCall {
  /// Keys of a sequence, the new tokens among them.
  var keys: Double {
    get { length }
    set { prefix = max(0, newValue - queries) }
  }

  /// Keys that a query sees at most; 0 for all.
  var window: Double {
    get { span.limit.map(Double.init) ?? 0 }
    set { span = newValue >= 1 ? .sliding(window: Int(newValue)) : .full }
  }
}

extension ExpertsCall {
  var inner: Double {
    get { Double(expert.intermediate) }
    set { expert.intermediate = Int(newValue) }
  }

  /// 1 with a gate, 0 without.
  var gate: Double {
    get { expert.gated ? 1 : 0 }
    set { expert.gated = newValue != 0 }
  }
}

extension RunShape {
  /// 1 where tokens were dealt in turn.
  var dealing: Double {
    get { dealt ? 1 : 0 }
    set { dealt = newValue != 0 }
  }

  /// An expert's width on one device.
  var innerOfRank: Double { experts.inner / expertTensorParallel }
}

extension RowsCall {
  /// Elements of a row: those that an activation or norm reads, those that a sum writes.
  public var width: Double {
    get { operation == .add ? writeWidth : readWidth }
    set {
      readWidth = operation == .add ? 2 * newValue : newValue
      writeWidth = operation == .activate ? newValue / 2 : newValue
    }
  }
}
