/// Softmax attention over a key/value cache; MHA, GQA and MQA differ in `keyValueHeads` alone.
///
/// Shapes for T tokens: q [T, heads, headDim], k [T, keyValueHeads, headDim], v [T, keyValueHeads, valueHeadDim].
public struct AttentionSpec: Hashable, Sendable {
  /// Query heads (`num_attention_heads`).
  public var heads: Int
  /// Heads that keys and values have (`num_key_value_heads`); divides `heads`.
  public var keyValueHeads: Int
  /// Width of a query and a key; not hidden ÷ heads in Gemma, Qwen 3, Mistral Nemo, gpt-oss.
  public var headDim: Int
  /// Width of a value.
  public var valueHeadDim: Int
  /// Which earlier keys a query may see.
  public var span: AttentionSpan
  /// How positions enter the scores.
  public var position: PositionSpec
  /// A bias on the query projection.
  public var queryBias: Bool
  /// A bias on the key projection.
  public var keyBias: Bool
  /// A bias on the value projection.
  public var valueBias: Bool
  /// A bias on the output projection.
  public var outputBias: Bool
  /// Norms on queries and keys.
  public var queryKeyNorm: QueryKeyNorm
  /// One learned logit per head that takes probability from the keys (gpt-oss).
  public var sinks: Bool
  /// tanh cap on the scores (Gemma 2, arXiv:2408.00118 §2).
  public var logitSoftcap: Bool
  /// A sigmoid gate on the attention's output, projected beside the query (Qwen3-Next).
  public var outputGate: Bool
  /// The layer attends to an earlier layer's cache and has no k and v of its own.
  public var sharesCache: Bool
  /// Values are the projected keys before norm and rotation: there is no v projection (Gemma 4).
  public var keyIsValue = false
  /// An RMS norm over all heads' output before the projection (BitNet).
  public var outputNorm = false
  /// A sigmoid gate of one number a head on the attention's output (Step 3.5).
  public var headGate = false
  /// Keys and values are made of an encoder's tokens, once for a sequence (arXiv:1706.03762 §3.2.3).
  public var crosses = false
  /// Sparse attention over the keys that a small scorer picks, in blocks (MiniMax M3).
  public var indexer: IndexerSpec?

  /// Attention as wide in values as in keys, rotary and unbounded unless told otherwise; `bias` sets all four.
  public init(
    heads: Int, keyValueHeads: Int, headDim: Int, valueHeadDim: Int? = nil,
    span: AttentionSpan = .full, position: PositionSpec = .rotary(RotarySpec()), bias: Bool = false
  ) {
    self.heads = heads
    self.keyValueHeads = keyValueHeads
    self.headDim = headDim
    self.valueHeadDim = valueHeadDim ?? headDim
    self.span = span
    self.position = position
    queryBias = bias
    keyBias = bias
    valueBias = bias
    outputBias = bias
    queryKeyNorm = .none
    sinks = false
    logitSoftcap = false
    outputGate = false
    sharesCache = false
  }

  /// MHA, GQA or MQA.
  public var kind: String {
    keyValueHeads == heads ? "MHA" : keyValueHeads == 1 ? "MQA" : "GQA"
  }
}

/// Which keys a query may see, besides the causal mask.
public enum AttentionSpan: Hashable, Sendable {
  /// Every earlier key.
  case full
  /// The last `window` keys, itself among them (Mistral 7B, arXiv:2310.06825 §2).
  case sliding(window: Int)
  /// Blocks of `size` tokens that see nothing before their own start (Llama 4).
  case chunked(size: Int)
  /// Every key, later ones among them: an encoder's layer, or a decoder's over an encoder's tokens.
  case bidirectional
  /// The keys up to `reach` positions away on either side (ModernBERT).
  case around(reach: Int)
  /// The keys of the same square of `side` × `side` patches of an image (Qwen2.5-VL).
  case windows(side: Int)

  /// Later keys are hidden.
  public var isCausal: Bool {
    switch self {
    case .full, .sliding, .chunked: true
    case .bidirectional, .around, .windows: false
    }
  }

  /// Most keys a query can see.
  public var limit: Int? {
    switch self {
    case .full, .bidirectional, .windows: nil
    case .sliding(let window): window
    case .chunked(let size): size
    case .around(let reach): 2 * min(reach, 1 << 40) + 1
    }
  }
}

/// RMS norm on queries and keys before the scores.
public enum QueryKeyNorm: String, Hashable, Sendable {
  /// No norm.
  case none
  /// One weight of head_dim shared by the heads (Qwen 3, Gemma 3).
  case perHead
  /// One weight over all heads together (OLMo 2).
  case full
}

extension AttentionSpec {
  /// Columns of the fused q/k/v (and gate) projection.
  public var projectionWidth: Double {
    let query = Double(heads) * (Double(headDim) * (outputGate ? 2 : 1) + (headGate ? 1 : 0))
    return query + (crosses ? 0 : keyIsValue ? keyValueWidth / 2 : keyValueWidth)
  }

  /// k and v together, per token: what the cache gains.
  public var keyValueWidth: Double {
    sharesCache ? 0 : Double(keyValueHeads) * Double(headDim + valueHeadDim)
  }
}

extension AttentionSpec: Mixer {
  var traits: MixerTraits {
    if crosses { return MixerTraits(sourceWidth: keyValueWidth, reach: nil) }
    // A layer that sees both ways is through with a sequence when its pass is.
    guard span.isCausal else { return MixerTraits(reach: span) }
    return MixerTraits(
      cacheWidth: keyValueWidth + (indexer.map { $0.cacheWidth } ?? 0), kept: span, reach: span)
  }

  /// Queries, keys, values and the output; unfused attention also holds scores and probabilities.
  func widestActivation(_ work: Workload) -> Double {
    let scores = work.attentionAlgorithm == .naive ? 2 * Double(heads) * work.length : 0
    return projectionWidth + Double(heads) * Double(valueHeadDim) + scores
  }

  /// The output gate stands in the query's projection, as in Qwen3-Next's checkpoints.
  func tensors<Sink: TensorSink>(into out: inout TensorWriter<Sink>) {
    let query = Double(heads) * Double(headDim)
    let key = Double(keyValueHeads) * Double(headDim)
    let stored = Tensor.Split.keyValueHeads(keyValueHeads)
    let keyReader = crosses ? OperatorKind.sourceProjection : .qkvProjection
    out.enter(crosses ? "encoder_attn" : "self_attn", .attention)
    out.matrix(
      "q_proj", rows: query * (outputGate ? 2 : 1), columns: out.hidden, bias: queryBias,
      reader: .qkvProjection, role: .query, split: .outputs)
    if !sharesCache {
      out.matrix(
        "k_proj", rows: key, columns: out.hidden, bias: keyBias, reader: keyReader, role: .key,
        split: stored)
      if !keyIsValue {
        out.matrix(
          "v_proj", rows: Double(keyValueHeads) * Double(valueHeadDim), columns: out.hidden, bias: valueBias,
          reader: keyReader, role: .value(queriesPerKey: heads / max(1, keyValueHeads)), split: stored)
      }
    }
    if headGate {
      out.matrix(
        "g_proj", rows: Double(heads), columns: out.hidden, reader: .qkvProjection, split: .outputs)
    }
    switch queryKeyNorm {
    case .none: break
    case .perHead:
      out.norm("q_norm", width: Double(headDim))
      if !sharesCache { out.norm("k_norm", width: Double(headDim)) }
    case .full:
      out.norm("q_norm", width: query, split: .outputs)
      if !sharesCache { out.norm("k_norm", width: key, split: stored) }
    }
    if outputNorm { out.norm("attn_sub_norm", width: Double(heads) * Double(valueHeadDim), split: .outputs) }
    if case .relative(let buckets) = position, buckets > 0 {
      out.vector("relative_attention_bias", Double(buckets) * Double(heads), .weight, split: .outputs)
    }
    if sinks { out.vector("sinks", Double(heads), split: .outputs) }
    out.matrix(
      "o_proj", rows: out.hidden, columns: Double(heads) * Double(valueHeadDim), bias: outputBias,
      reader: .outputProjection, role: .attentionOutput, split: .inputs)
    indexer?.tensors(queryInputs: out.hidden, into: &out)
  }
}
