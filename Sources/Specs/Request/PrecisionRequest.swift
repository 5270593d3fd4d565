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
      assumptions.append(
        "\(narrow.name) holds the projections and experts, products take \(plan.operand.name) inputs; embeddings at"
          + " \(plan.embedding.name), lm_head \(plan.lmHead.name), norms and router \(plan.small.name)"
          + (cache == nil && model.cacheFormat == nil ? ", and the cache (--kv-cache-dtype)" : ""))
    }
    if own, let experts = model.expertFormat {
      plan.experts = experts
      assumptions.append("routed experts in \(experts.name), as the checkpoint states")
    }
    if own, !model.precision.isEmpty {
      assumptions.append(
        "tensors in other formats as the checkpoint states them (`rooftree show` lists bytes)")
    }
    if cache == nil, let stated = model.cacheFormat, dtype == nil {
      plan.kvCache = stated
      assumptions.append("cache in \(stated.name), as the checkpoint states (--kv-cache-dtype changes it)")
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
  /// llama.cpp's files quantise embedding and head too, and keep norms and router in fp32.
  mutating func take(_ mix: GGUFMix?, for model: ModelSpec) {
    guard let mix else { return }
    if rules.isEmpty { rules = model.rules(mix) }
    small = .fp32
    for (reader, format) in [("lm_head.weight", \PrecisionPlan.lmHead), ("embed_tokens.weight", \.embedding)]
    {
      if let rule = rules.first(where: { $0.subject == .named(reader) }) {
        self[keyPath: format] = rule.format
      }
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
