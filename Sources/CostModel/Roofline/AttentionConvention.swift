/// How attention's FLOPs are counted in what is shown; time and traffic do not change.
public enum AttentionConvention: String, CaseIterable, Hashable, Sendable {
  /// Pairs that the mask allows.
  case causal
  /// Every query against every key, as many published figures count.
  case full
}

extension Analysis {
  /// The same pass with attention's products counted over the whole rectangle.
  func countingFullRectangle(_ model: ModelSpec) -> Analysis {
    var result = self
    var extra = 0.0
    for index in operators.indices where operators[index].op.kind == .attention {
      guard case .attention(_, let queries, let keys) = operators[index].op.shape,
        model.kinds.indices.contains(operators[index].op.layerKind)
      else { continue }
      let traits = model.kinds[operators[index].op.layerKind].layer.mixer.traits
      guard let pairs = traits.attended?.pairs(queries: queries, prefix: keys - queries), pairs > 0 else {
        continue
      }
      let before = operators[index].matmulFLOPs
      result.operators[index].op.matmulFLOPs *= queries * keys / pairs
      extra += result.operators[index].matmulFLOPs - before
    }
    result.totals.matmulFLOPs += extra
    return result
  }
}

extension Evaluator {
  public func analyze(_ work: Workload, counting convention: AttentionConvention) -> Analysis {
    convention == .full ? analyze(work).countingFullRectangle(model) : analyze(work)
  }
}
