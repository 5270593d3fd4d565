import CostModel
import Specs

/// DeepSeek V2 (arXiv:2405.04434), V3 and R1 (arXiv:2412.19437), V3.2 (arXiv:2512.02556), and those that share
/// latent attention: Kimi K2, GLM-4.7 Flash, GLM-5, A.X K1 (SK Telecom, 2026).
enum DeepSeekFamily {
  static func two(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    // noaux_tc came with V3: V2 balances by loss and has no correction bias.
    let method = try config.string("topk_method")
    return try read(&config, routerBias: method == "noaux_tc")
  }

  static func three(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    let method = try config.string("topk_method")
    return try read(&config, routerBias: method.map { $0 == "noaux_tc" } ?? true)
  }

  private static func read(_ config: inout ConfigFields, routerBias: Bool) throws(InputError) -> ModelSpec {
    let parts = try parts(&config)
    let mixer: MixerSpec =
      try config.bool("use_mla", or: config.family != "deepseek_ocr2_text")
      ? .latent(try latent(&config, parts)) : try plain(&config, parts)
    if ["minicpm3", "youtu"].contains(config.family) {
      try config.only("mlp_bias", false, because: "no released model of this family has biases there")
      config.ignore("scale_emb", "scale_depth", "dim_model_base", "embedding_initializer_range")
      return parts.model(
        Array(repeating: LayerKind(name: "decoder", layer: parts.layer(mixer)), count: parts.layers))
    }
    let routed = try mixture(&config, parts, routerBias: routerBias)
    let sparse = try sparse(&config, layers: parts.layers)
    let borrows = try config.words("indexer_types", count: parts.layers, ["full", "shared"])
    config.ignore(
      "num_nextn_predict_layers", "num_hash_layers", "index_share_for_mtp_iteration", "num_experts")
    return parts.model(
      sparse.enumerated().map { layer, isSparse in
        var own = mixer
        var name = isSparse ? "moe" : "dense"
        if borrows?[layer] == "shared", case .latent(var spec) = mixer {
          // The keys that an earlier layer picked (GLM-5.2).
          spec.indexer?.shared = true
          own = .latent(spec)
          name += "_shared_index"
        }
        var layer = parts.layer(own, isSparse ? .mixture(routed) : nil)
        if isSparse, config.family == "axk1" { layer.norms = .output }
        return LayerKind(name: name, layer: layer)
      })
  }

  private static func parts(_ config: inout ConfigFields) throws(InputError) -> DecoderParts {
    var names = DecoderParts.Names()
    // Stands in for a width that latent attention does not have; hidden ÷ heads need not be whole here.
    names.defaults = ["head_dim": 1]
    names.keyValueHeads = .unknown
    names.tied = ["minicpm3", "youtu"].contains(config.family)
    config.ignore("num_key_value_heads")
    let inner = ConfigFields.without(["head_dim"], config)
    var copy = inner
    let parts = try DecoderParts(&copy, names)
    config.adopt(copy)
    return parts
  }

  /// `use_mla: false`: the attention of Llama, as small models of this family have it (DeepSeek-OCR).
  private static func plain(
    _ config: inout ConfigFields, _ parts: DecoderParts
  ) throws(InputError) -> MixerSpec {
    var attention = parts.attention
    let stored = try config.int("num_key_value_heads", in: 1...1_000_000) ?? attention.heads
    config.ignore("kv_lora_rank", "q_lora_rank", "qk_nope_head_dim", "qk_rope_head_dim", "v_head_dim")
    guard parts.hidden % attention.heads == 0, attention.heads % stored == 0 else {
      throw InputError(
        .data, at: config.location,
        "hidden_size \(parts.hidden), \(attention.heads) heads and \(stored) key/value heads do not divide")
    }
    let bias = try config.bool("attention_bias", or: false)
    let width = parts.hidden / attention.heads
    attention = AttentionSpec(heads: attention.heads, keyValueHeads: stored, headDim: width)
    (attention.queryBias, attention.keyBias, attention.valueBias) = (bias, bias, bias)
    attention.outputBias = bias
    attention.position = .rotary(try RotaryKeys.read(&config, maxPositions: parts.maxPositions))
    return .attention(attention)
  }

  private static func latent(_ config: inout ConfigFields, _ parts: DecoderParts) throws(InputError)
    -> LatentSpec
  {
    let limit = 1...1_000_000
    guard config.has("q_lora_rank") || config.saysNull("q_lora_rank") else {
      throw config.missing("q_lora_rank", accepted: "the rank of the query's compression, or null for none")
    }
    var spec = try LatentKeys.read(&config, parts)
    // Configs call the rotated part or the whole “head_dim”; anything else would be another model.
    for key in ["head_dim", "qk_head_dim"] {
      let known = [spec.rotaryDim, spec.nopeDim, spec.headDim, spec.valueDim, parts.hidden / spec.heads]
      if let stated = try config.int(key), !known.contains(stated) {
        throw InputError(
          .data, at: config.location,
          "“\(key)” \(stated) is neither qk_rope_head_dim \(spec.rotaryDim) nor a sum of the head's parts")
      }
    }
    if let topK = try config.int("index_topk") {
      spec.indexer = IndexerSpec(
        heads: try config.requiredInt("index_n_heads", in: limit),
        headDim: try config.requiredInt("index_head_dim", in: limit), topK: topK)
    }
    config.ignore(
      "indexer_rope_interleave", "index_topk_freq", "index_topk_pattern", "index_skip_topk_offset")
    _ = try config.words(
      "layer_types", count: parts.layers,
      ["full_attention", "indexed_attention", "deepseek_sparse_attention"])
    try config.only("mlp_bias", false, because: "no released model of this family has biases in its experts")
    return spec
  }

  private static func mixture(
    _ config: inout ConfigFields, _ parts: DecoderParts, routerBias: Bool
  ) throws(InputError) -> MixtureSpec {
    var spec = try MixtureKeys.read(
      &config, experts: ["n_routed_experts"], inner: ["moe_intermediate_size"], template: parts.dense)
    try sharedExperts(&config, &spec)
    spec.routerBias = routerBias
    try MixtureKeys.groups(&config, &spec)
    return spec
  }

  /// `n_shared_experts` of the routed ones' width, side by side.
  static func sharedExperts(_ config: inout ConfigFields, _ spec: inout MixtureSpec) throws(InputError) {
    guard let count = try config.int("n_shared_experts", in: 0...1_000) else {
      if config.saysNull("n_shared_experts") { return }
      throw config.missing("n_shared_experts", accepted: "how many experts every token uses, or null")
    }
    guard count > 0 else { return }
    spec.shared = spec.expert
    spec.shared?.intermediate *= count
  }

  /// `mlp_layer_types`, or all from `first_k_dense_replace` on, every `moe_layer_freq`-th.
  private static func sparse(_ config: inout ConfigFields, layers: Int) throws(InputError) -> [Bool] {
    let first = try config.int("first_k_dense_replace", in: 0...1_000_000)
    if let every = try config.int("moe_layer_freq", in: 1...1_000_000), every != 1 {
      throw InputError(
        .data, at: config.location, "“moe_layer_freq” \(every): transformers builds 1 whatever it says")
    }
    if let types = try config.words("mlp_layer_types", count: layers, ["dense", "sparse"]) {
      return types.map { $0 == "sparse" }
    }
    guard let first else {
      throw config.missing("first_k_dense_replace", accepted: "how many layers come before the first experts")
    }
    // transformers takes this family's layers from mlp_layer_types alone, others from this key.
    guard config.family != "glm4_moe_lite" || first == 1 else {
      throw InputError(
        .data, at: config.location, "“first_k_dense_replace” \(first): this family is only known with 1")
    }
    return (0..<layers).map { $0 >= first }
  }
}
