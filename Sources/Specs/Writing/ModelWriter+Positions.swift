import CostModel

extension ModelWriter {
  static func position(_ model: ModelSpec, _ layer: LayerSpec, into out: inout YAMLText) {
    out.block("position") { out in
      switch model.embeddingPosition {
      case .learned, .sinusoidal: positionBody(model.embeddingPosition, into: &out)
      default: positionBody(firstAttentionPosition(model), into: &out)
      }
    }
  }

  /// What `position` means for attention layers.
  static func defaultPosition(_ model: ModelSpec) -> PositionSpec {
    switch model.embeddingPosition {
    case .learned, .sinusoidal: .none
    default: firstAttentionPosition(model)
    }
  }

  /// Layers without attention have none, and the model's default is what the others rotate by.
  private static func firstAttentionPosition(_ model: ModelSpec) -> PositionSpec {
    for kind in model.kinds {
      if let own = attentionPosition(kind.layer.mixer) { return own }
    }
    return .none
  }

  static func attentionPosition(_ mixer: MixerSpec) -> PositionSpec? {
    switch mixer {
    case .attention(let spec): spec.position
    case .latent(let spec): .rotary(spec.rotary)
    case .stateSpace, .delta, .none: nil
    }
  }

  static func positionBody(_ position: PositionSpec, into out: inout YAMLText) {
    switch position {
    case .learned(let length):
      out.raw("type", "learned")
      out.put("length", length)
    case .sinusoidal: out.raw("type", "sinusoidal")
    case .alibi: out.raw("type", "alibi")
    case .none: out.raw("type", "none")
    case .rotary(let spec):
      out.raw("type", "rotary")
      out.put("rope_theta", spec.theta)
      if spec.partialFactor != 1 { out.put("partial_rotary_factor", spec.partialFactor) }
      scaling(spec.scaling, into: &out)
    }
  }

  private static func scaling(_ scaling: RotaryScaling, into out: inout YAMLText) {
    func block(_ type: String, factor: Double, context: Int?, _ more: [(String, Double)]) {
      out.block("rope_scaling") { out in
        out.raw("rope_type", type)
        out.put("factor", factor)
        if let context { out.put("original_max_position_embeddings", context) }
        for (key, value) in more { out.put(key, value) }
      }
    }
    switch scaling {
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
}
