import CostModel

/// What lets tokens see each other: one of the blocks `attention`, `state_space`, `linear_attention`, or
/// `attention: none`.
enum MixerReader {
  static let blocks = ["attention", "state_space", "linear_attention"]

  /// - Parameter base: what an `attention` block keeps where it says nothing.
  /// - Returns: nil when `fields` names no mixer.
  static func read(
    _ fields: inout YAMLFields, base: MixerSpec?, header: ModelReader.Header, position: PositionSpec
  ) throws(InputError) -> MixerSpec? {
    let named = blocks.filter { fields.has($0) }
    guard named.count <= 1 else {
      throw InputError(
        .data, at: fields.location,
        "“\(named[0])” and “\(named[1])” exclude each other; a layer has one mixer")
    }
    var result: MixerSpec?
    if fields.isNone("attention") {
      result = MixerSpec.none
    } else if var block = try fields.fields("attention") {
      result = try attention(&block, base: base, header: header, position: position)
      try block.finish()
    }
    if var block = try fields.fields("state_space") {
      result = .stateSpace(try stateSpace(&block, header: header))
      try block.finish()
    }
    if var block = try fields.fields("linear_attention") {
      result = .delta(try delta(&block))
      try block.finish()
    }
    return result
  }

  private static func attention(
    _ block: inout YAMLFields, base: MixerSpec?, header: ModelReader.Header, position: PositionSpec
  ) throws(InputError) -> MixerSpec {
    var baseType = "softmax"
    if case .latent = base { baseType = "latent" }
    switch try block.word("type", ["softmax", "latent"]) ?? baseType {
    case "latent":
      return .latent(try LatentReader.read(&block, position: position))
    default:
      var inherited: AttentionSpec?
      if case .attention(let spec) = base { inherited = spec }
      return .attention(try AttentionReader.read(&block, base: inherited, header: header, position: position))
    }
  }

  private static func stateSpace(
    _ block: inout YAMLFields, header: ModelReader.Header
  ) throws(InputError) -> StateSpaceSpec {
    let type = try block.word("type", ["mamba", "mamba2"]) ?? "mamba2"
    let version: StateSpaceSpec.Version
    let inner: Int
    if type == "mamba" {
      inner = try block.requiredInt("intermediate_size", 1...100_000_000)
      version = .mamba(stepRank: try block.requiredInt("time_step_rank", 1...1_000_000))
    } else {
      let headDim = try block.requiredInt("head_dim", 1...1_000_000)
      let heads = try block.requiredInt("num_heads", 1...100_000)
      inner = headDim * heads
      let groups = try block.int("n_groups", 1...100_000) ?? 1
      guard heads % groups == 0 else {
        throw InputError(.data, at: block.location, "\(heads) heads do not divide into \(groups) groups")
      }
      version = .mamba2(headDim: headDim, groups: groups, chunk: try block.int("chunk_size") ?? 256)
    }
    return StateSpaceSpec(
      version: version, inner: inner, state: try block.requiredInt("state_size", 1...1_000_000),
      kernel: try block.int("conv_kernel", 1...1_000) ?? 4,
      convolutionBias: try block.bool("conv_bias") ?? true,
      projectionBias: try block.bool("projection_bias") ?? false,
      innerNorms: type == "mamba" ? try block.bool("inner_norms") ?? false : false)
  }

  private static func delta(_ block: inout YAMLFields) throws(InputError) -> DeltaSpec {
    _ = try block.word("type", ["gated_delta"])
    let keyHeads = try block.requiredInt("num_key_heads", 1...1_000_000)
    let valueHeads = try block.requiredInt("num_value_heads", 1...1_000_000)
    guard valueHeads % keyHeads == 0 else {
      throw InputError(
        .data, at: block.location, "\(valueHeads) value heads do not divide into \(keyHeads) key heads")
    }
    return DeltaSpec(
      keyHeads: keyHeads, valueHeads: valueHeads,
      keyDim: try block.requiredInt("key_head_dim", 1...1_000_000),
      valueDim: try block.requiredInt("value_head_dim", 1...1_000_000),
      kernel: try block.int("conv_kernel", 1...1_000) ?? 4)
  }
}

/// Multi-head latent attention, in DeepSeek's words.
enum LatentReader {
  static func read(_ block: inout YAMLFields, position: PositionSpec) throws(InputError) -> LatentSpec {
    guard case .rotary(let rotary) = position else {
      throw InputError(.data, at: block.location, "latent attention needs “position” of “type”: rotary")
    }
    var spec = LatentSpec(
      heads: try block.requiredInt("num_attention_heads", 1...1_000_000),
      queryRank: try block.int("q_lora_rank", 1...1_000_000),
      cacheRank: try block.requiredInt("kv_lora_rank", 1...1_000_000),
      nopeDim: try block.requiredInt("qk_nope_head_dim", 1...1_000_000),
      rotaryDim: try block.requiredInt("qk_rope_head_dim", 1...1_000_000),
      valueDim: try block.requiredInt("v_head_dim", 1...1_000_000), rotary: rotary,
      bias: try block.bool("bias") ?? false)
    if let topK = try block.int("index_topk") {
      spec.indexer = IndexerSpec(
        heads: try block.requiredInt("index_n_heads", 1...1_000_000),
        headDim: try block.requiredInt("index_head_dim", 1...1_000_000), topK: topK)
    }
    return spec
  }
}

extension YAMLFields {
  /// One of a few words.
  mutating func word(_ key: String, _ accepted: [String]) throws(InputError) -> String? {
    guard let node = node(key) else { return nil }
    let found = node.scalar?.string ?? ""
    guard accepted.contains(found) else {
      throw wrong(
        node, key, accepted: accepted.joined(separator: ", ") + Suggestion.phrase(for: found, among: accepted)
      )
    }
    return found
  }

  /// `key: none`, where a block would stand.
  mutating func isNone(_ key: String) -> Bool { node(key)?.scalar?.string == "none" }
}
