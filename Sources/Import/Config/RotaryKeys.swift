import CostModel
import Specs

/// `rope_theta`, `rope_scaling` and `rope_parameters` (the newer spelling that holds both).
enum RotaryKeys {
  /// - Parameters:
  ///   - theta: the family's default base.
  ///   - partial: the family's default share of a head that is rotated.
  ///   - layerType: which entry of `rope_parameters` to take when it is told apart by kind of layer.
  static func read(
    _ config: inout ConfigFields, theta: Double = 10_000, partial: Double = 1, layerType: String? = nil,
    maxPositions: Int?
  ) throws(InputError) -> RotarySpec {
    var spec = RotarySpec(theta: theta, partialFactor: partial)
    let base = try config.number("rope_theta", "rotary_emb_base", in: 1...1e12)
    let share = try config.number("partial_rotary_factor", "rotary_pct", in: 0.001...1)
    if let share { spec.partialFactor = share }
    guard let key = ["rope_parameters", "rope_scaling"].first(where: { config.has($0) }),
      var outer = try config.fields(key)
    else {
      config.ignore("rope_parameters", "rope_scaling")
      spec.theta = base ?? config.defaulted(["rope_theta"], theta)
      return spec
    }
    config.ignore("rope_parameters", "rope_scaling")
    if let layerType, outer.has(layerType), let inner = try outer.fields(layerType) {
      outer = inner
    }
    spec.theta =
      try outer.number("rope_theta", in: 1...1e12) ?? base ?? config.defaulted(["rope_theta"], theta)
    if let share = try outer.number("partial_rotary_factor", in: 0.001...1) { spec.partialFactor = share }
    spec.scaling = try scaling(&outer, config: &config, maxPositions: maxPositions)
    try outer.finish()
    config.absorb(outer)
    return spec
  }

  private static func scaling(
    _ fields: inout ConfigFields, config: inout ConfigFields, maxPositions: Int?
  ) throws(InputError) -> RotaryScaling {
    let types = [
      "default", "linear", "dynamic", "yarn", "llama3", "longrope", "su", "mrope", "proportional",
    ]
    let named = try fields.word("rope_type", types)
    let older = try fields.word("type", types)
    let type = named ?? older ?? "default"
    fields.ignore(
      "type", "mrope_section", "mrope_interleaved", "mscale", "mscale_all_dim", "attention_factor",
      "truncate", "short_mscale", "long_mscale", "short_factor", "long_factor", "finetuned",
      "llama_4_scaling_beta", "max_position_embeddings")
    let factor = try fields.number("factor", in: 1...1e6)
    switch type {
    case "linear":
      return .linear(factor: try needed(factor, &fields))
    case "dynamic": return .dynamicNTK(factor: try needed(factor, &fields))
    case "yarn":
      return .yarn(
        factor: try needed(factor, &fields),
        originalContext: try original(&fields, &config, factor: factor, maxPositions: maxPositions),
        betaFast: try fields.number("beta_fast", in: 0.001...1e6) ?? 32,
        betaSlow: try fields.number("beta_slow", in: 0.001...1e6) ?? 1)
    case "llama3":
      return .llama3(
        factor: try needed(factor, &fields),
        originalContext: try original(&fields, &config, factor: factor, maxPositions: maxPositions),
        lowFrequency: try fields.number("low_freq_factor", in: 0.001...1e6) ?? 1,
        highFrequency: try fields.number("high_freq_factor", in: 0.001...1e6) ?? 4)
    case "longrope", "su":
      let context = try original(&fields, &config, factor: factor, maxPositions: maxPositions)
      let stretched = factor ?? Double(max(maxPositions ?? context, context)) / Double(context)
      return .longRoPE(factor: stretched, originalContext: context)
    default:
      // “proportional” rotates a share of the head at the whole head's wavelengths (Gemma 4).
      fields.ignore("original_max_position_embeddings")
      return .none
    }
  }

  /// Rotated elements as a share of a head.
  static func share(_ config: inout ConfigFields, rotated: Int, of headDim: Int) throws(InputError) -> Double
  {
    let share = Double(rotated) / Double(headDim)
    guard (0.001...1).contains(share) else {
      throw InputError(
        .data, at: config.location, "“rotary_dim” \(rotated) is no sensible part of \(headDim)")
    }
    return share
  }

  private static func needed(_ factor: Double?, _ fields: inout ConfigFields) throws(InputError) -> Double {
    guard let factor else { throw fields.missing("factor", accepted: "a number from 1") }
    return factor
  }

  /// The trained context: in the block, beside it, or what `factor` leaves of the stretched one.
  private static func original(
    _ fields: inout ConfigFields, _ config: inout ConfigFields, factor: Double?, maxPositions: Int?
  ) throws(InputError) -> Int {
    if let inside = try fields.int("original_max_position_embeddings") { return inside }
    if let beside = try config.int("original_max_position_embeddings") { return beside }
    guard let maxPositions, let factor, factor >= 1 else {
      throw fields.missing("original_max_position_embeddings", accepted: "the context before stretching")
    }
    let context = max(1, Int((Double(maxPositions) / factor).rounded()))
    return fields.defaulted(["original_max_position_embeddings"], context)
  }
}
