/// Every operator a decoder can lower to, in the order they run.
public enum OperatorKind: Int, CaseIterable, Hashable, Sendable {
  /// How many there are.
  public static var count: Int { overhead.rawValue + 1 }

  case towerNorm, towerProduct, embedding, embeddingNorm
  case layerEmbedding, layerInputProjection, layerInputNorm, streamExpansion, streamScale, streamNorm
  case predictionStateNorm, predictionTokenNorm, predictionInput
  case inputNorm, quantizeMixerInput, qkvProjection, sourceProjection, sourceCacheWrite
  case latentDownProjection, latentNorm, queryUpProjection
  case stateInProjection, causalConvolution, stateStepProjection, stateStepExpansion, stateScan, stateNorm
  case queryKeyNorm, rotaryEmbedding, cacheWrite
  case indexProjection, indexKeyProjection, indexCacheWrite, indexScores
  case latentExpansion, queryAbsorption, attention, attentionReduction, valueAbsorption, attentionNorm,
    quantizeMixerOutput, outputDownProjection, outputProjection
  case compression, compressionSum, streamWeights, streamMix
  case postMixerNorm, lowRankDown, lowRankUp, lowRankNorm, mixerResidual
  case feedForwardNorm, quantizeFeedForwardInput, gateUpProjection, activation
  case quantizeFeedForwardInner, downProjection
  case router, latentExpertInput, experts, latentExpertOutput
  case routedInputNorm, routedOutputNorm, sharedOutputNorm, quantizeSharedInput, sharedGateUp,
    sharedActivation, quantizeSharedInner, sharedDown
  case postFeedForwardNorm, feedForwardResidual
  case streamCorrectionWeights, streamCorrection
  case layerInputGate, layerInputActivation, layerOutputProjection, layerOutputNorm, layerInputResidual
  case streamCollapse, streamMean
  case finalNorm, headTransform, lmHead
  case embeddingAllReduce, contextGather, queryKeyNormReduce, mixerAllReduce, expertDispatch, expertCombine,
    feedForwardAllReduce
  case logitsGather, stageSend
  /// What a pass costs beside its kernels: the host, and what lies between launches.
  case overhead

  /// Name in reports.
  public var name: String {
    switch self {
    case .overhead: "overhead"
    case .towerNorm: "tower_norm"
    case .towerProduct: "tower_product"
    case .embedding: "embedding"
    case .embeddingNorm: "embedding_norm"
    case .layerEmbedding: "layer_embedding"
    case .layerInputProjection: "layer_input_projection"
    case .layerInputNorm: "layer_input_norm"
    case .layerInputGate: "layer_input_gate"
    case .layerInputActivation: "layer_input_activation"
    case .layerOutputProjection: "layer_output_projection"
    case .layerOutputNorm: "layer_output_norm"
    case .layerInputResidual: "layer_input_residual"
    case .streamExpansion: "stream_expansion"
    case .streamScale: "stream_scale"
    case .streamNorm: "stream_norm"
    case .streamCorrectionWeights: "stream_correction_weights"
    case .streamCorrection: "stream_correction"
    case .streamCollapse: "stream_collapse"
    case .streamMean: "stream_mean"
    case .lowRankDown: "low_rank_down"
    case .lowRankUp: "low_rank_up"
    case .lowRankNorm: "low_rank_norm"
    case .predictionStateNorm: "prediction_state_norm"
    case .predictionTokenNorm: "prediction_token_norm"
    case .predictionInput: "prediction_input"
    case .inputNorm: "input_norm"
    case .quantizeMixerInput: "quantize_mixer_input"
    case .quantizeMixerOutput: "quantize_mixer_output"
    case .quantizeFeedForwardInput: "quantize_feed_forward_input"
    case .quantizeFeedForwardInner: "quantize_feed_forward_inner"
    case .quantizeSharedInput: "quantize_shared_input"
    case .quantizeSharedInner: "quantize_shared_inner"
    case .latentDownProjection: "latent_down_projection"
    case .latentNorm: "latent_norm"
    case .queryUpProjection: "q_up_projection"
    case .latentExpansion: "kv_up_projection"
    case .queryAbsorption: "q_absorption"
    case .valueAbsorption: "v_absorption"
    case .indexProjection: "index_q_projection"
    case .indexKeyProjection: "index_k_projection"
    case .indexCacheWrite: "index_cache_write"
    case .indexScores: "index_scores"
    case .stateInProjection: "state_in_projection"
    case .causalConvolution: "causal_convolution"
    case .stateStepProjection: "state_step_projection"
    case .stateStepExpansion: "state_step_expansion"
    case .stateScan: "state_scan"
    case .stateNorm: "state_norm"
    case .qkvProjection: "qkv_projection"
    case .sourceProjection: "source_kv_projection"
    case .sourceCacheWrite: "source_cache_write"
    case .queryKeyNorm: "qk_norm"
    case .rotaryEmbedding: "rotary_embedding"
    case .cacheWrite: "kv_cache_write"
    case .attention: "attention"
    case .attentionReduction: "attention_reduction"
    case .attentionNorm: "attention_norm"
    case .outputDownProjection: "output_down_projection"
    case .outputProjection: "output_projection"
    case .compression: "compression"
    case .compressionSum: "compression_sum"
    case .streamWeights: "stream_weights"
    case .streamMix: "stream_mix"
    case .postMixerNorm: "post_attention_norm"
    case .mixerResidual: "attention_residual"
    case .feedForwardNorm: "feed_forward_norm"
    case .gateUpProjection: "gate_up_projection"
    case .activation: "activation"
    case .downProjection: "down_projection"
    case .router: "router"
    case .latentExpertInput: "latent_expert_input"
    case .latentExpertOutput: "latent_expert_output"
    case .routedInputNorm: "routed_input_norm"
    case .routedOutputNorm: "routed_output_norm"
    case .sharedOutputNorm: "shared_output_norm"
    case .experts: "experts"
    case .sharedGateUp: "shared_gate_up"
    case .sharedActivation: "shared_activation"
    case .sharedDown: "shared_down"
    case .postFeedForwardNorm: "post_feed_forward_norm"
    case .feedForwardResidual: "feed_forward_residual"
    case .finalNorm: "final_norm"
    case .headTransform: "head_transform"
    case .lmHead: "lm_head"
    case .embeddingAllReduce: "embedding_all_reduce"
    case .contextGather: "context_all_gather"
    case .queryKeyNormReduce: "qk_norm_all_reduce"
    case .mixerAllReduce: "attention_all_reduce"
    case .expertDispatch: "expert_dispatch"
    case .expertCombine: "expert_combine"
    case .feedForwardAllReduce: "feed_forward_all_reduce"
    case .logitsGather: "logits_all_gather"
    case .stageSend: "stage_send"
    }
  }

  /// Coarse kind, for colours and grouping.
  public var category: String {
    switch self {
    case .overhead: "overhead"
    case .embedding, .layerEmbedding: "embedding"
    case .quantizeMixerInput, .quantizeMixerOutput, .quantizeFeedForwardInput, .quantizeFeedForwardInner,
      .quantizeSharedInput, .quantizeSharedInner:
      "quantization"
    case .latentDownProjection, .queryUpProjection, .latentExpansion, .queryAbsorption, .valueAbsorption,
      .indexProjection, .indexKeyProjection, .stateInProjection, .stateStepProjection, .stateStepExpansion:
      "projection"
    case .indexScores: "attention"
    case .causalConvolution, .stateScan: "state"
    case .towerProduct, .predictionInput, .layerInputProjection, .layerInputGate, .layerOutputProjection,
      .lowRankDown, .lowRankUp, .streamExpansion, .streamCollapse:
      "projection"
    case .layerInputNorm, .layerOutputNorm, .streamNorm, .lowRankNorm, .predictionStateNorm,
      .predictionTokenNorm, .towerNorm, .embeddingNorm, .inputNorm, .latentNorm,
      .stateNorm, .queryKeyNorm, .attentionNorm,
      .postMixerNorm,
      .feedForwardNorm,
      .postFeedForwardNorm, .routedInputNorm, .routedOutputNorm, .sharedOutputNorm, .finalNorm:
      "norm"
    case .qkvProjection, .outputProjection, .sourceProjection, .outputDownProjection, .compression:
      "projection"
    case .compressionSum: "cache"
    case .streamWeights, .streamMix, .streamScale, .streamCorrectionWeights, .streamCorrection, .streamMean,
      .layerInputResidual:
      "residual"
    case .rotaryEmbedding: "rotation"
    case .cacheWrite, .indexCacheWrite, .sourceCacheWrite: "cache"
    case .attention, .attentionReduction: "attention"
    case .mixerResidual, .feedForwardResidual: "residual"
    case .gateUpProjection, .downProjection, .sharedGateUp, .sharedDown, .latentExpertInput,
      .latentExpertOutput:
      "feed_forward"
    case .activation, .sharedActivation, .layerInputActivation: "activation"
    case .router: "router"
    case .experts: "experts"
    case .lmHead, .headTransform: "lm_head"
    case .embeddingAllReduce, .contextGather, .queryKeyNormReduce, .mixerAllReduce, .expertDispatch,
      .expertCombine,
      .feedForwardAllReduce, .logitsGather, .stageSend:
      "collective"
    }
  }
}
