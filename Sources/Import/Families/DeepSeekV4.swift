import CostModel
import Specs

/// DeepSeek-V4 (2026): a window and compressed entries in place of a cache of every token, several residual streams,
/// experts in every layer, in the first ones picked by a fixed table.
enum DeepSeekV4Family {
  static func read(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var names = DecoderParts.Names()
    names.keyValueHeads = .unknown
    names.intermediate = ["moe_intermediate_size"]
    names.defaults = ["head_dim": 512]
    let parts = try DecoderParts(&config, names)
    if let stored = try config.int("num_key_value_heads"), stored != 1 {
      throw InputError(
        .data, at: config.location, "“num_key_value_heads” \(stored): V4 has one key that all heads share")
    }
    for key in ["attention_bias", "mlp_bias"] {
      try config.only(key, false, because: "no released V4 has biases")
    }
    let limit = 1...1_000_000
    let width = parts.attention.headDim
    let rotated = try config.int("qk_rope_head_dim", or: 64, in: 1...width)
    let share = try RotaryKeys.share(&config, rotated: rotated, of: width)
    let base = try config.number("compress_rope_theta", in: 1...1e12)
    var rotary = try RotaryKeys.read(&config, partial: share, maxPositions: parts.maxPositions)
    let far = RotarySpec(theta: base ?? 160_000, partialFactor: share, scaling: rotary.scaling)
    // Layers without entries are not stretched.
    rotary.scaling = .none
    let near = CompressedSpec(
      heads: parts.attention.heads, headDim: width,
      queryRank: try config.requiredInt("q_lora_rank", in: limit),
      outputGroups: try config.requiredInt("o_groups", in: limit),
      outputRank: try config.requiredInt("o_lora_rank", in: limit),
      window: try config.requiredInt("sliding_window"),
      rotary: rotary)
    guard near.heads % near.outputGroups == 0 else {
      throw InputError(
        .data, at: config.location, "\(near.heads) heads do not divide into \(near.outputGroups) groups")
    }
    let indexer = IndexerSpec(
      heads: try config.requiredInt("index_n_heads", in: limit),
      headDim: try config.requiredInt("index_head_dim", in: limit), topK: try config.requiredInt("index_topk")
    )
    let rates = try rates(&config, parts.layers)

    var mixture = try MixtureKeys.read(
      &config, experts: ["n_routed_experts", "num_local_experts"], inner: [], template: parts.dense)
    try DeepSeekFamily.sharedExperts(&config, &mixture)
    guard mixture.shared == mixture.expert else {
      throw InputError(.data, at: config.location, "“n_shared_experts” has to be 1: V4 has one shared expert")
    }
    let hashed = try config.int("num_hash_layers", in: 0...10_000) ?? 3
    let streams = try config.int("hc_mult", or: 4, in: 1...64)
    config.ignore(
      "hc_eps", "hc_sinkhorn_iters", "topk_method", "scoring_func", "norm_topk_prob",
      "num_nextn_predict_layers",
      "expert_dtype", "swiglu_limit")
    return parts.model(
      rates.enumerated().map { layer, rate in
        var spec = near
        var name = "window"
        if rate > 0 {
          spec.rate = rate
          spec.rotary = far
          // Few tokens an entry: many entries, so that an index picks among them.
          if rate < 32 { spec.indexer = indexer }
          name = rate < 32 ? "sparse" : "compressed"
        }
        var experts = mixture
        experts.routerBias = layer >= hashed
        var own = parts.layer(.compressed(spec), .mixture(experts))
        own.streams = streams
        return LayerKind(name: name + (layer < hashed ? "_hashed" : ""), layer: own)
      })
  }

  /// Tokens an entry stands for in each layer, 0 without; behind them those of the prediction layers.
  private static func rates(_ config: inout ConfigFields, _ layers: Int) throws(InputError) -> [Int] {
    if let rates = try config.ints("compress_ratios", in: 0...1_000_000) {
      guard rates.count >= layers else {
        throw InputError(
          .data, at: config.location, "“compress_ratios” lists \(rates.count) of \(layers) layers")
      }
      return Array(rates.prefix(layers))
    }
    let words = [
      "sliding_attention": 0, "compressed_sparse_attention": 4, "heavily_compressed_attention": 128,
    ]
    guard let types = try config.words("layer_types", count: layers, words.keys.sorted()) else {
      throw config.missing("compress_ratios", accepted: "how many tokens an entry stands for, layer by layer")
    }
    return types.map { words[$0] ?? 0 }
  }
}
