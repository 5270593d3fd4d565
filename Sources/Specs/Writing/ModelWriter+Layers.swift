import CostModel

extension ModelWriter {
  static func mixer(_ mixer: MixerSpec, into out: inout YAMLText) {
    switch mixer {
    case .attention(let spec): out.block("attention") { attention(spec, over: nil, into: &$0) }
    case .latent(let spec): out.block("attention") { latent(spec, into: &$0) }
    case .stateSpace(let spec): out.block("state_space") { stateSpace(spec, into: &$0) }
    case .delta(let spec): out.block("linear_attention") { delta(spec, into: &$0) }
    case .none: out.raw("attention", "none")
    }
  }

  /// - Parameter base: what a kind of layer inherits where it is silent; what is on there is then spelled out.
  static func attention(_ spec: AttentionSpec, over base: AttentionSpec?, into out: inout YAMLText) {
    out.raw("type", "softmax")
    out.put("num_attention_heads", spec.heads)
    out.put("num_key_value_heads", spec.keyValueHeads)
    out.put("head_dim", spec.headDim)
    if spec.valueHeadDim != spec.headDim || base != nil { out.put("v_head_dim", spec.valueHeadDim) }
    switch spec.span {
    case .full: out.raw("sliding_window", "null")
    case .sliding(let window): out.put("sliding_window", window)
    case .chunked(let size): out.put("attention_chunk_size", size)
    }
    let biases = [spec.queryBias, spec.keyBias, spec.valueBias, spec.outputBias]
    if biases.allSatisfy({ $0 == biases[0] }) {
      out.put("bias", biases[0])
    } else {
      for (key, value) in zip(["q_bias", "k_bias", "v_bias", "o_bias"], biases) { out.put(key, value) }
    }
    switch spec.queryKeyNorm {
    case .none: out.raw("qk_norm", "none")
    case .perHead: out.raw("qk_norm", "per_head")
    case .full: out.raw("qk_norm", "full")
    }
    if spec.sinks || base?.sinks == true { out.put("sinks", spec.sinks) }
    if spec.logitSoftcap || base?.logitSoftcap == true { out.put("logit_softcapping", spec.logitSoftcap) }
    if spec.outputGate || base?.outputGate == true { out.put("output_gate", spec.outputGate) }
    if spec.sharesCache || base?.sharesCache == true { out.put("shares_cache", spec.sharesCache) }
  }

  private static func latent(_ spec: LatentSpec, into out: inout YAMLText) {
    out.raw("type", "latent")
    out.put("num_attention_heads", spec.heads)
    if let rank = spec.queryRank { out.put("q_lora_rank", rank) }
    out.put("kv_lora_rank", spec.cacheRank)
    out.put("qk_nope_head_dim", spec.nopeDim)
    out.put("qk_rope_head_dim", spec.rotaryDim)
    out.put("v_head_dim", spec.valueDim)
    if spec.bias { out.put("bias", true) }
    if let indexer = spec.indexer {
      out.put("index_topk", indexer.topK)
      out.put("index_n_heads", indexer.heads)
      out.put("index_head_dim", indexer.headDim)
    }
  }

  private static func stateSpace(_ spec: StateSpaceSpec, into out: inout YAMLText) {
    switch spec.version {
    case .mamba(let rank):
      out.raw("type", "mamba")
      out.put("intermediate_size", spec.inner)
      out.put("time_step_rank", rank)
      out.put("inner_norms", spec.innerNorms)
    case .mamba2(let headDim, let groups, let chunk):
      out.raw("type", "mamba2")
      out.put("num_heads", spec.inner / max(1, headDim))
      out.put("head_dim", headDim)
      out.put("n_groups", groups)
      out.put("chunk_size", chunk)
    }
    out.put("state_size", spec.state)
    out.put("conv_kernel", spec.kernel)
    out.put("conv_bias", spec.convolutionBias)
    out.put("projection_bias", spec.projectionBias)
  }

  private static func delta(_ spec: DeltaSpec, into out: inout YAMLText) {
    out.raw("type", "gated_delta")
    out.put("num_key_heads", spec.keyHeads)
    out.put("num_value_heads", spec.valueHeads)
    out.put("key_head_dim", spec.keyDim)
    out.put("value_head_dim", spec.valueDim)
    out.put("conv_kernel", spec.kernel)
  }

  static func feedForward(_ feedForward: FeedForwardSpec, into out: inout YAMLText) {
    switch feedForward {
    case .none: out.raw("feed_forward", "none")
    case .dense(let spec):
      out.block("feed_forward") { out in
        out.raw("type", "dense")
        dense(spec, into: &out)
      }
    case .mixture(let spec): out.block("feed_forward") { mixture(spec, into: &$0) }
    }
  }

  private static func dense(_ spec: DenseSpec, into out: inout YAMLText) {
    out.put("intermediate_size", spec.intermediate)
    out.put("gated", spec.gated)
    out.put("bias", spec.bias)
    out.raw("activation", spec.activation.rawValue)
  }

  private static func mixture(_ spec: MixtureSpec, into out: inout YAMLText) {
    out.raw("type", "moe")
    out.put("num_local_experts", spec.experts)
    out.put("num_experts_per_tok", spec.topK)
    dense(spec.expert, into: &out)
    if let shared = spec.shared { out.block("shared_expert") { dense(shared, into: &$0) } }
    if spec.sharedGate { out.put("shared_expert_gate", true) }
    if spec.routerBias { out.put("router_bias", true) }
    if spec.groups > 1 {
      out.put("n_group", spec.groups)
      out.put("topk_group", spec.groupsPerToken)
    }
    if let factor = spec.capacityFactor { out.put("capacity_factor", factor) }
  }
}
