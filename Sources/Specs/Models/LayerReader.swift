import CostModel

/// The blocks that make a layer: a mixer, a feed-forward, norms.
struct LayerReader {
  var layer: LayerSpec
  let position: PositionSpec

  init(_ top: inout YAMLFields, header: ModelReader.Header, position: PositionReader) throws(InputError) {
    self.position = position.attention
    guard
      let mixer = try MixerReader.read(&top, base: nil, header: header, position: position.attention)
    else {
      throw top.missing(
        "attention",
        accepted: "a block with “num_attention_heads” and its neighbours, or one of state_space,"
          + " linear_attention, or “attention: none” where each kind of layer has its own")
    }
    guard let feedForward = try FeedForwardReader.block(&top, base: nil) else {
      throw top.missing("feed_forward", accepted: "a block with “type”: dense or moe, or “none”")
    }
    layer = LayerSpec(
      mixer: mixer, feedForward: feedForward, norm: header.norm,
      norms: try top.choice("norm_placement", NormPlacement.self) ?? .pre,
      parallel: try top.bool("parallel_residual") ?? false)
    if layer.norms == .shared && !layer.parallel {
      throw InputError(
        .data, at: top.location, "“norm_placement: shared” needs “parallel_residual: true”")
    }
  }

  /// The same layer with what a `layer_kinds` entry overrides.
  func overridden(by fields: inout YAMLFields, header: ModelReader.Header) throws(InputError) -> LayerSpec {
    var result = layer
    var own: PositionSpec?
    if var block = try fields.fields("position") {
      let read = try PositionReader.read(block: &block)
      guard read.embedding == .none else {
        throw InputError(.data, at: block.location, "a layer's position has to be rotary, alibi or none")
      }
      own = read.attention
    }
    if let own, case .attention(var spec) = result.mixer {
      spec.position = own
      result.mixer = .attention(spec)
    }
    let mixer = try MixerReader.read(
      &fields, base: result.mixer, header: header, position: own ?? position)
    if let mixer { result.mixer = mixer }
    if let feedForward = try FeedForwardReader.block(&fields, base: result.feedForward) {
      result.feedForward = feedForward
    }
    return result
  }
}

enum AttentionReader {
  /// - Parameter base: what is kept where the block says nothing.
  static func read(
    _ block: inout YAMLFields, base: AttentionSpec?, header: ModelReader.Header, position: PositionSpec
  ) throws(InputError) -> AttentionSpec {
    let headCount: Int
    if let heads = try block.int("num_attention_heads", 1...1_000_000) ?? base?.heads {
      headCount = heads
    } else {
      headCount = try block.requiredInt("num_attention_heads", 1...1_000_000)
    }
    let keyValueHeads =
      try block.int("num_key_value_heads", 1...1_000_000) ?? base?.keyValueHeads ?? headCount
    guard headCount % keyValueHeads == 0 else {
      throw InputError(
        .data, at: block.location,
        "\(headCount) attention heads do not divide into \(keyValueHeads) key/value heads")
    }
    let headDim: Int
    if let given = try block.int("head_dim", 1...1_000_000) ?? base?.headDim {
      headDim = given
    } else {
      guard header.hidden % headCount == 0 else {
        throw InputError(
          .data, at: block.location,
          "hidden_size \(header.hidden) does not divide into \(headCount) heads; give “head_dim”")
      }
      headDim = header.hidden / headCount
    }
    var spec = AttentionSpec(
      heads: headCount, keyValueHeads: keyValueHeads, headDim: headDim,
      valueHeadDim: try block.int("v_head_dim", 1...1_000_000) ?? base?.valueHeadDim ?? headDim,
      span: try span(&block) ?? base?.span ?? .full, position: position)
    let bias = try block.bool("bias")
    spec.queryBias = try block.bool("q_bias") ?? bias ?? base?.queryBias ?? false
    spec.keyBias = try block.bool("k_bias") ?? bias ?? base?.keyBias ?? false
    spec.valueBias = try block.bool("v_bias") ?? bias ?? base?.valueBias ?? false
    spec.outputBias = try block.bool("o_bias") ?? bias ?? base?.outputBias ?? false
    spec.queryKeyNorm = try queryKeyNorm(&block) ?? base?.queryKeyNorm ?? .none
    spec.sinks = try block.bool("sinks") ?? base?.sinks ?? false
    spec.logitSoftcap = try block.bool("logit_softcapping") ?? base?.logitSoftcap ?? false
    spec.outputGate = try block.bool("output_gate") ?? base?.outputGate ?? false
    spec.sharesCache = try block.bool("shares_cache") ?? base?.sharesCache ?? false
    return spec
  }

  private static func span(_ block: inout YAMLFields) throws(InputError) -> AttentionSpan? {
    let full = block.has("sliding_window")
    let window = try block.int("sliding_window")
    let chunk = try block.int("attention_chunk_size")
    if let window {
      if chunk != nil {
        throw InputError(
          .data, at: block.location, "“sliding_window” and “attention_chunk_size” exclude each other")
      }
      return .sliding(window: window)
    }
    if let chunk { return .chunked(size: chunk) }
    return full ? .full : nil
  }

  private static func queryKeyNorm(_ block: inout YAMLFields) throws(InputError) -> QueryKeyNorm? {
    guard let node = block.node("qk_norm") else { return nil }
    switch node.scalar?.string {
    case "none": return QueryKeyNorm.none
    case "per_head": return .perHead
    case "full": return .full
    default: throw block.wrong(node, "qk_norm", accepted: "none, per_head, full")
    }
  }
}

enum FeedForwardReader {
  /// The `feed_forward` block of a model or a kind of layer, or `feed_forward: none`; nil when absent.
  static func block(_ fields: inout YAMLFields, base: FeedForwardSpec?) throws(InputError) -> FeedForwardSpec?
  {
    if fields.isNone("feed_forward") { return FeedForwardSpec.none }
    guard var block = try fields.fields("feed_forward") else { return nil }
    let result = try read(&block, base: base)
    try block.finish()
    return result
  }

  static func read(_ block: inout YAMLFields, base: FeedForwardSpec?) throws(InputError) -> FeedForwardSpec {
    let type = try block.string("type")
    var baseType = "dense"
    if case .mixture = base { baseType = "moe" }
    switch type ?? baseType {
    case "dense":
      var inherited: DenseSpec?
      if case .dense(let spec) = base { inherited = spec }
      return .dense(try dense(&block, base: inherited))
    case "moe":
      var inherited: MixtureSpec?
      if case .mixture(let spec) = base { inherited = spec }
      return .mixture(try mixture(&block, base: inherited))
    case "none": return .none
    default:
      let types = ["dense", "moe", "none"]
      throw InputError(
        .data, at: block.location,
        "“\(block.name("type"))” is “\(type ?? "")”; accepted: \(types.joined(separator: ", "))"
          + Suggestion.phrase(for: type ?? "", among: types))
    }
  }

  static func dense(_ block: inout YAMLFields, base: DenseSpec?) throws(InputError) -> DenseSpec {
    let intermediate: Int
    if let given = try block.int("intermediate_size") ?? base?.intermediate {
      intermediate = given
    } else {
      intermediate = try block.requiredInt("intermediate_size")
    }
    return DenseSpec(
      intermediate: intermediate, gated: try block.bool("gated") ?? base?.gated ?? true,
      bias: try block.bool("bias") ?? base?.bias ?? false,
      activation: try block.choice("activation", Activation.self) ?? base?.activation ?? .silu)
  }

  static func mixture(_ block: inout YAMLFields, base: MixtureSpec?) throws(InputError) -> MixtureSpec {
    let experts = try block.int("num_local_experts", 1...1_000_000) ?? base?.experts
    let topK = try block.int("num_experts_per_tok", 1...1_000_000) ?? base?.topK
    guard let experts else {
      throw block.missing("num_local_experts", accepted: "how many experts the router chooses from")
    }
    guard let topK else {
      throw block.missing("num_experts_per_tok", accepted: "how many experts a token uses")
    }
    guard topK <= experts else {
      throw InputError(
        .data, at: block.location, "a token cannot use \(topK) of \(experts) experts")
    }
    var spec = MixtureSpec(experts: experts, topK: topK, expert: try dense(&block, base: base?.expert))
    spec.shared = base?.shared
    if var shared = try block.fields("shared_expert") {
      spec.shared = try dense(&shared, base: spec.expert)
      try shared.finish()
    }
    spec.sharedGate = try block.bool("shared_expert_gate") ?? base?.sharedGate ?? false
    spec.routerBias = try block.bool("router_bias") ?? base?.routerBias ?? false
    spec.capacityFactor = try block.number("capacity_factor", 0.01...1_000) ?? base?.capacityFactor
    spec.groups = try block.int("n_group", 1...1_000_000) ?? base?.groups ?? 1
    spec.groupsPerToken = try block.int("topk_group", 1...1_000_000) ?? base?.groupsPerToken ?? spec.groups
    guard experts % spec.groups == 0, spec.groupsPerToken <= spec.groups,
      spec.topK <= experts / spec.groups * spec.groupsPerToken
    else {
      throw InputError(
        .data, at: block.location,
        "\(topK) of \(experts) experts do not fit “n_group” \(spec.groups) and “topk_group” \(spec.groupsPerToken)"
      )
    }
    return spec
  }
}
