import CostModel

/// What a rank of a training step holds: Megatron-LM's arithmetic (arXiv:1910.02054, 2205.05198) on the rank's own model.
public struct TrainingMemory: Hashable, Sendable {
  /// What is kept of activations for the way back.
  public enum Recomputation: String, CaseIterable, Hashable, Sendable { case none, full }

  /// Weights in 16 bits, gradients in 32, master weights and both moments in 32.
  public var weightsBytes, gradientsBytes, optimizerBytes: Double
  /// Of all layers and micro-batches that are on their way, with logits in 16 and 32 bits.
  public var activationsBytes: Double

  /// All of them.
  public var totalBytes: Double { weightsBytes + gradientsBytes + optimizerBytes + activationsBytes }

  /// Bytes of a parameter by ZeRO's stage, over `ranks` that hold the same ones.
  ///
  /// - Parameter gradient: 4 where gradients are summed in 32 bits (Megatron-LM), 2 in ZeRO's paper.
  public static func bytesPerParameter(
    zero: Int, ranks: Double, gradient: Double = 4
  ) -> (weights: Double, gradients: Double, optimizer: Double) {
    (zero >= 3 ? 2 / ranks : 2, zero >= 2 ? gradient / ranks : gradient, zero >= 1 ? 12 / ranks : 12)
  }

  /// Of a stage's fullest rank; nil where it has a mixer whose activations nobody worked out.
  ///
  /// - Parameters:
  ///   - tokens: of a micro-batch of one replica.
  ///   - microBatches: of a step and replica; as many as stages behind this one are on their way at once.
  public init?(
    _ stage: DeployedStage, of split: Split, index: Int, tokens: Double, microBatches: Double, zero: Int,
    recomputation: Recomputation
  ) {
    let model = stage.evaluator.model
    guard model.layerEmbedding == nil, model.alternating == nil else { return nil }
    let experts = model.parameters.routedExperts
    let dense = model.parameters.total - experts
    // Ranks that share a sequence hold the same weights.
    let ranks = Double(split.data * split.context)
    let expertRanks = Double(max(1, split.stageRanks / max(1, split.expertRanks)))
    (weightsBytes, gradientsBytes, optimizerBytes) = (0, 0, 0)
    for (count, ranks) in [(dense, ranks), (experts, expertRanks)] {
      let bytes = Self.bytesPerParameter(zero: zero, ranks: ranks)
      weightsBytes += count * bytes.weights
      gradientsBytes += count * bytes.gradients
      optimizerBytes += count * bytes.optimizer
    }
    let tensor = Double(split.tensor)
    var perToken = 0.0
    for (kind, count) in zip(model.kinds, model.kindCounts) {
      guard let own = kind.layer.trainingBytes(Double(model.hidden), tensor, recomputation) else {
        return nil
      }
      perToken += own * Double(count)
    }
    let onTheWay = min(Double(split.pipeline - index), microBatches)
    let own = tokens / Double(split.context)
    activationsBytes = own * perToken * onTheWay
    if model.predicts { activationsBytes += own * Double(model.vocabulary) * 6 }
  }
}

extension LayerSpec {
  /// Bytes a token kept for the way back, in 16 bits, without dropout and with fused attention: inputs of norms and
  /// products, what attention's and activation's own backward reads. Norms' rows are shared by the `tensor` ranks.
  fileprivate func trainingBytes(
    _ hidden: Double, _ tensor: Double, _ recomputation: TrainingMemory.Recomputation
  ) -> Double? {
    if recomputation == .full { return 2 * hidden / tensor }
    var elements = 4 * hidden / tensor
    switch mixer {
    case .attention(let spec):
      elements += 2 * Double(spec.heads * spec.valueHeadDim) + spec.keyValueWidth + 2 * Double(spec.heads)
    case .latent(let spec):
      let heads = Double(spec.heads)
      elements += heads * Double(2 * spec.headDim + 3 * spec.valueDim + 2)
      elements += 2 * Double((spec.queryRank ?? 0) + spec.cacheRank) + Double(spec.rotaryDim)
    default: return nil
    }
    func inner(_ spec: DenseSpec) -> Double { Double(spec.intermediate) * (spec.gated ? 3 : 2) }
    switch feedForward {
    case .dense(let spec): elements += inner(spec)
    case .mixture(let spec):
      let rows = Double(spec.topK) * (inner(spec.expert) + 2 * hidden)
      elements += rows / (spec.dealing == nil ? 1 : tensor) + (spec.shared.map(inner) ?? 0)
    case .none: break
    }
    return 2 * elements
  }
}
