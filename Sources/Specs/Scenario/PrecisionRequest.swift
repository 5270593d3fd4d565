import CostModel

/// The precisions a user named; what is left open is taken from the checkpoint, and said so.
public struct PrecisionRequest: Hashable, Sendable {
  /// Of everything that no other field names (`--dtype`).
  public var dtype: NumberFormat?
  /// Of the weights alone (`--quantization`, `--weight-dtype`).
  public var weights: NumberFormat?
  /// Of products' inputs and, from 16 bits on, of what passes between operators.
  public var activations: NumberFormat?
  /// Of keys and values, or of the latent.
  public var cache: NumberFormat?

  /// What is nil stays open.
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
  public func plan(for model: ModelSpec) -> (plan: PrecisionPlan, assumptions: [Assumption]) {
    var assumptions: [Assumption] = []
    let base: NumberFormat
    if let dtype {
      base = dtype
    } else if let checkpoint = model.checkpointFormat {
      base = checkpoint
      assumptions.append(.checkpointFormat(checkpoint))
    } else {
      base = .bf16
      assumptions.append(.usualFormat)
    }
    var plan = PrecisionPlan(uniform: base.isNarrow ? .bf16 : base)
    if let narrow = weights ?? (base.isNarrow ? base : nil) {
      plan.weights = narrow
      plan.experts = narrow
      plan.operand = activations ?? narrow.operand(beside: plan.activations)
      if case .mixed(let mix, _) = narrow { plan.take(mix, for: model) }
      assumptions.append(.narrowWeights(narrow, plan, cacheIsOpen: cache == nil))
    }
    if dtype == nil, weights == nil, let own = model.expertFormat {
      plan.experts = own
      assumptions.append(.expertFormat(own))
    }
    if let activations {
      plan.operand = activations
      if !activations.isNarrow { plan.activations = activations }
    }
    if let cache { plan.kvCache = cache }
    return (plan, assumptions)
  }
}

extension PrecisionPlan {
  /// llama.cpp's mixes quantise embedding and head too, and keep norms and router in fp32.
  mutating func take(_ mix: GGUFMix, for model: ModelSpec) {
    let mean = model.bytesPerWeight(mix)
    weights = .mixed(mix, bytesPerElement: mean.products)
    experts = .mixed(mix, bytesPerElement: mean.experts)
    lmHead = .gguf(.q6_k)
    embedding = .gguf(model.tiedEmbeddings ? .q6_k : mix.base)
    small = .fp32
  }
}

extension NumberFormat {
  /// Below 16 bits: only products' weights and inputs are kept in it.
  var isNarrow: Bool { bytesPerElement < 2 }

  /// What engines bring products' inputs to beside weights in this format: the same 8 bits (or nvfp4), and
  /// nothing where weights alone are compressed.
  func operand(beside activations: NumberFormat) -> NumberFormat {
    switch self {
    case .fp8, .fp8Block, .int8, .nvfp4: self
    default: activations
    }
  }

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
