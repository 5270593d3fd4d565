import CostModel
import Specs

/// MiniMax: 01 and M1 (arXiv:2501.08313), M2 (2025), M3 (2026).
enum MiniMaxFamily {
  /// 01 and M1: seven layers of lightning attention to one of softmax, experts without a shared one.
  static func one(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var parts = try DecoderParts(&config)
    let rotated = try config.int("rotary_dim", in: 1...parts.attention.headDim)
    var share = 1.0
    if let rotated { share = try RotaryKeys.share(&config, rotated: rotated, of: parts.attention.headDim) }
    try parts.rotary(&config, theta: 1_000_000, partial: share)
    let mixture = try MixtureKeys.read(
      &config, experts: ["num_local_experts", "num_experts"], inner: [], template: parts.dense)
    if let shared = try config.int("shared_intermediate_size", in: 0...1_000_000_000), shared > 0 {
      throw InputError(
        .data, at: config.location,
        "“shared_intermediate_size” \(shared): no released MiniMax-01 has a shared expert")
    }
    let words = ["full_attention", "linear_attention"]
    let types = try config.words("layer_types", count: parts.layers, words)?.map { $0 == words[0] }
    let listed = try MiMoFamily.flags(&config, "attn_type_list", parts.layers)
    // The released files' own list counts softmax as 1.
    let sees = types ?? listed ?? (0..<parts.layers).map { $0 % 2 == 0 }
    config.ignore(
      config.members.map(\.key).filter {
        $0.hasSuffix("_alpha_factor") || $0.hasSuffix("_beta_factor") || $0.hasPrefix("layernorm_")
      })
    config.ignore("block_size", "postnorm", "shared_moe_mode", "sliding_window", "use_qk_norm")
    try config.only("use_qk_norm", false, because: "no released MiniMax-01 has norms on q and k")
    let keeps = LightningSpec(heads: parts.attention.heads, headDim: parts.attention.headDim)
    return parts.model(
      sees.map {
        LayerKind(
          name: $0 ? "softmax" : "lightning",
          layer: parts.layer($0 ? nil : .lightning(keeps), .mixture(mixture)))
      })
  }

  /// M2: 256 experts chosen by sigmoid with a correction bias, norms over all heads of q and k.
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
        .data, at: config.location, "“attn_type_list” names lightning attention, which no released M2 has")
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
    config.ignore(
      "rotary_dim", "use_gemma_norm", "num_mtp_modules", "projector_hidden_size", "index_local_blocks")
    try parts.rotary(&config, theta: 5_000_000, partial: 0.5)
    let inner = try config.requiredInt("moe_intermediate_size", "intermediate_size")
    var mixture = try MixtureKeys.read(
      &config, experts: ["num_local_experts"], inner: [], template: parts.dense)
    mixture.expert.intermediate = inner
    mixture.shared = mixture.expert
    mixture.shared?.intermediate = try config.int("shared_intermediate_size") ?? inner
    config.ignore("n_shared_experts", "first_k_dense_replace", "use_routing_bias")
    mixture.routerBias = true
    var indexed = parts.attention
    let words = ["full_attention", "minimax_m3_sparse"]
    let types = try config.words("layer_types", count: parts.layers, words)
    var picks = types?.map { $0 == words[1] } ?? Array(repeating: false, count: parts.layers)
    let limit = 1...1_000_000
    var size = try config.int("index_block_size", or: 128, in: limit)
    var chosen = try config.int("index_topk_blocks", or: 16, in: limit)
    var heads = try config.int("index_n_heads", or: 4, in: limit)
    var width = try config.int("index_head_dim", or: 128, in: limit)
    // The same in the published files' words.
    if var block = try config.fields("sparse_attention_config") {
      size = try block.requiredInt("sparse_block_size", in: limit)
      chosen = try block.requiredInt("sparse_topk_blocks", in: limit)
      heads = try block.requiredInt("sparse_num_index_heads", in: limit)
      width = try block.requiredInt("sparse_index_dim", in: limit)
      let enabled = try block.bool("use_sparse_attention", or: true)
      let listed = try MiMoFamily.flags(&block, "sparse_attention_freq", parts.layers)
      if enabled, types == nil { picks = listed ?? picks.map { _ in true } }
      block.ignore(
        "sparse_disable_index_value", "sparse_init_block", "sparse_local_block", "sparse_score_type")
      try block.finish()
      config.absorb(block)
    }
    indexed.indexer = IndexerSpec(
      heads: heads, headDim: width, topK: min(1_000_000_000, chosen * size), block: size)
    let routed = try config.words("mlp_layer_types", count: parts.layers, ["dense", "sparse"])
    let sparse =
      try MiMoFamily.flags(&config, "moe_layer_freq", parts.layers) ?? routed?.map { $0 == "sparse" }
      ?? picks.map { _ in true }
    return parts.model(
      zip(picks, sparse).map { picks, routed in
        LayerKind(
          name: (picks ? "sparse" : "full") + (routed ? "_moe" : "_dense"),
          layer: parts.layer(.attention(picks ? indexed : parts.attention), routed ? .mixture(mixture) : nil))
      })
  }
}
