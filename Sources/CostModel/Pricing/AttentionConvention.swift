/// How attention's FLOPs are counted in what is shown; time and traffic do not change.
public enum AttentionConvention: String, CaseIterable, Hashable, Sendable {
  /// Pairs that the mask allows.
  case causal
  /// Every query against every key, as many published figures count.
  case full
}

extension Analysis {
  /// The same pass with attention's products counted by `convention`.
  public func counting(_ convention: AttentionConvention) -> Analysis {
    guard convention == .full else { return self }
    var result = self
    var extra = 0.0
    for index in operators.indices {
      guard case .attention(let shape) = operators[index].call.shape, shape.pairs > 0 else { continue }
      let before = operators[index].matmulFLOPs
      result.operators[index].work.matmulFLOPs *= shape.queries * shape.length / shape.pairs
      extra += result.operators[index].matmulFLOPs - before
    }
    result.totals.matmulFLOPs += extra
    return result
  }
}
