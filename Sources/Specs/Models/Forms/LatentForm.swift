import CostModel

/// Multi-head latent attention, in DeepSeek's words.
extension LatentSpec: MixerForm {
  package static let block = "attention"

  static func read(
    _ block: inout YAMLFields, _ context: MixerReader.Context
  ) throws(InputError) -> LatentSpec {
    guard case .rotary(let rotary) = context.position else {
      throw InputError(.data, at: block.location, "latent attention needs “position” of “type”: rotary")
    }
    var spec = LatentSpec(
      heads: try block.requiredInt("num_attention_heads", in: 1...1_000_000),
      queryRank: try block.int("q_lora_rank", in: 1...1_000_000),
      cacheRank: try block.requiredInt("kv_lora_rank", in: 1...1_000_000),
      nopeDim: try block.requiredInt("qk_nope_head_dim", in: 1...1_000_000),
      rotaryDim: try block.requiredInt("qk_rope_head_dim", in: 1...1_000_000),
      valueDim: try block.requiredInt("v_head_dim", in: 1...1_000_000), rotary: rotary,
      bias: try block.bool("bias") ?? false)
    if let topK = try block.int("index_topk") {
      spec.indexer = IndexerSpec(
        heads: try block.requiredInt("index_n_heads", in: 1...1_000_000),
        headDim: try block.requiredInt("index_head_dim", in: 1...1_000_000), topK: topK)
    }
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
    if let indexer {
      out.put("index_topk", indexer.topK)
      out.put("index_n_heads", indexer.heads)
      out.put("index_head_dim", indexer.headDim)
    }
  }

  package var summary: String {
    "MLA, \(heads) heads over a latent of \(cacheRank) + \(rotaryDim)"
      + (indexer.map { ", best \(Digits.whole(Double($0.topK))) keys" } ?? "")
  }

  package var properties: Set<String> { indexer == nil ? ["mla", "rotary"] : ["mla", "rotary", "sparse"] }

  package var positions: PositionSpec? { .rotary(rotary) }

  package var positionDim: Int { rotaryDim }
}
