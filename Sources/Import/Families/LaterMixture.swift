import CostModel
import Specs

/// Mixtures that differ by a few words: a few dense layers, then experts beside shared ones, most chosen with a
/// correction bias; norms on each head's q and k; layers that slide.
struct LaterMixture: Sendable {
  var names = DecoderParts.Names()
  var normed = true
  var routerBias = true
  /// The output projection has a bias where the others have.
  var outputBias = true
  var theta = 10_000.0
  /// Dense layers in front where the file is silent, and shared experts.
  var dense = 1
  var shared = 1
  /// The window where the file is silent.
  var window: Int?
  /// Layers that see all have no positions.
  var globalRotates = true
  /// Which layers slide where `layer_types` is silent.
  var slides: @Sendable (Int) -> Bool = { _ in false }
  /// What the few words do not reach.
  var adjust: @Sendable (inout DecoderParts) -> Void = { _ in }
  /// Keys of scales that change no size.
  var ignored: [String] = []

  init(_ describe: (inout LaterMixture) -> Void) {
    names.keyValueHeads = .asHeads
    names.defaults["head_dim"] = 128
    describe(&self)
  }

  @Sendable func read(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var parts = try DecoderParts(&config, names)
    let bias = try config.bool("attention_bias", "use_qkv_bias", or: false)
    parts.bias(queryKeyValue: bias, output: bias && outputBias)
    if try config.bool("use_qk_norm", "qk_norm", or: normed) { parts.attention.queryKeyNorm = .perHead }
    adjust(&parts)
    if parts.attention.outputGate {
      try config.only("attention_bias", false, because: "no released model of this family has biases")
    }
    if let gate = try config.node(["gating"]), gate.bool != true, gate.string != "per-head" {
      (parts.attention.headGate, parts.attention.outputGate) = (false, true)
    }
    let far = try RotaryKeys.read(
      &config, theta: theta, layerType: "full_attention", maxPositions: parts.maxPositions)
    parts.attention.position = .rotary(far)
    var mixture = try MixtureKeys.read(
      &config, experts: ["num_experts", "n_routed_experts", "num_local_experts"],
      inner: ["moe_intermediate_size"],
      template: parts.dense)
    let count = try config.int("num_shared_experts", "n_shared_experts", in: 0...1_000) ?? shared
    if count > 0 {
      let width = try config.int("shared_expert_intermediate_size", or: mixture.expert.intermediate)
      mixture.shared = mixture.expert
      mixture.shared?.intermediate = width * count
    }
    mixture.routerBias = routerBias
    try MixtureKeys.groups(&config, &mixture)
    try config.only("mlp_bias", false, because: "no released model of this family has biases there")
    let first = try config.int("first_k_dense_replace", "num_dense_layers", in: 0...1_000_000) ?? dense
    let sparse =
      try config.words("mlp_layer_types", count: parts.layers, ["dense", "sparse"])?.map { $0 == "sparse" }
      ?? (0..<parts.layers).map { $0 >= first }
    var window = try config.int("sliding_window")
    if window == nil, let usual = self.window, !config.saysNull("sliding_window") {
      window = config.defaulted(["sliding_window"], usual)
    }
    let every = try config.node(["sliding_window_pattern", "global_attn_every_n_layers"])?.int
    let types = try WindowKeys.slides(&config, layers: parts.layers) { layer in
      window != nil && (every.map { (layer + 1) % max(1, $0) != 0 } ?? slides(layer))
    }
    config.ignore(ignored)
    config.ignore("num_nextn_predict_layers", "num_mtp_layers", "mtp_layer_types", "mtp_mlp_layer_types")
    let global = types.contains(true) && !globalRotates ? PositionSpec.none : nil
    let heads = try config.ints("num_attention_heads_per_layer", in: 1...1_000_000)
    guard
      heads.map({ $0.count == parts.layers && $0.allSatisfy { $0 % parts.attention.keyValueHeads == 0 } })
        ?? true
    else {
      throw config.missing(
        "num_attention_heads_per_layer", accepted: "multiples of key/value heads, one a layer")
    }
    var kinds: [LayerKind] = []
    for layer in 0..<parts.layers {
      parts.attention.heads = heads?[layer] ?? parts.attention.heads
      kinds += try WindowKeys.stack(
        parts, slides: [types[layer]], window: window, config: config, global: global,
        feedForward: sparse[layer] ? .mixture(mixture) : .dense(parts.dense))
    }
    return parts.model(
      QwenFamily.renamed(
        kinds, slides: types.contains(true), mixed: sparse.contains(true) && sparse.contains(false)))
  }
}

extension LaterMixture {
  /// Trinity (Arcee, 2025): a gate on attention's output, norms before and after.
  static let trinity = LaterMixture {
    $0.shared = 2
    $0.window = 1024
    $0.globalRotates = false
    $0.slides = { ($0 + 1) % 4 != 0 }
    $0.ignored = ["mup_enabled", "route_scale", "route_norm", "score_func", "load_balance_coeff"]
    $0.adjust = {
      $0.placement = .sandwich
      $0.attention.outputGate = true
    }
  }
  /// K-EXAONE (LG AI Research, 2025).
  static let exaone = LaterMixture {
    $0.names.defaults = [:]
    $0.window = 4096
    $0.globalRotates = false
    $0.slides = { ($0 + 1) % 4 != 0 }
  }
  /// Hunyuan 3 (Tencent, 2026).
  static let hunyuan = LaterMixture {
    $0.theta = 11_158_840
    $0.ignored = [
      "router_scaling_factor", "enable_moe_fp32_combine", "route_norm", "moe_router_use_sigmoid",
      "moe_router_enable_expert_bias", "enable_lm_head_fp32", "enable_attention_fp32_softmax",
    ]
  }
  /// Solar Open (Upstage, 2025): experts in every layer.
  static let solar = LaterMixture {
    $0.names.intermediate = []
    ($0.normed, $0.outputBias) = (false, false)
    $0.theta = 1_000_000
    $0.dense = 0
    $0.ignored = ["intermediate_size", "partial_rotary_factor"]
  }
  /// Sarvam 30B (Sarvam AI, 2026).
  static let sarvam = LaterMixture {
    $0.names.defaults["head_dim"] = 64
    $0.outputBias = false
    $0.theta = 8_000_000
  }
  /// Laguna (Poolside, 2026): a gate for each head's output.
  static let laguna = LaterMixture {
    $0.theta = 500_000
    $0.adjust = { $0.attention.headGate = true }
    $0.window = 512
    $0.ignored = [
      "moe_routed_scaling_factor", "moe_apply_router_weight_on_input", "moe_router_logit_softcapping",
    ]
  }
  /// Mellum 2 (JetBrains, 2026): experts in every layer, none shared.
  static let mellum = LaterMixture {
    $0.routerBias = false
    $0.window = 1024
    $0.theta = 500_000
    ($0.dense, $0.shared) = (0, 0)
    $0.ignored = ["intermediate_size"]
  }
}
