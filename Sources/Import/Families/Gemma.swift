import CostModel
import Specs

/// Gemma (arXiv:2403.08295), Gemma 2 (arXiv:2408.00118), Gemma 3 (arXiv:2503.19786), Gemma 3n and 4.
enum GemmaFamily {
  static func one(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var parts = try parts(&config, defaults: ["head_dim": 256])
    try parts.rotary(&config)
    return parts.model()
  }

  /// Local and global layers in turn, norms before and after (VaultGemma: before), caps on scores and logits.
  static func two(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var parts = try parts(&config, defaults: ["head_dim": 256])
    parts.placement = config.family == "vaultgemma" ? .pre : .sandwich
    parts.attention.logitSoftcap = try cap(&config, "attn_logit_softcapping", or: true)
    parts.logitSoftcap = try cap(&config, "final_logit_softcapping", or: true)
    try parts.rotary(&config)
    let window = try config.int("sliding_window") ?? config.defaulted(["sliding_window"], 4096)
    let slides = try WindowKeys.slides(&config, layers: parts.layers) { $0 % 2 == 0 }
    return parts.model(try WindowKeys.stack(parts, slides: slides, window: window, config: config))
  }

  /// Five local layers to one global, each with a rotary base of its own, q/k norms, no caps. Google's files
  /// leave out what equals the class defaults of 4B.
  static func three(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var parts = try parts(
      &config,
      defaults: [
        "vocab_size": 262_208, "num_attention_heads": 8, "num_key_value_heads": 4, "head_dim": 256,
      ])
    parts.placement = .sandwich
    parts.attention.queryKeyNorm = .perHead
    parts.attention.logitSoftcap = try cap(&config, "attn_logit_softcapping", or: false)
    parts.logitSoftcap = try cap(&config, "final_logit_softcapping", or: false)
    if parts.maxPositions == nil {
      parts.maxPositions = config.defaulted(["max_position_embeddings"], 131_072)
    }
    let (local, global) = try positions(&config, parts)
    let window = try config.requiredInt("sliding_window")
    let pattern = try config.int("sliding_window_pattern", "_sliding_window_pattern") ?? 6
    let slides = try WindowKeys.slides(&config, layers: parts.layers) { ($0 + 1) % pattern != 0 }
    return parts.model(
      try WindowKeys.stack(
        parts, slides: slides, window: window, config: config, local: local, global: global)
    )
  }

  /// A base of their own for the layers that slide.
  private static func positions(
    _ config: inout ConfigFields, _ parts: DecoderParts
  ) throws(InputError) -> (local: PositionSpec, global: PositionSpec) {
    let localTheta = try config.number("rope_local_base_freq", in: 1...1e12)
    let global = try RotaryKeys.read(
      &config, theta: 1_000_000, layerType: "full_attention", maxPositions: parts.maxPositions)
    var local = RotarySpec(theta: localTheta ?? 10_000)
    if config.has("rope_parameters"), localTheta == nil {
      local = try RotaryKeys.read(
        &config, theta: 10_000, layerType: "sliding_attention", maxPositions: parts.maxPositions)
    } else if localTheta == nil {
      _ = config.defaulted(["rope_local_base_freq"], 10_000)
    }
    return (.rotary(local), .rotary(global))
  }

  /// Gemma 3n (2025): Gemma 3 whose layers run on one of several streams and gate embeddings of their own, each with a
  /// width of its own; the last ones look at an earlier layer's keys.
  static func threeN(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var copy = ConfigFields.without(["intermediate_size"], config)
    var parts = try parts(
      &copy,
      defaults: [
        "vocab_size": 262_400, "num_attention_heads": 8, "num_key_value_heads": 2, "head_dim": 256,
      ], hasWidth: false)
    config.adopt(copy)
    parts.placement = .sandwich
    parts.attention.queryKeyNorm = .perHead
    parts.logitSoftcap = try cap(&config, "final_logit_softcapping", or: true)
    let (local, global) = try positions(&config, parts)
    let window = try config.int("sliding_window") ?? config.defaulted(["sliding_window"], 512)
    let slides = try WindowKeys.slides(&config, layers: parts.layers) { ($0 + 1) % 5 != 0 }
    let reuses = try config.int("num_kv_shared_layers", or: 15, in: 0...parts.layers)
    let widths = try perLayer(
      &config, "intermediate_size", parts.layers, in: 1...1_000_000_000,
      or: Array(repeating: 16384, count: parts.layers))
    let sparse = parts.layers > 10 ? 10 : 0
    let cuts = try perLayer(
      &config, "activation_sparsity_pattern", parts.layers, in: 0...1,
      or: (0..<parts.layers).map { $0 < sparse ? 0.95 : 0 })
    config.ignore(
      "altup_active_idx", "altup_coef_clip", "altup_correct_scale", "altup_lr_multiplier", "vocab_offset")
    var model = parts.model(
      slides.enumerated().map { layer, slides in
        var attention = parts.attention(window: slides ? window : nil)
        attention.position = slides ? local : global
        attention.sharesCache = layer >= parts.layers - reuses
        var dense = parts.dense
        dense.intermediate = Int(widths[layer])
        dense.sparsity = cuts[layer]
        return LayerKind(
          name: (slides ? "local" : "global") + (dense.sparsity > 0 ? "_sparse" : "")
            + (attention.sharesCache ? "_shared" : ""),
          layer: parts.layer(.attention(attention), .dense(dense)))
      })
    model.alternating = AlternatingSpec(
      streams: try config.int("altup_num_inputs", or: 4, in: 2...64),
      lowRank: try config.int("laurel_rank", or: 64, in: 1...1_000_000))
    model.layerEmbedding = try layerEmbedding(&config, parts)
    return model
  }

  /// `per_layer_config`: heads' widths and stored heads of the layers that differ.
  private static func sizesOfLayers(
    _ config: inout ConfigFields, _ layers: Int
  ) throws(InputError) -> [Int: (headDim: Int?, stored: Int?)] {
    guard var block = try config.fields("per_layer_config") else { return [:] }
    var sizes: [Int: (headDim: Int?, stored: Int?)] = [:]
    for member in block.members {
      guard let layer = Int(member.key), (0..<layers).contains(layer), var own = try block.fields(member.key)
      else {
        throw config.wrong(
          member.value, "per_layer_config", accepted: "an object for each layer by its number")
      }
      sizes[layer] = (
        try own.int("head_dim", in: 1...1_000_000), try own.int("num_key_value_heads", in: 1...1_000_000)
      )
      try own.finish()
      block.absorb(own)
    }
    config.absorb(block)
    return sizes
  }

  /// `hidden_size_per_layer_input`; 0 switches it off.
  private static func layerEmbedding(
    _ config: inout ConfigFields, _ parts: DecoderParts
  ) throws(InputError) -> LayerEmbeddingSpec? {
    let width = try config.int("hidden_size_per_layer_input", or: 256, in: 0...1_000_000)
    guard width > 0 else { return nil }
    return LayerEmbeddingSpec(
      width: width,
      vocabulary: try config.int("vocab_size_per_layer_input", or: 262_144, in: 1...100_000_000),
      layers: parts.layers, activation: parts.dense.activation)
  }

  /// One number for all layers, or a list with one for each.
  private static func perLayer(
    _ config: inout ConfigFields, _ key: String, _ layers: Int, in range: ClosedRange<Double>,
    or fallback: [Double]
  ) throws(InputError) -> [Double] {
    guard let node = try config.node([key]) else {
      _ = config.defaulted([key], fallback[0])
      return fallback
    }
    let items = node.array ?? Array(repeating: node, count: layers)
    let numbers = items.compactMap(\.number).filter {
      range.contains($0) && (range.upperBound == 1 || $0 == $0.rounded())
    }
    guard items.count == layers, numbers.count == layers else {
      throw config.wrong(node, key, accepted: "a number, or a list of \(layers), one for each layer")
    }
    return numbers
  }

  /// Gemma 4 (2026): layers that see all have wider heads, fewer of them stored, and keys for values; experts beside the
  /// dense feed-forward.
  static func four(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var parts = try parts(&config, defaults: ["head_dim": 256])
    parts.placement = .sandwich
    parts.attention.queryKeyNorm = .perHead
    parts.logitSoftcap = try cap(&config, "final_logit_softcapping", or: false)
    let window = try config.int("sliding_window") ?? config.defaulted(["sliding_window"], 512)
    let local = try RotaryKeys.read(
      &config, theta: 10_000, layerType: "sliding_attention", maxPositions: parts.maxPositions)
    let far = try RotaryKeys.read(
      &config, theta: 1_000_000, partial: 0.25, layerType: "full_attention", maxPositions: parts.maxPositions)
    var (near, global) = (parts.attention, parts.attention)
    near.span = .sliding(window: window)
    near.position = .rotary(local)
    global.position = .rotary(far)
    let stored = try config.int("num_global_key_value_heads", in: 1...1_000_000)
    if try config.bool("attention_k_eq_v", or: false) {
      global.keyValueHeads = stored ?? global.keyValueHeads
      global.keyIsValue = true
      global.valueBias = false
    }
    // Files written by transformers 5.20 and later say the sizes of single layers instead.
    let sizes = try sizesOfLayers(&config, parts.layers)
    if sizes.isEmpty { global.headDim = try config.int("global_head_dim", or: 512, in: 1...1_000_000) }
    global.valueHeadDim = global.headDim
    for stored in [global.keyValueHeads] + sizes.values.compactMap(\.stored) where global.heads % stored != 0
    {
      throw InputError(
        .data, at: config.location, "\(global.heads) heads do not divide into \(stored) key/value heads")
    }
    let reuses = try config.int("num_kv_shared_layers", in: 0...parts.layers) ?? 0
    let wide = try config.bool("use_double_wide_mlp", or: false)
    var feedForward = FeedForwardSpec.dense(parts.dense)
    if try config.bool("enable_moe_block", or: false) {
      var mixture = try MixtureKeys.read(
        &config, experts: ["num_experts"], topK: ["top_k_experts"], inner: ["moe_intermediate_size"],
        template: parts.dense)
      mixture.shared = parts.dense
      mixture.branchNorms = true
      feedForward = .mixture(mixture)
    }
    config.ignore(
      "vocab_size_per_layer_input", "expert_intermediate_size", "num_experts", "top_k_experts",
      "moe_intermediate_size", "use_bidirectional_attention")
    var slides = try WindowKeys.slides(&config, layers: parts.layers) { ($0 + 1) % 6 != 0 }
    // The library lets the last layer see all, whatever the file says.
    slides[parts.layers - 1] = false
    var model = parts.model(
      slides.enumerated().map { layer, slides in
        var attention = slides ? near : global
        attention.sharesCache = layer >= parts.layers - reuses
        attention.headDim = sizes[layer]?.headDim ?? attention.headDim
        attention.valueHeadDim = attention.headDim
        attention.keyValueHeads = sizes[layer]?.stored ?? attention.keyValueHeads
        var own = feedForward
        if wide, attention.sharesCache, case .dense(var dense) = own {
          dense.intermediate *= 2
          own = .dense(dense)
        }
        return LayerKind(
          name: (slides ? "local" : "global") + (attention.sharesCache ? "_shared" : ""),
          layer: parts.layer(.attention(attention), own))
      })
    model.layerEmbedding = try layerEmbedding(&config, parts)
    return model
  }

  private static func parts(
    _ config: inout ConfigFields, defaults: [String: Int], hasWidth: Bool = true
  ) throws(InputError) -> DecoderParts {
    var names = DecoderParts.Names()
    names.tied = true
    // hidden_act says "gelu" in old files and is not used.
    names.activation = ["hidden_activation"]
    names.defaultActivation = .geluTanh
    names.defaults = defaults
    if !hasWidth { names.intermediate = [] }
    config.ignore("hidden_act")
    var parts = try DecoderParts(&config, names)
    let bias = try config.bool("attention_bias", or: false)
    parts.bias(queryKeyValue: bias, output: bias)
    if config.has("use_bidirectional_attention"),
      config.members.contains(where: {
        $0.key == "use_bidirectional_attention" && $0.value.string == "vision"
      })
    {
      // Within an image, tokens see each other: the mask of text stays causal.
      config.ignore("use_bidirectional_attention")
      return parts
    }
    try config.only("use_bidirectional_attention", false, because: "decoders see the past only")
    return parts
  }

  private static func cap(_ config: inout ConfigFields, _ key: String, or fallback: Bool) throws(InputError)
    -> Bool
  {
    if try config.number(key, in: 0...1e9) != nil { return true }
    return config.saysNull(key) ? false : config.defaulted([key], fallback)
  }
}
