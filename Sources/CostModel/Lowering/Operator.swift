/// One kernel of one kind of layer: how much arithmetic, how many bytes at each level, on what shape.
///
/// Figures are those of a single layer; `layers` says how many times it runs.
public struct Operator: Hashable, Sendable {
  public var kind: OperatorKind
  /// Index into the model's kinds; −1 outside the layers.
  public var layerKind: Int
  public var layers: Double
  /// Products on the matrix units: one multiply-add is 2.
  public var matmulFLOPs: Double
  /// Element-wise arithmetic on the vector units.
  public var vectorFLOPs: Double
  public var traffic: Traffic
  public var unit: MatrixUnit
  /// Share of the cores that have work, 0…1; it scales compute and what each core pulls.
  public var occupancy: Double
  public var shape: OperatorShape

  /// Whole FLOPs and bytes, as reports state them; times are taken before.
  @inline(__always) var counted: Operator {
    var op = self
    op.vectorFLOPs = wholeNumber(vectorFLOPs)
    op.traffic = traffic.whole
    return op
  }

  @inline(__always)
  public init(
    _ kind: OperatorKind, layerKind: Int, layers: Double, matmulFLOPs: Double = 0, vectorFLOPs: Double = 0,
    traffic: Traffic, unit: MatrixUnit = .linear, occupancy: Double = 1, shape: OperatorShape
  ) {
    self.kind = kind
    self.layerKind = layerKind
    self.layers = layers
    self.matmulFLOPs = matmulFLOPs
    self.vectorFLOPs = vectorFLOPs
    self.traffic = traffic
    self.unit = unit
    self.occupancy = occupancy
    self.shape = shape
  }
}

/// Which of the model's precisions an operator's products run in.
public enum MatrixUnit: Int, CaseIterable, Hashable, Sendable {
  case linear, experts, attention, lmHead
}

/// The dimensions a kernel is launched with: what calibration and benchmarks need to know.
public enum OperatorShape: Hashable, Sendable {
  /// [rows, inputs] × [inputs, outputs]
  case matmul(rows: Double, outputs: Double, inputs: Double)
  /// `rows` rows of `width` elements each.
  case rows(rows: Double, width: Double)
  /// `queries` new tokens of each of `sequences`, over `keys` keys (the new ones among them).
  case attention(sequences: Double, queries: Double, keys: Double)
  /// `tokens` tokens, before top-k.
  case experts(tokens: Double, distinct: Double)
}

/// Every operator a decoder can lower to, in the order they run.
public enum OperatorKind: Int, CaseIterable, Hashable, Sendable {
  case embedding, embeddingNorm
  case inputNorm, quantiseMixerInput, qkvProjection
  case latentDownProjection, latentNorm, queryUpProjection
  case stateInProjection, causalConvolution, stateStepProjection, stateStepExpansion, stateScan, stateNorm
  case queryKeyNorm, rotaryEmbedding, cacheWrite
  case indexProjection, indexKeyProjection, indexScores
  case latentExpansion, queryAbsorption, attention, attentionReduction, valueAbsorption, quantiseMixerOutput,
    outputProjection
  case postMixerNorm, mixerResidual
  case feedForwardNorm, quantiseFeedForwardInput, gateUpProjection, activation
  case quantiseFeedForwardInner, downProjection
  case router, experts, quantiseSharedInput, sharedGateUp, sharedActivation, quantiseSharedInner, sharedDown
  case postFeedForwardNorm, feedForwardResidual
  case finalNorm, lmHead

  /// Name in reports.
  public var name: String {
    switch self {
    case .embedding: "embedding"
    case .embeddingNorm: "embedding_norm"
    case .inputNorm: "input_norm"
    case .quantiseMixerInput: "quantize_mixer_input"
    case .quantiseMixerOutput: "quantize_mixer_output"
    case .quantiseFeedForwardInput: "quantize_feed_forward_input"
    case .quantiseFeedForwardInner: "quantize_feed_forward_inner"
    case .quantiseSharedInput: "quantize_shared_input"
    case .quantiseSharedInner: "quantize_shared_inner"
    case .latentDownProjection: "latent_down_projection"
    case .latentNorm: "latent_norm"
    case .queryUpProjection: "q_up_projection"
    case .latentExpansion: "kv_up_projection"
    case .queryAbsorption: "q_absorption"
    case .valueAbsorption: "v_absorption"
    case .indexProjection: "index_q_projection"
    case .indexKeyProjection: "index_k_projection"
    case .indexScores: "index_scores"
    case .stateInProjection: "state_in_projection"
    case .causalConvolution: "causal_convolution"
    case .stateStepProjection: "state_step_projection"
    case .stateStepExpansion: "state_step_expansion"
    case .stateScan: "state_scan"
    case .stateNorm: "state_norm"
    case .qkvProjection: "qkv_projection"
    case .queryKeyNorm: "qk_norm"
    case .rotaryEmbedding: "rotary_embedding"
    case .cacheWrite: "kv_cache_write"
    case .attention: "attention"
    case .attentionReduction: "attention_reduction"
    case .outputProjection: "output_projection"
    case .postMixerNorm: "post_attention_norm"
    case .mixerResidual: "attention_residual"
    case .feedForwardNorm: "feed_forward_norm"
    case .gateUpProjection: "gate_up_projection"
    case .activation: "activation"
    case .downProjection: "down_projection"
    case .router: "router"
    case .experts: "experts"
    case .sharedGateUp: "shared_gate_up"
    case .sharedActivation: "shared_activation"
    case .sharedDown: "shared_down"
    case .postFeedForwardNorm: "post_feed_forward_norm"
    case .feedForwardResidual: "feed_forward_residual"
    case .finalNorm: "final_norm"
    case .lmHead: "lm_head"
    }
  }

  /// Coarse kind, for colours and grouping.
  public var category: String {
    switch self {
    case .embedding: "embedding"
    case .quantiseMixerInput, .quantiseMixerOutput, .quantiseFeedForwardInput, .quantiseFeedForwardInner,
      .quantiseSharedInput, .quantiseSharedInner:
      "quantization"
    case .latentDownProjection, .queryUpProjection, .latentExpansion, .queryAbsorption, .valueAbsorption,
      .indexProjection, .indexKeyProjection, .stateInProjection, .stateStepProjection, .stateStepExpansion:
      "projection"
    case .indexScores: "attention"
    case .causalConvolution, .stateScan: "state"
    case .embeddingNorm, .inputNorm, .latentNorm, .stateNorm, .queryKeyNorm, .postMixerNorm, .feedForwardNorm,
      .postFeedForwardNorm,
      .finalNorm:
      "norm"
    case .qkvProjection, .outputProjection: "projection"
    case .rotaryEmbedding: "rotation"
    case .cacheWrite: "cache"
    case .attention, .attentionReduction: "attention"
    case .mixerResidual, .feedForwardResidual: "residual"
    case .gateUpProjection, .downProjection, .sharedGateUp, .sharedDown: "feed_forward"
    case .activation, .sharedActivation: "activation"
    case .router: "router"
    case .experts: "experts"
    case .lmHead: "lm_head"
    }
  }
}
