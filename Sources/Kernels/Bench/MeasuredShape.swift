import CostModel

/// What a run is called in the table of measured runs that `calibrate` and `validate` read.
public struct MeasuredShape: Hashable, Sendable {
  /// Columns of dimensions, in the table's order.
  public enum Column: String, CaseIterable, Sendable {
    case m, n, k, batch
    case queries = "seq_q"
    case keys = "seq_kv"
    case heads = "heads_q"
    case keyValueHeads = "heads_kv"
    case headDim = "head_dim"
    case window
  }

  /// The kernel's name in the table.
  public var kernel: String
  private var dimensions: [Column: Int]

  init(_ kernel: String, _ dimensions: [Column: Int]) {
    (self.kernel, self.dimensions) = (kernel, dimensions)
  }

  /// The dimensions that a call is known by; a gate is so by all that it reads.
  init(_ kernel: String, _ call: Call) {
    let columns: [Column: Double]
    switch call.shape {
    case .product(let shape): columns = [.m: shape.rows, .n: shape.outputs, .k: shape.inputs]
    case .rows(let shape):
      columns = [.m: shape.rows, .k: shape.operation == .activate ? shape.readWidth : shape.writeWidth]
    case .experts(let shape):
      columns = [.m: shape.tokens, .n: Double(shape.expert.intermediate), .k: shape.hidden]
    case .attention(let shape), .join(let shape):
      columns = [
        .batch: shape.sequences, .queries: shape.queries, .keys: shape.length, .heads: shape.heads,
        .keyValueHeads: shape.storedHeads, .headDim: shape.keyWidth,
        .window: shape.span.limit.map(Double.init) ?? 0,
      ]
    case .index, .scan, .message: columns = [:]
    }
    self.init(kernel, columns.mapValues { Int($0) })
  }

  /// Nil where the kernel has no such dimension.
  public subscript(column: Column) -> Int? {
    get { dimensions[column] }
    set { dimensions[column] = newValue }
  }
}
