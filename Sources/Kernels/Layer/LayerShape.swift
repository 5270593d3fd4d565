import CostModel

/// A decoder layer's widths: RMSNorm, rotary attention, gated feed-forward or experts, residuals.
public struct LayerShape: Hashable, Sendable {
  public enum Phase: Hashable, Sendable {
    /// `tokens` of one sequence, nothing cached.
    case prefill(tokens: Int)
    /// One token of each of `batch` sequences; attention spans `context` keys, the new one among them.
    case decode(batch: Int, context: Int)
  }

  /// Rows of the products: a prompt's tokens, or one of each sequence of a batch.
  var tokens: Int
  /// Keys that attention spans where it decodes.
  var context = 0
  private let decodes: Bool
  public var hidden, heads, keyValueHeads, headDim, intermediate: Int
  /// 1 for a dense feed-forward.
  public var experts, topK: Int

  public init(
    _ phase: Phase, hidden: Int, heads: Int, keyValueHeads: Int, headDim: Int, intermediate: Int,
    experts: Int = 1, topK: Int = 1
  ) {
    switch phase {
    case .prefill(let tokens): (self.tokens, decodes) = (tokens, false)
    case .decode(let batch, let context): (tokens, self.context, decodes) = (batch, context, true)
    }
    (self.hidden, self.heads, self.keyValueHeads, self.headDim) = (hidden, heads, keyValueHeads, headDim)
    (self.intermediate, self.experts, self.topK) = (intermediate, experts, topK)
  }

  /// The first layer of a model that is made of such parts; nil where it has others.
  public init?(_ model: ModelSpec, _ phase: Phase) {
    guard let layer = model.kinds.first?.layer, case .attention(let attention) = layer.mixer,
      attention.headDim == attention.valueHeadDim, attention.headDim % 2 == 0
    else { return nil }
    let (dense, experts, topK): (DenseSpec, Int, Int)
    switch layer.feedForward {
    case .dense(let spec): (dense, experts, topK) = (spec, 1, 1)
    case .mixture(let spec): (dense, experts, topK) = (spec.expert, spec.experts, spec.topK)
    case .none: return nil
    }
    guard dense.gated else { return nil }
    self.init(
      phase, hidden: model.hidden, heads: attention.heads, keyValueHeads: attention.keyValueHeads,
      headDim: attention.headDim, intermediate: dense.intermediate, experts: experts, topK: topK)
  }

  public var phase: Phase {
    decodes ? .decode(batch: tokens, context: context) : .prefill(tokens: tokens)
  }

  /// Single-precision weights.
  public var weightBytes: Double {
    let attention = hidden * (2 * heads + 2 * keyValueHeads) * headDim
    return 4 * Double(attention + experts * 3 * hidden * intermediate + (experts > 1 ? experts * hidden : 0))
  }
}
