/// What people claim of these architectures, in bytes that the kernels' formulas state and their counters confirm.
public enum Claims {
  public struct Row: Sendable {
    public var claim: String
    public var kernel: String
    public var shape: String
    /// The others of its set are held against it.
    public var isReference: Bool
    /// Below a cache of `cacheBytes`, reads and writes, with write-allocation.
    public var bytes: Double
    /// Bytes ÷ the first row's of the same claim.
    public var ratio: Double
    public var matmulFLOPs: Double
  }

  public static let cacheBytes = 1_048_576.0

  /// Sets of kernels that a claim compares, the first of each set the one that others are held against.
  public static var groups: [(claim: String, sets: [[any Kernel]])] {
    [
      (
        "naive against tiled attention",
        [512, 1024, 2048, 4096, 8192].map { length in
          let shape = AttentionShape(length: length, heads: 1, keyValueHeads: 1, headDim: 64)
          return [NaiveAttention(shape), FlashAttention(shape)]
        }
      ),
      (
        "MHA, GQA, MQA in decode",
        [
          [32, 8, 1].map {
            DecodeAttention(batch: 1, context: 8192, heads: 32, keyValueHeads: $0, headDim: 128)
          }
        ]
      ),
      (
        "full against sliding window",
        [4096, 16_384].map { length in
          [0, 1024].map {
            FlashAttention(
              AttentionShape(length: length, heads: 1, keyValueHeads: 1, headDim: 128, window: $0))
          }
        }
      ),
      (
        "dense against MoE at equal active parameters",
        [1, 4, 16, 64, 256].map { tokens in
          [
            ExpertsKernel(tokens: tokens, hidden: 1024, intermediate: 2048, experts: 1, topK: 1),
            ExpertsKernel(tokens: tokens, hidden: 1024, intermediate: 1024, experts: 8, topK: 2),
          ]
        }
      ),
      (
        "hot experts",
        [
          [0, 0.5, 1].map {
            ExpertsKernel(
              tokens: 16, hidden: 1024, intermediate: 1024, experts: 16, topK: 2, hotShare: $0)
          }
        ]
      ),
    ]
  }

  /// The formulas are those of the portable instruction set, so that every machine prints the same.
  public static func rows() -> [Row] {
    groups.flatMap { claim, sets in sets.flatMap { rows(claim, $0) } }
  }

  private static func rows(_ claim: String, _ kernels: [any Kernel]) -> [Row] {
    guard let portable = Arithmetic.available.first else { return [] }
    var first: Double?
    return kernels.map { kernel in
      let bytes = kernel.formula(portable).below(capacityBytes: cacheBytes, writeAllocate: true).total
      let isReference = first == nil
      first = first ?? bytes
      return Row(
        claim: claim, kernel: kernel.name, shape: kernel.shape, isReference: isReference, bytes: bytes,
        ratio: bytes / max(first ?? bytes, 1), matmulFLOPs: kernel.matmulFLOPs)
    }
  }
}
