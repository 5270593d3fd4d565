/// What softmax attention alone costs in one pass, all layers together.
public struct AttentionSum: Hashable, Sendable {
  /// Of the products over queries and keys.
  public var matmulFLOPs = 0.0
  /// Bytes below each level.
  public var traffic = Traffic()
  /// Bounded by the roofline.
  public var seconds = 0.0
}

extension Evaluator {
  /// Softmax attention of one pass, computed by `algorithm`; nil for a model without.
  public func attention(of work: Workload, by algorithm: AttentionAlgorithm) -> AttentionSum? {
    var work = work
    work.attention = algorithm
    let calls = analyze(work).operators.filter { $0.call.kind == .attention }
    return calls.isEmpty
      ? nil
      : calls.reduce(into: AttentionSum()) { sum, call in
        sum.matmulFLOPs += call.matmulFLOPs
        sum.traffic = sum.traffic + call.traffic
        sum.seconds += call.seconds
      }
  }
}
