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
  /// Of attention's products (`--attention-dtype`).
  public var attention: NumberFormat?
  /// Nobody named `dtype`: it was taken so that models are compared alike.
  public var isCommon = false

  /// What is nil stays open.
  public init(
    dtype: NumberFormat? = nil, weights: NumberFormat? = nil, activations: NumberFormat? = nil,
    cache: NumberFormat? = nil, attention: NumberFormat? = nil
  ) {
    self.attention = attention
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
      if isCommon { assumptions.append(.commonFormat(dtype, own: model.checkpointFormat)) }
    } else if let checkpoint = model.checkpointFormat {
      base = checkpoint
      assumptions.append(.checkpointFormat(checkpoint))
    } else {
      base = .bf16
      assumptions.append(.usualFormat)
    }
    // What the checkpoint says tensor by tensor holds while nobody asks for something else.
    let own = dtype == nil && weights == nil
    var plan = PrecisionPlan(uniform: base.isNarrow ? .bf16 : base)
    if own { plan.rules = model.precision }
    if let narrow = weights ?? (base.isNarrow ? base : nil) {
      plan.weights = narrow
      plan.experts = narrow
      let usual = narrow.operand(beside: plan.activations)
      plan.operand = activations ?? (own ? model.operandFormat : nil) ?? usual
      plan.staticScales = own && model.staticScales
      plan.take(narrow.fileType, for: model)
      let cacheIsOpen = cache == nil && (dtype != nil || model.cacheFormat == nil)
      assumptions.append(.narrowWeights(narrow, plan, cacheIsOpen: cacheIsOpen))
    }
    if own, let experts = model.expertFormat {
      plan.experts = experts
      assumptions.append(.expertFormat(experts))
    }
    if own, !model.precision.isEmpty { assumptions.append(.tensorFormats) }
    if cache == nil, dtype == nil, let stated = model.cacheFormat {
      plan.kvCache = stated
      assumptions.append(.cacheFormat(stated))
    }
    if let activations {
      plan.operand = activations
      if !activations.isNarrow { plan.activations = activations }
    }
    if let cache { plan.kvCache = cache }
    plan.attention = attention
    return (plan, assumptions)
  }
}

extension PrecisionPlan {
  /// llama.cpp's files quantise embedding and head too, and keep norms and router in fp32.
  mutating func take(_ mix: GGUFMix?, for model: ModelSpec) {
    guard let mix else { return }
    if rules.isEmpty { rules = model.rules(mix) }
    small = .fp32
    for (name, format) in [("lm_head.weight", \PrecisionPlan.lmHead), ("embed_tokens.weight", \.embedding)] {
      if let rule = rules.first(where: { $0.subject == .named(name) }) { self[keyPath: format] = rule.format }
    }
    if model.tiedEmbeddings { lmHead = embedding }
  }
}

extension NumberFormat {
  /// The llama.cpp file type that a request for this format means.
  var fileType: GGUFMix? {
    switch self {
    case .gguf(let type): GGUFMix(type)
    case .mixed(let mix): mix
    default: nil
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
