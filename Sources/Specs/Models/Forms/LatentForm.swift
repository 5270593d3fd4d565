import CostModel

/// Multi-head latent attention, in DeepSeek's words.
extension LatentSpec: MixerForm {
  package static let block = "attention"

  static func read(
    _ block: inout YAMLFields, _ context: MixerReader.Context
  ) throws(InputError) -> LatentSpec {
    guard context.position.rotary != nil || context.position == .none else {
      throw InputError(
        .data, at: block.location, "latent attention needs “position” of “type”: rotary or none")
    }
    var spec = LatentSpec(
      heads: try block.requiredInt("num_attention_heads", in: 1...1_000_000),
      queryRank: try block.int("q_lora_rank", in: 1...1_000_000),
      cacheRank: try block.requiredInt("kv_lora_rank", in: 1...1_000_000),
      nopeDim: try block.requiredInt("qk_nope_head_dim", in: 1...1_000_000),
      rotaryDim: try block.requiredInt("qk_rope_head_dim", in: 1...1_000_000),
      valueDim: try block.requiredInt("v_head_dim", in: 1...1_000_000), rotary: context.position.rotary,
      bias: try block.bool("bias") ?? false)
    spec.headGate = try block.bool("head_gate") ?? false
    spec.indexer = try IndexerSpec.read(&block, base: nil)
    return spec
  }

  package func write(into out: inout YAMLText) {
    out.raw("type", "latent")
    out.put("num_attention_heads", heads)
    if let queryRank { out.put("q_lora_rank", queryRank) }
    out.put("kv_lora_rank", cacheRank)
    out.put("qk_nope_head_dim", nopeDim)
    out.put("qk_rope_head_dim", rotaryDim)
    out.put("v_head_dim", valueDim)
    if bias { out.put("bias", true) }
    if headGate { out.put("head_gate", true) }
    indexer?.write(into: &out)
  }

  package var summary: String {
    "MLA, \(heads) heads over a latent of \(cacheRank) + \(rotaryDim)"
      + (indexer?.summary ?? "")
  }

  package var properties: Set<String> {
    Set(["mla", rotary == nil ? "nope" : "rotary"] + (indexer == nil ? [] : ["sparse"]))
  }

  package var positions: PositionSpec? { rotary.map { .rotary($0) } ?? PositionSpec.none }

  package var positionDim: Int { rotaryDim }
}

extension IndexerSpec {
  /// `index_topk` and its neighbours; nil where a layer attends to every key.
  static func read(_ block: inout YAMLFields, base: IndexerSpec?) throws(InputError) -> IndexerSpec? {
    let named = block.has("index_topk")
    guard let topK = try block.int("index_topk") ?? (named ? nil : base?.topK) else { return nil }
    let limit = 1...1_000_000
    var spec = IndexerSpec(
      heads: 1, headDim: 1, topK: topK, block: try block.int("index_block") ?? base?.block)
    spec.heads = try block.int("index_n_heads", in: limit) ?? base?.heads ?? 0
    spec.headDim = try block.int("index_head_dim", in: limit) ?? base?.headDim ?? 0
    if spec.heads == 0 { spec.heads = try block.requiredInt("index_n_heads", in: limit) }
    if spec.headDim == 0 { spec.headDim = try block.requiredInt("index_head_dim", in: limit) }
    spec.shared = try block.bool("index_shared") ?? base?.shared ?? false
    return spec
  }

  func write(into out: inout YAMLText) {
    out.put("index_topk", topK)
    out.put("index_n_heads", heads)
    out.put("index_head_dim", headDim)
    if let block { out.put("index_block", block) }
    if shared { out.put("index_shared", true) }
  }

  var summary: String {
    ", best \(Digits.whole(Double(topK))) keys" + (shared ? " of an earlier layer's choice" : "")
  }
}
