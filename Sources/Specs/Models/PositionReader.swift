import CostModel

/// The `position` block: what is added to the embedding, and what attention layers do.
struct PositionReader {
  var embedding: PositionSpec
  var attention: PositionSpec

  static let types = ["rotary", "learned", "sinusoidal", "alibi", "none"]

  static func read(_ fields: inout YAMLFields) throws(InputError) -> PositionReader {
    guard var block = try fields.fields("position") else {
      throw fields.missing("position", accepted: "a block with “type”: \(types.joined(separator: ", "))")
    }
    return try read(block: &block)
  }

  static func read(block: inout YAMLFields) throws(InputError) -> PositionReader {
    let type = try block.string("type")
    let result: PositionReader
    switch type {
    case "rotary":
      result = PositionReader(embedding: .none, attention: .rotary(try rotary(&block)))
    case "learned":
      let length = try block.requiredInt("length")
      result = PositionReader(embedding: .learned(length: length), attention: .none)
    case "sinusoidal": result = PositionReader(embedding: .sinusoidal, attention: .none)
    case "alibi": result = PositionReader(embedding: .none, attention: .alibi)
    case "none": result = PositionReader(embedding: .none, attention: .none)
    default:
      throw InputError(
        .data, at: block.location,
        "“\(block.name("type"))” is “\(type ?? "")”; accepted: \(types.joined(separator: ", "))"
          + Suggestion.phrase(for: type ?? "", among: types))
    }
    try block.finish()
    return result
  }

  private static func rotary(_ block: inout YAMLFields) throws(InputError) -> RotarySpec {
    RotarySpec(
      theta: try block.number("rope_theta", 1...1e12) ?? 10_000,
      partialFactor: try block.number("partial_rotary_factor", 0.001...1) ?? 1,
      scaling: try scaling(&block))
  }

  private static func scaling(_ block: inout YAMLFields) throws(InputError) -> RotaryScaling {
    guard var fields = try block.fields("rope_scaling") else { return .none }
    let types = ["linear", "dynamic", "yarn", "llama3", "longrope"]
    let type = try fields.string("rope_type") ?? ""
    let factor = try fields.number("factor", 1...1e6) ?? 1
    let result: RotaryScaling
    switch type {
    case "linear": result = .linear(factor: factor)
    case "dynamic": result = .dynamicNTK(factor: factor)
    case "yarn":
      result = .yarn(
        factor: factor, originalContext: try fields.requiredInt("original_max_position_embeddings"),
        betaFast: try fields.number("beta_fast", 0.001...1e6) ?? 32,
        betaSlow: try fields.number("beta_slow", 0.001...1e6) ?? 1)
    case "llama3":
      result = .llama3(
        factor: factor, originalContext: try fields.requiredInt("original_max_position_embeddings"),
        lowFrequency: try fields.number("low_freq_factor", 0.001...1e6) ?? 1,
        highFrequency: try fields.number("high_freq_factor", 0.001...1e6) ?? 4)
    case "longrope":
      result = .longRoPE(
        factor: factor, originalContext: try fields.requiredInt("original_max_position_embeddings"))
    default:
      throw InputError(
        .data, at: fields.location,
        "“\(fields.name("rope_type"))” is “\(type)”; accepted: \(types.joined(separator: ", "))"
          + Suggestion.phrase(for: type, among: types))
    }
    try fields.finish()
    return result
  }
}
