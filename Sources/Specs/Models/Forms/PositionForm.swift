import CostModel

extension PositionSpec {
  static let types = ["rotary", "learned", "sinusoidal", "alibi", "relative", "none"]

  /// The body of a `position` block.
  static func read(_ block: inout YAMLFields) throws(InputError) -> PositionSpec {
    let type = try block.word("type", types)
    let result: PositionSpec
    switch type {
    case "rotary":
      result = .rotary(
        RotarySpec(
          theta: try block.number("rope_theta", in: 1...1e12) ?? 10_000,
          partialFactor: try block.number("partial_rotary_factor", in: 0.001...1) ?? 1,
          scaling: try RotaryScaling.read(&block)))
    case "learned": result = .learned(length: try block.requiredInt("length"))
    case "sinusoidal": result = .sinusoidal
    case "alibi": result = .alibi
    case "relative":
      result = .relative(buckets: try block.int("num_buckets", in: 0...1_000_000) ?? 32)
    case "none": result = .none
    default:
      throw InputError(
        .data, at: block.location,
        "“\(block.name("type"))” is “\(type ?? "")”; accepted: \(types.joined(separator: ", "))"
          + Suggestion.phrase(for: type ?? "", among: types))
    }
    try block.finish()
    return result
  }

  func write(into out: inout YAMLText) {
    switch self {
    case .learned(let length):
      out.raw("type", "learned")
      out.put("length", length)
    case .sinusoidal: out.raw("type", "sinusoidal")
    case .alibi: out.raw("type", "alibi")
    case .relative(let buckets):
      out.raw("type", "relative")
      out.put("num_buckets", buckets)
    case .none: out.raw("type", "none")
    case .rotary(let spec):
      out.raw("type", "rotary")
      out.put("rope_theta", spec.theta)
      if spec.partialFactor != 1 { out.put("partial_rotary_factor", spec.partialFactor) }
      spec.scaling.write(into: &out)
    }
  }

  /// Added to the embedding once, not seen by any layer's attention.
  var isEmbedded: Bool {
    switch self {
    case .learned, .sinusoidal: true
    case .rotary, .alibi, .relative, .none: false
    }
  }

  package var summary: String {
    switch self {
    case .learned(let length): "learned, \(Digits.whole(Double(length)))"
    case .sinusoidal: "sinusoidal"
    case .alibi: "ALiBi"
    case .relative: "relative biases"
    case .none: "none"
    case .rotary(let rotary):
      "rotary, θ \(Digits.whole(rotary.theta))"
        + (rotary.partialFactor < 1 ? " on \(Digits.percent(rotary.partialFactor)) of a head" : "")
        + rotary.scaling.summary
    }
  }
}

extension RotaryScaling {
  /// The `rope_scaling` block beside a rotary position's other keys.
  static func read(_ block: inout YAMLFields) throws(InputError) -> RotaryScaling {
    guard var fields = try block.fields("rope_scaling", .ropeScaling) else { return .none }
    let types = ["linear", "dynamic", "yarn", "llama3", "longrope"]
    let type = try fields.word("rope_type", types) ?? ""
    let factor = try fields.number("factor", in: 1...1e6) ?? 1
    let result: RotaryScaling
    switch type {
    case "linear": result = .linear(factor: factor)
    case "dynamic": result = .dynamicNTK(factor: factor)
    case "yarn":
      result = .yarn(
        factor: factor, originalContext: try fields.requiredInt("original_max_position_embeddings"),
        betaFast: try fields.number("beta_fast", in: 0.001...1e6) ?? 32,
        betaSlow: try fields.number("beta_slow", in: 0.001...1e6) ?? 1)
    case "llama3":
      result = .llama3(
        factor: factor, originalContext: try fields.requiredInt("original_max_position_embeddings"),
        lowFrequency: try fields.number("low_freq_factor", in: 0.001...1e6) ?? 1,
        highFrequency: try fields.number("high_freq_factor", in: 0.001...1e6) ?? 4)
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

  fileprivate func write(into out: inout YAMLText) {
    func block(_ type: String, factor: Double, context: Int?, _ more: [(String, Double)]) {
      out.block("rope_scaling") { out in
        out.raw("rope_type", type)
        out.put("factor", factor)
        if let context { out.put("original_max_position_embeddings", context) }
        for (key, value) in more { out.put(key, value) }
      }
    }
    switch self {
    case .none: break
    case .linear(let factor): block("linear", factor: factor, context: nil, [])
    case .dynamicNTK(let factor): block("dynamic", factor: factor, context: nil, [])
    case .yarn(let factor, let context, let fast, let slow):
      block("yarn", factor: factor, context: context, [("beta_fast", fast), ("beta_slow", slow)])
    case .llama3(let factor, let context, let low, let high):
      block(
        "llama3", factor: factor, context: context, [("low_freq_factor", low), ("high_freq_factor", high)])
    case .longRoPE(let factor, let context): block("longrope", factor: factor, context: context, [])
    }
  }

  fileprivate var summary: String {
    switch self {
    case .none: ""
    case .linear(let factor): ", linear × \(Digits.plain(factor))"
    case .dynamicNTK(let factor): ", dynamic NTK × \(Digits.plain(factor))"
    case .yarn(let factor, _, _, _): ", YaRN × \(Digits.plain(factor))"
    case .llama3(let factor, _, _, _): ", Llama 3 scaling × \(Digits.plain(factor))"
    case .longRoPE(let factor, _): ", LongRoPE × \(Digits.plain(factor))"
    }
  }
}

extension Block {
  static let position = Block(
    "position", "How tokens' positions enter.",
    [
      Key(
        "type", "Rotated queries and keys, a learned or fixed table, biases on the scores, or nothing.",
        else: "rotary"),
      Key("rope_theta", "`rotary`: base of the wavelengths.", else: "10,000"),
      Key("partial_rotary_factor", "`rotary`: share of a head that is rotated.", else: "1"),
      Key(
        "rope_scaling", "`rotary`: how a longer context is brought to the trained one.", else: "not scaled"),
      Key("length", "Rows of the table; `learned` needs it.", else: "no table"),
      Key("num_buckets", "`relative`: distances told apart; 0: an earlier layer's biases (T5).", else: "32"),
    ])

  static let ropeScaling = Block(
    "rope_scaling", "Stretched rotary positions, in the words of `config.json`.",
    [
      Key("rope_type", "Which scaling.", else: nil),
      Key("factor", "Times the trained context.", else: "1"),
      Key(
        "original_max_position_embeddings",
        "Trained context, tokens; `yarn`, `llama3` and `longrope` need it.",
        else: "not asked for"),
      Key("beta_fast", "`yarn`: turns above which a wavelength stays.", else: "32"),
      Key("beta_slow", "`yarn`: turns below which it is stretched.", else: "1"),
      Key("low_freq_factor", "`llama3`: wavelengths above the context over this are stretched.", else: "1"),
      Key("high_freq_factor", "`llama3`: those below the context over this stay.", else: "4"),
    ])
}
