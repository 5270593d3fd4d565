import CostModel

/// The precisions a user named; what is left open is taken from the checkpoint, and said so.
public struct PrecisionRequest: Hashable, Sendable {
  public var dtype: NumberFormat?
  /// Of the weights alone (`--quantization`, `--weight-dtype`).
  public var weights: NumberFormat?
  public var activations: NumberFormat?
  public var cache: NumberFormat?

  public init(
    dtype: NumberFormat? = nil, weights: NumberFormat? = nil, activations: NumberFormat? = nil,
    cache: NumberFormat? = nil
  ) {
    self.dtype = dtype
    self.weights = weights
    self.activations = activations
    self.cache = cache
  }

  /// The plan for `model`, and every assumption that filled a gap.
  public func plan(for model: ModelSpec) -> (plan: PrecisionPlan, assumptions: [String]) {
    var assumptions: [String] = []
    let base: NumberFormat
    if let dtype {
      base = dtype
    } else if let checkpoint = model.checkpointFormat {
      base = checkpoint
      assumptions.append("precision \(checkpoint.name), as the checkpoint states (--dtype changes it)")
    } else {
      base = .bf16
      assumptions.append("precision bf16, since neither --dtype nor the spec names one")
    }
    var plan: PrecisionPlan
    if base.needsDequantisation || base == .mxfp4 || base == .nvfp4 {
      plan = PrecisionPlan(weights: base, base: .bf16)
      assumptions.append(
        "\(base.name) holds the projections and experts; embeddings, lm_head, norms, activations and cache"
          + " stay at bf16")
    } else {
      plan = PrecisionPlan(uniform: base)
    }
    if let weights {
      plan.weights = weights
      plan.experts = weights
    }
    if let activations { plan.activations = activations }
    if let cache { plan.kvCache = cache }
    return (plan, assumptions)
  }
}

extension NumberFormat {
  /// Parses a name or says what is accepted.
  public static func named(_ name: String) throws(InputError) -> NumberFormat {
    if let format = NumberFormat(name: name) { return format }
    let names = spellings.map { $0.names[0] }
    throw InputError(
      .usage,
      "no number format called “\(name)”\(Suggestion.phrase(for: name, among: names)) (accepted: "
        + names.joined(separator: ", ") + ")")
  }
}
