import CostModel
import Specs

/// MiniMax M2 (2025): 256 experts chosen by sigmoid with a correction bias, norms over all heads of q and k.
enum MiniMaxFamily {
  static func two(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var names = DecoderParts.Names()
    names.defaults = ["head_dim": 128]
    var parts = try DecoderParts(&config, names)
    if let kind = try config.word("qk_norm_type", ["per_layer"]) { _ = kind }
    try config.only("use_qk_norm", true, because: "every released M2 has norms on q and k")
    parts.attention.queryKeyNorm = .full
    let rotated = try config.int("rotary_dim", in: 1...parts.attention.headDim)
    var share = 1.0
    if let rotated { share = try RotaryKeys.share(&config, rotated: rotated, of: parts.attention.headDim) }
    try parts.rotary(
      &config, theta: 5_000_000,
      partial: share)
    var mixture = try MixtureKeys.read(
      &config, experts: ["num_local_experts"], inner: [], template: parts.dense)
    try config.only("use_routing_bias", true, because: "every released M2 has a correction bias")
    mixture.routerBias = true
    if let shared = try config.int("shared_intermediate_size", in: 0...1_000_000_000), shared > 0 {
      throw InputError(
        .data, at: config.location, "“shared_intermediate_size” \(shared): no released M2 has a shared expert"
      )
    }
    config.ignore("mtp_transformer_layers", "num_mtp_modules", "use_mtp", "attn_type_list")
    if let kinds = try config.ints("attn_type_list", in: 0...1), kinds.contains(0) {
      throw InputError(
        .data, at: config.location, "“attn_type_list” names lightning attention, which cannot be expressed")
    }
    return parts.model(.mixture(mixture))
  }

  /// M3 (2026): block-sparse attention picked by an index of its own, norms on each head, a shared expert.
  static func three(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var names = DecoderParts.Names()
    names.defaults = ["head_dim": 128]
    names.intermediate = ["dense_intermediate_size"]
    names.defaultActivation = .clampedSilu
    var parts = try DecoderParts(&config, names)
    parts.attention.queryKeyNorm = .perHead
    try config.only("use_qk_norm", true, because: "every released M3 has norms on q and k")
    try config.only("attention_output_gate", false, because: "no released M3 gates its attention")
    _ = try config.word("qk_norm_type", ["per_head"])
    config.ignore("rotary_dim", "use_gemma_norm", "num_mtp_modules", "projector_hidden_size", "layer_types")
    try parts.rotary(&config, theta: 5_000_000, partial: 0.5)
    let width = try config.requiredInt("moe_intermediate_size", "intermediate_size")
    var mixture = try MixtureKeys.read(
      &config, experts: ["num_local_experts"], inner: [], template: parts.dense)
    mixture.expert.intermediate = width
    mixture.shared = mixture.expert
    mixture.shared?.intermediate = try config.int("shared_intermediate_size") ?? width
    config.ignore("n_shared_experts", "first_k_dense_replace", "use_routing_bias")
    mixture.routerBias = true
    var indexed = parts.attention
    var picks = Array(repeating: false, count: parts.layers)
    if var block = try config.fields("sparse_attention_config") {
      let limit = 1...1_000_000
      let size = try block.requiredInt("sparse_block_size", in: limit)
      let chosen = try block.requiredInt("sparse_topk_blocks", in: limit)
      indexed.indexer = IndexerSpec(
        heads: try block.requiredInt("sparse_num_index_heads", in: limit),
        headDim: try block.requiredInt("sparse_index_dim", in: limit),
        topK: min(1_000_000_000, chosen * size),
        block: size)
      let enabled = try block.bool("use_sparse_attention", or: true)
      let listed = try MiMoFamily.flags(&block, "sparse_attention_freq", parts.layers)
      if enabled { picks = listed ?? picks.map { _ in true } }
      block.ignore(
        "sparse_disable_index_value", "sparse_init_block", "sparse_local_block", "sparse_score_type")
      try block.finish()
      config.absorb(block)
    }
    let sparse =
      try MiMoFamily.flags(&config, "moe_layer_freq", parts.layers) ?? picks
    return parts.model(
      zip(picks, sparse).map { picks, routed in
        LayerKind(
          name: (picks ? "sparse" : "full") + (routed ? "_moe" : "_dense"),
          layer: parts.layer(.attention(picks ? indexed : parts.attention), routed ? .mixture(mixture) : nil))
      })
  }
}
