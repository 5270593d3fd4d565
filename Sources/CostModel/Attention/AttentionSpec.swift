/// Softmax attention over a key/value cache; MHA, GQA and MQA differ in `keyValueHeads` alone.
///
/// Shapes for T tokens: q [T, heads, headDim], k [T, keyValueHeads, headDim], v [T, keyValueHeads, valueHeadDim].
public struct AttentionSpec: Hashable, Sendable {
  public var heads: Int
  public var keyValueHeads: Int
  /// Width of a query and a key; not hidden ÷ heads in Gemma, Qwen 3, Mistral Nemo, gpt-oss.
  public var headDim: Int
  public var valueHeadDim: Int
  public var span: AttentionSpan
  public var position: PositionSpec
  public var queryBias: Bool
  public var keyBias: Bool
  public var valueBias: Bool
  public var outputBias: Bool
  public var queryKeyNorm: QueryKeyNorm
  /// One learned logit per head that takes probability from the keys (gpt-oss).
  public var sinks: Bool
  /// tanh cap on the scores (Gemma 2, arXiv:2408.00118 §2).
  public var logitSoftcap: Bool
  /// A sigmoid gate on the attention's output, projected beside the query (Qwen3-Next).
  public var outputGate: Bool
  /// The layer attends to an earlier layer's cache and has no k and v of its own.
  public var sharesCache: Bool

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

  public var kind: String {
    keyValueHeads == heads ? "MHA" : keyValueHeads == 1 ? "MQA" : "GQA"
  }
}

/// Which keys a query may see, besides the causal mask.
public enum AttentionSpan: Hashable, Sendable {
  case full
  /// The last `window` keys, itself among them (Mistral 7B, arXiv:2310.06825 §2).
  case sliding(window: Int)
  /// Blocks of `size` tokens that see nothing before their own start (Llama 4).
  case chunked(size: Int)

  /// Most keys a query can see.
  public var limit: Int? {
    switch self {
    case .full: nil
    case .sliding(let window): window
    case .chunked(let size): size
    }
  }
}

/// RMS norm on queries and keys before the scores.
public enum QueryKeyNorm: String, Hashable, Sendable {
  case none
  /// One weight of head_dim shared by the heads (Qwen 3, Gemma 3).
  case perHead
  /// One weight over all heads together (OLMo 2).
  case full
}

extension AttentionSpec {
  /// Columns of the fused q/k/v (and gate) projection.
  public var projectionWidth: Double {
    let query = Double(heads) * Double(headDim) * (outputGate ? 2 : 1)
    return query + keyValueWidth
  }

  /// k and v together, per token: what the cache gains.
  public var keyValueWidth: Double {
    sharesCache ? 0 : Double(keyValueHeads) * Double(headDim + valueHeadDim)
  }

  /// q, k, v and o weights, biases, q/k norms and sinks, for one layer.
  public func parameters(hidden: Double) -> Double {
    let output = Double(heads) * Double(valueHeadDim)
    return hidden * projectionWidth + output * hidden + smallParameters(hidden: hidden)
  }

  /// What is kept at 16 bits under quantisation: biases, q/k norms, sinks.
  func smallParameters(hidden: Double) -> Double {
    let q = Double(heads) * Double(headDim)
    let k = sharesCache ? 0 : Double(keyValueHeads) * Double(headDim)
    let v = sharesCache ? 0 : Double(keyValueHeads) * Double(valueHeadDim)
    return (queryBias ? q * (outputGate ? 2 : 1) : 0) + (keyBias ? k : 0) + (valueBias ? v : 0)
      + (outputBias ? hidden : 0) + normParameters + (sinks ? Double(heads) : 0)
  }

  /// Weights of the q/k norms; they count as norms in the component table.
  var normParameters: Double {
    switch queryKeyNorm {
    case .none: 0
    case .perHead: Double(headDim) * (sharesCache ? 1 : 2)
    case .full: Double(headDim) * Double(heads + (sharesCache ? 0 : keyValueHeads))
    }
  }
}
