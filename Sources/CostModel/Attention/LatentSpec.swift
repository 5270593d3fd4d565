/// Multi-head latent attention (DeepSeek-V2, arXiv:2405.04434 §2.1): keys and values of all heads are
/// expanded from one cached vector of `cacheRank` numbers, beside one rotated key of `rotaryDim`.
public struct LatentSpec: Hashable, Sendable {
  /// Query heads; all read the same latents.
  public var heads: Int
  /// Rank of the query's own compression; nil projects queries directly (V2-Lite).
  public var queryRank: Int?
  /// `kv_lora_rank`.
  public var cacheRank: Int
  /// `qk_nope_head_dim`: a head's part without position.
  public var nopeDim: Int
  /// `qk_rope_head_dim`: a head's rotated part; its key is shared by all heads.
  public var rotaryDim: Int
  /// `v_head_dim`: width of an expanded value.
  public var valueDim: Int
  /// Rotation of `rotaryDim`; nil: that part knows no position either (Kimi Linear).
  public var rotary: RotarySpec?
  /// Biases on the down projections and the output projection (`attention_bias`).
  public var bias: Bool
  /// Sparse attention over the keys that a small scorer picks (DeepSeek-V3.2, arXiv:2512.02556 §2).
  public var indexer: IndexerSpec?

  /// A sigmoid gate of one number a head on the attention's output (Ling 3).
  public var headGate = false

  /// Latent attention; dense unless there is an indexer.
  public init(
    heads: Int, queryRank: Int?, cacheRank: Int, nopeDim: Int, rotaryDim: Int, valueDim: Int,
    rotary: RotarySpec? = RotarySpec(), bias: Bool = false, indexer: IndexerSpec? = nil
  ) {
    self.heads = heads
    self.queryRank = queryRank
    self.cacheRank = cacheRank
    self.nopeDim = nopeDim
    self.rotaryDim = rotaryDim
    self.valueDim = valueDim
    self.rotary = rotary
    self.bias = bias
    self.indexer = indexer
  }

  /// Width of a query and of an expanded key.
  public var headDim: Int { nopeDim + rotaryDim }

  /// Elements a token leaves in the cache of one layer.
  public var cacheWidth: Double { storedWidth + (indexer.map { $0.cacheWidth } ?? 0) }

  /// Of those, the latent and the rotated key.
  var storedWidth: Double { Double(cacheRank + rotaryDim) }

  /// Columns of the down projection: the latent, the shared rotated key, the compressed query, the heads' gates.
  var downWidth: Double { Double(cacheRank + rotaryDim + (queryRank ?? 0) + (headGate ? heads : 0)) }

  var queryWidth: Double { Double(heads) * Double(headDim) }

  /// Weights of the RMS norms on the compressed query and on the latent.
  var normParameters: Double { Double(cacheRank + (queryRank ?? 0)) }
}

extension LatentSpec: Mixer {
  var traits: MixerTraits { MixerTraits(cacheWidth: cacheWidth) }

  func widestActivation(_ work: Workload) -> Double {
    let heads = Double(heads)
    let expanded =
      (work.latent ?? (work.queries <= 1 ? .absorbed : .naive)) == .naive
      ? heads * Double(nopeDim + valueDim) * work.length / work.queries
      : heads * Double(2 * cacheRank + rotaryDim)
    return queryWidth + downWidth + expanded + heads * Double(valueDim)
  }

  /// Down projections make what all heads share and stay whole on every rank.
  func tensors<Sink: TensorSink>(into out: inout TensorWriter<Sink>) {
    let queryInputs = queryRank.map(Double.init) ?? out.hidden
    out.enter("self_attn", .attention)
    if queryRank == nil {
      out.matrix(
        "q_proj", rows: queryWidth, columns: out.hidden, reader: .queryUpProjection, split: .outputs)
    } else {
      out.matrix(
        "q_a_proj", rows: queryInputs, columns: out.hidden, bias: bias, reader: .latentDownProjection,
        split: .replicated)
      out.norm("q_a_layernorm", width: queryInputs)
      out.matrix(
        "q_b_proj", rows: queryWidth, columns: queryInputs, reader: .queryUpProjection, split: .outputs)
    }
    out.matrix(
      "kv_a_proj_with_mqa", rows: Double(cacheRank + rotaryDim), columns: out.hidden, bias: bias,
      reader: .latentDownProjection, split: .replicated)
    out.norm("kv_a_layernorm", width: Double(cacheRank))
    out.matrix(
      "kv_b_proj", rows: Double(heads) * Double(nopeDim + valueDim), columns: Double(cacheRank),
      reader: .latentExpansion, role: .value(queriesPerKey: heads), split: .outputs)
    out.matrix(
      "o_proj", rows: out.hidden, columns: Double(heads) * Double(valueDim), bias: bias,
      reader: .outputProjection, role: .attentionOutput, split: .inputs)
    if headGate {
      out.matrix(
        "g_proj", rows: Double(heads), columns: out.hidden, reader: .latentDownProjection, split: .outputs)
    }
    indexer?.tensors(queryInputs: queryInputs, into: &out)
  }
}

/// Scores every earlier token cheaply and keeps the best `topK` (the “lightning indexer”).
public struct IndexerSpec: Hashable, Sendable {
  /// Heads of the scorer (`index_n_heads`).
  public var heads: Int
  /// Width of its queries and of its one key (`index_head_dim`).
  public var headDim: Int
  /// Keys that a query keeps (`index_topk`).
  public var topK: Int
  /// Keys are kept in blocks of so many, by each key/value head for itself, and heads are not weighed against each
  /// other (MiniMax M3); nil: one by one (DeepSeek-V3.2).
  public var block: Int?
  /// The layer takes the keys that an earlier layer's indexer picked and has none of its own (GLM-5.2).
  public var shared = false

  /// An indexer of so many heads that keeps `topK` keys.
  public init(heads: Int, headDim: Int, topK: Int, block: Int? = nil) {
    self.heads = heads
    self.headDim = headDim
    self.topK = topK
    self.block = block
  }

  /// Elements a token leaves in the scorer's cache.
  var cacheWidth: Double { shared ? 0 : Double(headDim) }

  /// Columns of the product that makes the key, and where heads are weighed their weights.
  var keyProjectionWidth: Double { Double(headDim + (block == nil ? heads : 0)) }

  /// Queries, one key, their norms, and one weight per head and token.
  func tensors<Sink: TensorSink>(queryInputs: Double, into out: inout TensorWriter<Sink>) {
    if shared { return }
    let width = Double(headDim)
    out.enter("self_attn.indexer", .attention)
    if block != nil {
      out.matrix(
        "q_proj", rows: Double(heads) * width, columns: queryInputs, reader: .indexProjection,
        split: .replicated)
      out.matrix("k_proj", rows: width, columns: out.hidden, reader: .indexKeyProjection, split: .replicated)
      out.norm("q_norm", width: width)
      out.norm("k_norm", width: width)
      return
    }
    out.matrix(
      "wq_b", rows: Double(heads) * width, columns: queryInputs, reader: .indexProjection, split: .replicated)
    out.matrix("wk", rows: width, columns: out.hidden, reader: .indexKeyProjection, split: .replicated)
    out.norm("k_norm", .layer, width: width)
    out.matrix(
      "weights_proj", rows: Double(heads), columns: out.hidden, reader: .indexKeyProjection,
      split: .replicated)
  }
}

/// The two ways to compute latent attention; the result is the same (arXiv:2405.04434 §2.1.2).
public enum LatentForm: String, CaseIterable, Hashable, Sendable {
  /// Keys and values expanded per head: fewest FLOPs where queries are many.
  case naive
  /// The expansion folded into query and output, so that only the latent is read: fewest bytes in decode.
  case absorbed
}
