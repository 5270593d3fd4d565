import CostModel
import Specs

/// What the layers of a file share, read from its metadata once.
struct GGUFLayers {
  let count: Int
  /// Of queries, and of keys and values; 0 in layers without attention.
  let heads, storedHeads: [Int]
  let keyWidth, valueWidth: Int?
  /// Of a head in layers that slide, where those differ.
  let nearWidth: Int?
  let nearTheta: Double?
  /// Layers from the first on that have keys and values of their own.
  let caching: Int
  let rotary: RotarySpec?
  let latent: LatentSpec?
  let recurrent: MixerSpec?
  let window: Int?
  /// Which layers slide; nil: as the family does.
  let slides: [Bool]?
  let hidden: Int

  init(_ reader: inout GGUFModelReader, hidden: Int, count: Int) throws(InputError) {
    self.hidden = hidden
    self.count = count
    let none = Array(repeating: 0, count: count)
    heads = try reader.perLayer("attention.head_count", 0...1_000_000, layers: count) ?? none
    storedHeads = try reader.perLayer("attention.head_count_kv", 0...1_000_000, layers: count) ?? heads
    let most = heads.max() ?? 0
    rotary = most > 0 ? try reader.rotary(heads: most, hidden: hidden) : nil
    if let rank = try reader.int("attention.kv_lora_rank", 1...1_000_000), most > 0 {
      latent = try reader.latent(heads: most, rank: rank, rotary: rotary)
      (keyWidth, valueWidth) = (nil, nil)
    } else {
      latent = nil
      keyWidth = try reader.int("attention.key_length", 1...1_000_000)
      valueWidth = try reader.int("attention.value_length", 1...1_000_000)
    }
    nearWidth = try reader.int("attention.key_length_swa", 1...1_000_000)
    nearTheta = try reader.number("rope.freq_base_swa", 1...1e12) ?? reader.family.localTheta
    // Gemma 3n's count is fixed in llama.cpp where a file has none.
    let borrowed = try reader.int("attention.shared_kv_layers", 0...count)
    caching = count - (borrowed ?? (reader.architecture == "gemma3n" ? max(0, count - 20) : 0))
    recurrent = try reader.recurrent()
    let stated = try reader.int("attention.sliding_window", 0...1_000_000_000) ?? 0
    window = stated > 0 ? stated : nil
    if case .wholes(let flags)? = reader.header.metadata[
      "\(reader.architecture).attention.sliding_window_pattern"],
      flags.count >= count
    {
      slides = flags.map { $0 != 0 }
    } else {
      slides = nil
    }
  }
}

extension GGUFModelReader {
  /// Softmax attention of a layer, its widths as its tensors and the metadata say.
  private func attention(
    _ index: Int, _ layers: GGUFLayers, slides: Bool
  ) throws(InputError) -> AttentionSpec {
    let block = "blk.\(index)"
    let (heads, stored) = (layers.heads[index], layers.storedHeads[index])
    guard heads > 0, stored > 0, heads % stored == 0 else {
      throw InputError(
        .data, "\(file): \(block): \(heads) heads do not divide into \(stored) key/value heads")
    }
    let near = slides ? layers.nearWidth : nil
    let width = near ?? layers.keyWidth ?? layers.hidden / heads
    guard width > 0 else {
      throw InputError(.data, "\(file): \(heads) heads in \(layers.hidden) are too many")
    }
    var spec = AttentionSpec(
      heads: heads, keyValueHeads: stored, headDim: width, valueHeadDim: near ?? layers.valueWidth,
      position: layers.rotary.map { .rotary($0) } ?? (family.alibi ? .alibi : PositionSpec.none))
    let fused = has("\(block).attn_qkv.bias")
    spec.queryBias = fused || has("\(block).attn_q.bias")
    spec.keyBias = fused || has("\(block).attn_k.bias")
    spec.valueBias = fused || has("\(block).attn_v.bias")
    spec.outputBias = has("\(block).attn_output.bias")
    spec.sinks = has("\(block).attn_sinks.weight")
    spec.logitSoftcap = family.scoresCapped
    if let query = shape("\(block).attn_q.weight"), query.count == 2, query[1] == 2 * heads * width {
      spec.outputGate = true
    }
    spec.sharesCache = index >= layers.caching
    spec.keyIsValue =
      family.farPartial != nil && has("\(block).attn_k.weight") && !has("\(block).attn_v.weight")
    if let norm = shape("\(block).attn_q_norm.weight") {
      spec.queryKeyNorm = norm.reduce(1, *) == width ? .perHead : .full
    }
    return spec
  }

  /// State-space or delta layers: which of the two their tensors say.
  mutating func recurrent() throws(InputError) -> MixerSpec? {
    guard let first = header.tensors.first(where: { GGUFNames.split($0.name)?.base == "ssm_conv1d" }),
      let layer = GGUFNames.split(first.name)?.layer
    else { return nil }
    let block = "blk.\(layer)"
    let limit = 1...1_000_000
    let inner = try required("ssm.inner_size", 1...100_000_000)
    let state = try required("ssm.state_size", limit)
    let kernel = try required("ssm.conv_kernel", 1...1_000)
    let rank = try required("ssm.time_step_rank", limit)
    let bias = has("\(block).ssm_conv1d.bias")
    let projects = has("\(block).ssm_in.bias")
    if has("\(block).ssm_x.weight") {
      return .stateSpace(
        StateSpaceSpec(
          version: .mamba(stepRank: rank), inner: inner, state: state, kernel: kernel, convolutionBias: bias,
          projectionBias: projects, innerNorms: has("\(block).ssm_dt_norm.weight")))
    }
    let groups = try required("ssm.group_count", limit)
    guard inner % rank == 0, rank % groups == 0, inner / rank <= 1_000_000 else {
      throw InputError(.data, "\(file): \(inner) channels in \(rank) heads of \(groups) groups do not divide")
    }
    if ["ssm_ba", "ssm_alpha", "ssm_beta_alpha"].contains(where: { has("\(block).\($0).weight") }) {
      return .delta(
        DeltaSpec(
          keyHeads: groups, valueHeads: rank, keyDim: state, valueDim: inner / rank, kernel: kernel))
    }
    return .stateSpace(
      StateSpaceSpec(
        version: .mamba2(headDim: inner / rank, groups: groups, chunk: 256), inner: inner, state: state,
        kernel: kernel, convolutionBias: bias, projectionBias: projects))
  }

  mutating func latent(heads: Int, rank: Int, rotary: RotarySpec?) throws(InputError) -> LatentSpec {
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
    var spec = LatentSpec(
      heads: heads, queryRank: try int("attention.q_lora_rank", limit), cacheRank: rank,
      nopeDim: key - rotated,
      rotaryDim: rotated, valueDim: value, rotary: own)
    if let heads = try int("attention.indexer.head_count", limit) {
      spec.indexer = IndexerSpec(
        heads: heads, headDim: try required("attention.indexer.key_length", limit),
        topK: try required("attention.indexer.top_k"))
    }
    return spec
  }

  mutating func rotary(heads: Int, hidden: Int) throws(InputError) -> RotarySpec? {
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
    if spec.scaling == .none, has("rope_freqs.weight"), family.farPartial == nil {
      remarks.append(
        "“rope_freqs.weight” stretches the rotation; its factor is not in the metadata and is left out")
    }
    return spec
  }

  func layer(_ index: Int, _ layers: GGUFLayers, norm: NormSpec) throws(InputError) -> LayerKind {
    let block = "blk.\(index)"
    var names: [String] = []
    let mixer = try mixer(index, layers, &names)
    let sandwich = has("\(block).post_attention_norm.weight") || has("\(block).post_ffw_norm.weight")
    let before = has("\(block).attn_norm.weight")
    var placement: NormPlacement = sandwich ? before ? .sandwich : .post : .pre
    if family.parallel, !has("\(block).ffn_norm.weight"), !has("\(block).attn_norm_2.weight") {
      placement = .shared
    }
    // gpt-oss and GLM 4.5 name the feed-forward's only norm after attention.
    if sandwich && !has("\(block).ffn_norm.weight") && before { placement = .pre }
    var reader = self
    var feedForward = try reader.feedForward(block, optional: mixer != .none)
    // Its first ten layers cut gates off (llama.cpp has the number in its code).
    if architecture == "gemma3n", index < 10, case .dense(var dense) = feedForward {
      dense.sparsity = 0.95
      feedForward = .dense(dense)
      names.append("sparse")
    }
    if case .mixture = feedForward {
      names.append("moe")
    } else if feedForward != .none, has("blk.\(layers.count - 1).ffn_gate_inp.weight") {
      names.append("dense")
    }
    return LayerKind(
      name: names.isEmpty ? "decoder" : names.joined(separator: "_"),
      layer: LayerSpec(
        mixer: mixer, feedForward: feedForward, norm: norm, norms: placement, parallel: family.parallel))
  }

  /// What a layer's tensors say it mixes tokens with.
  private func mixer(
    _ index: Int, _ layers: GGUFLayers, _ names: inout [String]
  ) throws(InputError) -> MixerSpec {
    let block = "blk.\(index)"
    if has("\(block).ssm_conv1d.weight"), let recurrent = layers.recurrent {
      names.append("recurrent")
      return recurrent
    }
    if let latent = layers.latent, has("\(block).attn_kv_a_mqa.weight") { return .latent(latent) }
    guard has("\(block).attn_q.weight") || has("\(block).attn_qkv.weight") else { return .none }
    let local = layers.slides?[index] ?? family.windowPattern.map { (index + 1) % $0 != 0 }
    var spec = try attention(index, layers, slides: layers.window != nil && local ?? true)
    if layers.recurrent != nil { names.append("attention") }
    let rotates = family.plainPattern.map { (index + 1) % $0 != 0 } ?? true
    if let window = layers.window {
      spec.span = local ?? true ? .sliding(window: window) : .full
      if local ?? true, let theta = layers.nearTheta {
        spec.position = .rotary(RotarySpec(theta: theta))
      } else if let partial = family.farPartial, var far = layers.rotary {
        far.partialFactor = partial
        spec.position = .rotary(far)
      }
      if let local { names.append(local ? "local" : "global") }
    } else if let chunk = family.chunk {
      spec.span = rotates ? .chunked(size: chunk) : .full
      names.append(rotates ? "local" : "global")
    }
    if spec.sharesCache { names.append("shared") }
    if !rotates { spec.position = .none }
    if family.chunk == nil, family.windowPattern == nil, family.plainPattern != nil {
      names.append(rotates ? "rotary" : "plain")
    }
    return .attention(spec)
  }

  private mutating func feedForward(
    _ block: String, optional: Bool
  ) throws(InputError) -> FeedForwardSpec {
    func width(_ tensor: String) -> Int? {
      shape("\(block).\(tensor).weight").flatMap { $0.count > 1 ? $0[1] : nil }
    }
    if let experts = experts(block) {
      let topK = try required("expert_used_count", 1...1_000_000)
      guard topK <= experts[2], experts[0] <= 1_000_000_000, experts[2] <= 1_000_000 else {
        throw InputError(.data, "\(file): a token cannot use \(topK) of \(experts[2]) experts")
      }
      var spec = MixtureSpec(
        experts: experts[2], topK: topK,
        expert: DenseSpec(
          intermediate: experts[0],
          gated: ["ffn_gate_exps", "ffn_gate_up_exps", "ffn_gate.0"].contains {
            has("\(block).\($0).weight")
          },
          bias: has("\(block).ffn_down_exps.bias"), activation: family.activation))
      if let shared = width("ffn_up_shexp") {
        spec.shared = DenseSpec(
          intermediate: shared, gated: has("\(block).ffn_gate_shexp.weight"), activation: family.activation)
      }
      if has("\(block).post_ffw_norm_1.weight"), let inner = width("ffn_up"), inner <= 1_000_000_000 {
        // A dense feed-forward beside the experts (Gemma 4).
        spec.shared = DenseSpec(
          intermediate: inner, gated: has("\(block).ffn_gate.weight"), activation: family.activation)
        spec.branchNorms = true
      }
      spec.sharedGate = has("\(block).ffn_gate_inp_shexp.weight")
      spec.routerBias = has("\(block).exp_probs_b.bias") || has("\(block).ffn_gate_inp.bias")
      return .mixture(spec)
    }
    // A layer may be a mixer alone.
    if optional, !has("\(block).ffn_up.weight"), !has("\(block).ffn_down.weight") { return .none }
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

  /// [inner, hidden, experts]: stacked in one tensor, or one by one as before April 2024.
  private func experts(_ block: String) -> [Int]? {
    if let stacked = shape("\(block).ffn_down_exps.weight") { return stacked.count == 3 ? stacked : nil }
    guard let first = shape("\(block).ffn_down.0.weight"), first.count == 2 else { return nil }
    var count = 1
    while has("\(block).ffn_down.\(count).weight") { count += 1 }
    return first + [count]
  }
}
