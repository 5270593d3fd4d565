import CostModel

/// Multi-head, grouped and multi-query attention.
extension AttentionSpec: MixerForm {
  package static let block = "attention"

  /// The `attention` block, which latent attention shares.
  static func mixer(
    _ block: inout YAMLFields, _ context: MixerReader.Context
  ) throws(InputError) -> MixerSpec {
    var usual = "softmax"
    if case .latent = context.base { usual = "latent" }
    if try block.word("type", ["softmax", "latent"]) ?? usual == "latent" {
      return .latent(try LatentSpec.read(&block, context))
    }
    return .attention(try read(&block, context))
  }

  private static func read(
    _ block: inout YAMLFields, _ context: MixerReader.Context
  ) throws(InputError) -> AttentionSpec {
    var base: AttentionSpec?
    if case .attention(let spec) = context.base { base = spec }
    let headCount: Int
    if let heads = try block.int("num_attention_heads", in: 1...1_000_000) ?? base?.heads {
      headCount = heads
    } else {
      headCount = try block.requiredInt("num_attention_heads", in: 1...1_000_000)
    }
    let keyValueHeads =
      try block.int("num_key_value_heads", in: 1...1_000_000) ?? base?.keyValueHeads ?? headCount
    guard headCount % keyValueHeads == 0 else {
      throw InputError(
        .data, at: block.location,
        "\(headCount) attention heads do not divide into \(keyValueHeads) key/value heads")
    }
    let headDim: Int
    if let given = try block.int("head_dim", in: 1...1_000_000) ?? base?.headDim {
      headDim = given
    } else {
      guard context.header.hidden % headCount == 0 else {
        throw InputError(
          .data, at: block.location,
          "hidden_size \(context.header.hidden) does not divide into \(headCount) heads; give “head_dim”")
      }
      headDim = context.header.hidden / headCount
    }
    var spec = AttentionSpec(
      heads: headCount, keyValueHeads: keyValueHeads, headDim: headDim,
      valueHeadDim: try block.int("v_head_dim", in: 1...1_000_000) ?? base?.valueHeadDim ?? headDim,
      span: try span(&block) ?? base?.span ?? .full, position: context.position)
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
    spec.crosses = try block.bool("crosses") ?? base?.crosses ?? false
    spec.keyIsValue = try block.bool("key_is_value") ?? base?.keyIsValue ?? false
    spec.outputNorm = try block.bool("output_norm") ?? base?.outputNorm ?? false
    spec.headGate = try block.bool("head_gate") ?? base?.headGate ?? false
    spec.indexer = try IndexerSpec.read(&block, base: base?.indexer)
    return spec
  }

  private static func span(_ block: inout YAMLFields) throws(InputError) -> AttentionSpan? {
    let full = block.has("sliding_window")
    let window = try block.int("sliding_window")
    let chunk = try block.int("attention_chunk_size")
    if let reach = try block.int("reach") { return .around(reach: reach) }
    if let side = try block.int("window_side", in: 1...1_000_000) { return .windows(side: side) }
    if try block.word("span", ["bidirectional"]) != nil { return .bidirectional }
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

  private static let queryKeyNorms: [(name: String, norm: QueryKeyNorm)] = [
    ("none", .none), ("per_head", .perHead), ("full", .full),
  ]

  private static func queryKeyNorm(_ block: inout YAMLFields) throws(InputError) -> QueryKeyNorm? {
    try block.value(["qk_norm"], .word(queryKeyNorms.map(\.name))) { node in
      queryKeyNorms.first { $0.name == node.string }?.norm
    }
  }

  package func write(into out: inout YAMLText) { write(over: nil, into: &out) }

  /// - Parameter base: what a kind of layer inherits where it is silent; what is on there is then spelled out.
  func write(over base: AttentionSpec?, into out: inout YAMLText) {
    out.raw("type", "softmax")
    out.put("num_attention_heads", heads)
    out.put("num_key_value_heads", keyValueHeads)
    out.put("head_dim", headDim)
    if valueHeadDim != headDim || base != nil { out.put("v_head_dim", valueHeadDim) }
    switch span {
    case .full: out.raw("sliding_window", "null")
    case .sliding(let window): out.put("sliding_window", window)
    case .chunked(let size): out.put("attention_chunk_size", size)
    case .bidirectional: out.raw("span", "bidirectional")
    case .around(let reach): out.put("reach", reach)
    case .windows(let side): out.put("window_side", side)
    }
    let biases = [queryBias, keyBias, valueBias, outputBias]
    if biases.allSatisfy({ $0 == biases[0] }) {
      out.put("bias", biases[0])
    } else {
      for (key, value) in zip(["q_bias", "k_bias", "v_bias", "o_bias"], biases) { out.put(key, value) }
    }
    if let norm = Self.queryKeyNorms.first(where: { $0.norm == queryKeyNorm }) {
      out.raw("qk_norm", norm.name)
    }
    if sinks || base?.sinks == true { out.put("sinks", sinks) }
    if logitSoftcap || base?.logitSoftcap == true { out.put("logit_softcapping", logitSoftcap) }
    if outputGate || base?.outputGate == true { out.put("output_gate", outputGate) }
    if sharesCache || base?.sharesCache == true { out.put("shares_cache", sharesCache) }
    if crosses || base?.crosses == true { out.put("crosses", crosses) }
    if keyIsValue || base?.keyIsValue == true { out.put("key_is_value", keyIsValue) }
    if outputNorm || base?.outputNorm == true { out.put("output_norm", outputNorm) }
    if headGate || base?.headGate == true { out.put("head_gate", headGate) }
    if let indexer {
      indexer.write(into: &out)
    } else if base?.indexer != nil {
      out.raw("index_topk", "null")
    }
  }

  package var summary: String {
    var text = "\(kind), \(heads) heads"
    if keyValueHeads != heads { text += " over \(keyValueHeads) KV heads" }
    text += " of \(headDim)"
    switch span {
    case .full: break
    case .sliding(let window): text += ", window \(Digits.whole(Double(window)))"
    case .chunked(let size): text += ", chunks of \(Digits.whole(Double(size)))"
    case .bidirectional: text += crosses ? " over an encoder's tokens" : ", both ways"
    case .around(let reach): text += ", \(Digits.whole(Double(reach))) to either side"
    case .windows(let side): text += ", windows of \(side) × \(side)"
    }
    if let indexer { text += indexer.summary }
    return text
  }

  package var properties: Set<String> {
    var found: Set<String> = [kind.lowercased()]
    if indexer != nil { found.insert("sparse") }
    switch span {
    case .full: break
    case .sliding: found.insert("sliding")
    case .chunked: found.insert("chunked")
    case .bidirectional: found.insert(crosses ? "cross" : "bidirectional")
    case .around, .windows: found.formUnion(["bidirectional", "sliding"])
    }
    switch position {
    case .rotary: found.insert("rotary")
    case .alibi: found.insert("alibi")
    case .relative: found.insert("relative")
    case .none: found.insert("nope")
    case .learned, .sinusoidal: break
    }
    return found
  }

  package var positions: PositionSpec? { position }

  package var positionDim: Int { headDim }
}

extension Block {
  /// Softmax and latent attention.
  static let attention = Block(
    "attention",
    "Softmax attention over a cache of keys and values, or over one of latents (MLA). A kind of layer keeps what its block does not say.",
    [
      Key("type", "`softmax` (MHA, GQA, MQA) or `latent` (MLA).", else: "softmax"),
      Key("num_attention_heads", "Query heads.", else: nil),
      Key(
        "num_key_value_heads", "Heads that keys and values have; divides the query heads.",
        else: "as many as query heads"),
      Key("head_dim", "Elements of a query and a key.", else: "`hidden_size` ÷ `num_attention_heads`"),
      Key("v_head_dim", "Elements of a value; latent attention needs it.", else: "`head_dim`"),
      Key(
        "sliding_window", "A query sees so many last keys, itself among them; `null`: all.", else: "all keys"),
      Key(
        "attention_chunk_size", "Tokens of blocks that see nothing before their own start.", else: "all keys"),
      Key("reach", "Keys up to so many positions away, on either side (encoders).", else: "all keys"),
      Key(
        "window_side", "Only keys of the same square of so many patches a side (vision).", else: "all keys"),
      Key("span", "`bidirectional`: later keys too (encoders).", else: "earlier keys alone"),
      Key("bias", "Biases on all four projections.", else: "false"),
      Key("q_bias", "A bias on the query projection.", else: "`bias`"),
      Key("k_bias", "A bias on the key projection.", else: "`bias`"),
      Key("v_bias", "A bias on the value projection.", else: "`bias`"),
      Key("o_bias", "A bias on the output projection.", else: "`bias`"),
      Key("qk_norm", "RMS norms on queries and keys: each head's, or all heads' together.", else: "none"),
      Key("sinks", "A learned logit a head that takes probability from the keys (gpt-oss).", else: "false"),
      Key("logit_softcapping", "A tanh cap on the scores (Gemma 2).", else: "false"),
      Key("output_gate", "A sigmoid gate as wide as the output (Qwen3-Next).", else: "false"),
      Key("head_gate", "A sigmoid gate of one number a head (Step 3.5).", else: "false"),
      Key("output_norm", "An RMS norm over all heads' output before its projection (BitNet).", else: "false"),
      Key("shares_cache", "Reads an earlier layer's cache; has no k and v of its own.", else: "false"),
      Key("key_is_value", "Values are the keys before norm and rotation; no v projection.", else: "false"),
      Key("crosses", "Keys and values are made of an encoder's tokens, once a sequence.", else: "false"),
      Key(
        "index_topk", "Keys that a small scorer keeps for each query (sparse attention).", else: "every key"),
      Key("index_n_heads", "The scorer's heads; needed beside `index_topk`.", else: "no scorer"),
      Key("index_head_dim", "Elements of the scorer's queries and key; needed too.", else: "no scorer"),
      Key("index_block", "Keys are kept in blocks of so many (MiniMax M3).", else: "one by one"),
      Key("index_shared", "Takes the keys that an earlier layer's scorer picked.", else: "false"),
      Key("q_lora_rank", "Latent: rank of the query's own compression.", else: "queries projected directly"),
      Key("kv_lora_rank", "Latent, needed: elements of the cached latent.", else: "softmax has none"),
      Key(
        "qk_nope_head_dim", "Latent, needed: a head's elements without position.", else: "softmax has none"),
      Key(
        "qk_rope_head_dim", "Latent, needed: a head's rotated elements, one key for all heads.",
        else: "softmax has none"),
    ])
}
