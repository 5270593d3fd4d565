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

  /// Nil where the kernel has no such dimension.
  public subscript(column: Column) -> Int? {
    get { dimensions[column] }
    set { dimensions[column] = newValue }
  }
}
