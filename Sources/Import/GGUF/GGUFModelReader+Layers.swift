import CostModel
import Specs

extension GGUFModelReader {
  /// Attention of the first layer; windows and positions differ by layer and are put on in `layer`.
  mutating func attention(hidden: Int) throws(InputError) -> MixerSpec {
    let heads = try required("attention.head_count", 1...1_000_000)
    let rotary = try rotary(heads: heads, hidden: hidden)
    if let rank = try int("attention.kv_lora_rank", 1...1_000_000) {
      return .latent(try latent(heads: heads, rank: rank, rotary: rotary))
    }
    let keyValueHeads = try int("attention.head_count_kv", 1...1_000_000) ?? heads
    let headDim = try int("attention.key_length", 1...1_000_000) ?? hidden / heads
    guard heads % keyValueHeads == 0, headDim > 0 else {
      throw InputError(.data, "\(file): \(heads) heads do not divide into \(keyValueHeads) key/value heads")
    }
    var spec = AttentionSpec(
      heads: heads, keyValueHeads: keyValueHeads, headDim: headDim,
      valueHeadDim: try int("attention.value_length", 1...1_000_000),
      position: rotary.map { .rotary($0) } ?? (family.alibi ? .alibi : PositionSpec.none))
    let fused = has("blk.0.attn_qkv.bias")
    spec.queryBias = fused || has("blk.0.attn_q.bias")
    spec.keyBias = fused || has("blk.0.attn_k.bias")
    spec.valueBias = fused || has("blk.0.attn_v.bias")
    spec.outputBias = has("blk.0.attn_output.bias")
    spec.sinks = has("blk.0.attn_sinks.weight")
    spec.logitSoftcap = family.scoresCapped
    if let norm = shape("blk.0.attn_q_norm.weight") {
      spec.queryKeyNorm = norm.reduce(1, *) == headDim ? .perHead : .full
    }
    return .attention(spec)
  }

  private mutating func latent(heads: Int, rank: Int, rotary: RotarySpec?) throws(InputError) -> LatentSpec {
    let limit = 1...1_000_000
    // Newer files give the compressed widths under key_length and the heads' own under key_length_mla.
    let wholeKey = try int("attention.key_length_mla", limit)
    let wholeValue = try int("attention.value_length_mla", limit)
    let keyPlain = try int("attention.key_length", limit)
    let valuePlain = try int("attention.value_length", limit)
    let rotated = try required("rope.dimension_count", limit)
    guard let key = wholeKey ?? keyPlain, let value = wholeValue ?? valuePlain, key > rotated else {
      throw InputError(.data, "\(file): key and value lengths of latent attention are missing or too small")
    }
    var own = rotary ?? RotarySpec()
    own.partialFactor = 1
    return LatentSpec(
      heads: heads, queryRank: try int("attention.q_lora_rank", limit), cacheRank: rank,
      nopeDim: key - rotated,
      rotaryDim: rotated, valueDim: value, rotary: own)
  }

  private mutating func rotary(heads: Int, hidden: Int) throws(InputError) -> RotarySpec? {
    guard family.rotary else { return nil }
    let headDim = try int("attention.key_length", 1...1_000_000) ?? max(1, hidden / heads)
    var spec = RotarySpec(theta: try number("rope.freq_base", 1...1e12) ?? family.theta)
    if let rotated = try int("rope.dimension_count", 1...1_000_000), rotated < headDim {
      spec.partialFactor = max(0.001, Double(rotated) / Double(headDim))
    }
    let factor = try number("rope.scaling.factor", 0...1e6)
    let original = try int("rope.scaling.original_context_length")
    switch (header.metadata["\(architecture).rope.scaling.type"]?.string, factor, original) {
    case ("linear", let factor?, _) where factor >= 1: spec.scaling = .linear(factor: factor)
    case ("yarn", let factor?, let context?) where factor >= 1:
      spec.scaling = .yarn(factor: factor, originalContext: context, betaFast: 32, betaSlow: 1)
    default: break
    }
    if spec.scaling == .none, has("rope_freqs.weight") {
      remarks.append(
        "“rope_freqs.weight” stretches the rotation; its factor is not in the metadata and is left out")
    }
    return spec
  }

  func layer(_ index: Int, attention: MixerSpec, norm: NormSpec) throws(InputError) -> LayerKind {
    let block = "blk.\(index)"
    var reader = self
    var mixer = attention
    var names: [String] = []
    if case .attention(var spec) = attention,
      let window = try reader.int("attention.sliding_window", 0...1_000_000_000),
      window > 0
    {
      var slides = true
      if let pattern = family.windowPattern { slides = (index + 1) % pattern != 0 }
      spec.span = slides ? .sliding(window: window) : .full
      if slides, let theta = family.localTheta { spec.position = .rotary(RotarySpec(theta: theta)) }
      mixer = .attention(spec)
      if family.windowPattern != nil { names.append(slides ? "local" : "global") }
    }
    let sandwich = has("\(block).post_attention_norm.weight") || has("\(block).post_ffw_norm.weight")
    let before = has("\(block).attn_norm.weight")
    var placement: NormPlacement = sandwich ? before ? .sandwich : .post : .pre
    if family.parallel, !has("\(block).ffn_norm.weight"), !has("\(block).attn_norm_2.weight") {
      placement = .shared
    }
    // gpt-oss and GLM 4.5 name the feed-forward's only norm after attention.
    if sandwich && !has("\(block).ffn_norm.weight") && before { placement = .pre }
    let feedForward = try reader.feedForward(block)
    if case .mixture = feedForward {
      names.append("moe")
    } else if has("blk.\(layerCount - 1).ffn_gate_inp.weight") {
      names.append("dense")
    }
    return LayerKind(
      name: names.isEmpty ? "decoder" : names.joined(separator: "_"),
      layer: LayerSpec(
        mixer: mixer, feedForward: feedForward, norm: norm, norms: placement, parallel: family.parallel))
  }

  private var layerCount: Int { header.metadata["\(architecture).block_count"]?.int ?? 1 }

  private mutating func feedForward(_ block: String) throws(InputError) -> FeedForwardSpec {
    func width(_ tensor: String) -> Int? {
      shape("\(block).\(tensor).weight").flatMap { $0.count > 1 ? $0[1] : nil }
    }
    if let experts = shape("\(block).ffn_down_exps.weight"), experts.count == 3 {
      let topK = try required("expert_used_count", 1...1_000_000)
      guard topK <= experts[2], experts[0] <= 1_000_000_000, experts[2] <= 1_000_000 else {
        throw InputError(.data, "\(file): a token cannot use \(topK) of \(experts[2]) experts")
      }
      var spec = MixtureSpec(
        experts: experts[2], topK: topK,
        expert: DenseSpec(
          intermediate: experts[0],
          gated: has("\(block).ffn_gate_exps.weight") || has("\(block).ffn_gate_up_exps.weight"),
          bias: has("\(block).ffn_down_exps.bias"), activation: family.activation))
      if let shared = width("ffn_up_shexp") {
        spec.shared = DenseSpec(
          intermediate: shared, gated: has("\(block).ffn_gate_shexp.weight"), activation: family.activation)
      }
      spec.sharedGate = has("\(block).ffn_gate_inp_shexp.weight")
      spec.routerBias = has("\(block).exp_probs_b.bias") || has("\(block).ffn_gate_inp.bias")
      return .mixture(spec)
    }
    guard let up = width("ffn_up"), let down = shape("\(block).ffn_down.weight"), up <= 1_000_000_000 else {
      throw InputError(.data, "\(file): “\(block)” has no feed-forward that is known")
    }
    // A fused gate and up is twice as wide as what comes down (Phi 3).
    let gated = has("\(block).ffn_gate.weight") || up == 2 * down[0]
    return .dense(
      DenseSpec(
        intermediate: down[0], gated: gated, bias: has("\(block).ffn_down.bias"),
        activation: family.activation))
  }
}
