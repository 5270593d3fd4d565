/// Multi-head latent attention (DeepSeek-V2, arXiv:2405.04434 §2.1): keys and values of all heads are
/// expanded from one cached vector of `cacheRank` numbers, beside one rotated key of `rotaryDim`.
public struct LatentSpec: Hashable, Sendable {
  public var heads: Int
  /// Rank of the query's own compression; nil projects queries directly (V2-Lite).
  public var queryRank: Int?
  /// `kv_lora_rank`.
  public var cacheRank: Int
  /// `qk_nope_head_dim`: a head's part without position.
  public var plainDim: Int
  /// `qk_rope_head_dim`: a head's rotated part; its key is shared by all heads.
  public var rotaryDim: Int
  public var valueDim: Int
  public var rotary: RotarySpec
  /// Biases on the down projections and the output projection (`attention_bias`).
  public var bias: Bool
  /// Sparse attention over the keys that a small scorer picks (DeepSeek-V3.2, arXiv:2512.02556 §2).
  public var indexer: IndexerSpec?

  public init(
    heads: Int, queryRank: Int?, cacheRank: Int, plainDim: Int, rotaryDim: Int, valueDim: Int,
    rotary: RotarySpec = RotarySpec(), bias: Bool = false, indexer: IndexerSpec? = nil
  ) {
    self.heads = heads
    self.queryRank = queryRank
    self.cacheRank = cacheRank
    self.plainDim = plainDim
    self.rotaryDim = rotaryDim
    self.valueDim = valueDim
    self.rotary = rotary
    self.bias = bias
    self.indexer = indexer
  }

  /// Width of a query and of an expanded key.
  public var headDim: Int { plainDim + rotaryDim }

  /// Elements a token leaves in the cache of one layer.
  public var cacheWidth: Double { storedWidth + (indexer.map { Double($0.headDim) } ?? 0) }

  /// Of those, the latent and the rotated key.
  var storedWidth: Double { Double(cacheRank + rotaryDim) }

  /// Columns of the down projection: the latent, the shared rotated key, and the compressed query.
  var downWidth: Double { Double(cacheRank + rotaryDim + (queryRank ?? 0)) }

  var queryWidth: Double { Double(heads) * Double(headDim) }

  public func parameters(hidden: Double) -> Double {
    let up = queryWidth * (queryRank.map(Double.init) ?? hidden)
    let expand = Double(cacheRank) * Double(heads) * Double(plainDim + valueDim)
    let output = Double(heads) * Double(valueDim) * hidden
    return hidden * downWidth + up + expand + output + biasParameters(hidden: hidden) + normParameters
      + (indexer?.parameters(hidden: hidden, queryInputs: queryRank.map(Double.init) ?? hidden) ?? 0)
  }

  func biasParameters(hidden: Double) -> Double { bias ? downWidth + hidden : 0 }

  /// RMS norms on the compressed query and on the latent; LayerNorm on the indexer's keys.
  var normParameters: Double { Double(cacheRank + (queryRank ?? 0)) }
}

/// Scores every earlier token cheaply and keeps the best `topK` (the “lightning indexer”).
public struct IndexerSpec: Hashable, Sendable {
  public var heads: Int
  public var headDim: Int
  public var topK: Int

  public init(heads: Int, headDim: Int, topK: Int) {
    self.heads = heads
    self.headDim = headDim
    self.topK = topK
  }

  /// Query up-projection, one key, its LayerNorm, and one weight per head and token.
  func parameters(hidden: Double, queryInputs: Double) -> Double {
    queryInputs * Double(heads) * Double(headDim) + hidden * Double(headDim + heads) + normParameters
  }

  var normParameters: Double { 2 * Double(headDim) }
}

/// The two ways to compute latent attention; the result is the same (arXiv:2405.04434 §2.1.2).
public enum LatentForm: String, CaseIterable, Hashable, Sendable {
  /// Keys and values expanded per head: fewest FLOPs where queries are many.
  case naive
  /// The expansion folded into query and output, so that only the latent is read: fewest bytes in decode.
  case absorbed
}
