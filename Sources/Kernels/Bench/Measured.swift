/// What a run is called in the table of measured runs that `calibrate` and `validate` read.
public struct MeasuredShape: Hashable, Sendable {
  public var kernel: String
  public var m, n, k, batch, queries, keys, heads, keyValueHeads, headDim, window: Int?

  init(_ kernel: String) { self.kernel = kernel }

  /// The same for every kernel, in the table's order.
  public static let columns = [
    "m", "n", "k", "batch", "seq_q", "seq_kv", "heads_q", "heads_kv", "head_dim", "window",
  ]
  public var values: [Int?] { [m, n, k, batch, queries, keys, heads, keyValueHeads, headDim, window] }
}

extension GemmKernel {
  public var measured: MeasuredShape {
    var shape = MeasuredShape("gemm")
    (shape.m, shape.n, shape.k) = (m, n, k)
    return shape
  }
}

extension GemvKernel {
  public var measured: MeasuredShape {
    var shape = MeasuredShape("gemm")
    (shape.m, shape.n, shape.k) = (1, n, k)
    return shape
  }
  public var weightFormat: String { bf16 ? "bf16" : "fp32" }
}

extension RowKernel {
  public var measured: MeasuredShape {
    var shape = MeasuredShape(operation == .swiglu ? "silu_mul" : operation.rawValue)
    (shape.m, shape.k) = (rows, operation == .swiglu ? 2 * width : width)
    return shape
  }
}

extension StreamKernel {
  public var measured: MeasuredShape {
    var shape = MeasuredShape(name)
    shape.n = elements
    return shape
  }
}

extension AttentionShape {
  func measured(_ kernel: String) -> MeasuredShape {
    var shape = MeasuredShape(kernel)
    (shape.batch, shape.queries, shape.keys, shape.window) = (1, length, length, window)
    (shape.heads, shape.keyValueHeads, shape.headDim) = (heads, keyValueHeads, headDim)
    return shape
  }
}

extension NaiveAttention {
  public var measured: MeasuredShape { attention.measured("attention_prefill_naive") }
}

extension FlashAttention {
  public var measured: MeasuredShape { attention.measured("attention_prefill") }
}

extension DecodeAttention {
  public var measured: MeasuredShape {
    var shape = MeasuredShape("attention_decode")
    (shape.batch, shape.queries, shape.keys, shape.window) = (batch, 1, context, 0)
    (shape.heads, shape.keyValueHeads, shape.headDim) = (heads, keyValueHeads, headDim)
    return shape
  }
}
