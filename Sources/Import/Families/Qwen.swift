import CostModel
import Specs

/// Qwen 2 and 2.5 (arXiv:2407.10671), Qwen 3 (arXiv:2505.09388), and their mixtures.
enum QwenFamily {
  /// Biases on q, k and v.
  static func two(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var parts = try DecoderParts(&config)
    parts.bias(queryKeyValue: true, output: false)
    try parts.rotary(&config)
    return parts.model(try stack(parts, &config, mixture: nil))
  }

  static func twoMixture(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var parts = try DecoderParts(&config)
    parts.bias(queryKeyValue: try config.bool("qkv_bias", or: true), output: false)
    try parts.rotary(&config)
    var mixture = try experts(parts, &config)
    mixture.shared = parts.dense
    mixture.shared?.intermediate = try config.requiredInt("shared_expert_intermediate_size")
    mixture.sharedGate = true
    return parts.model(try stack(parts, &config, mixture: mixture))
  }

  /// Norms on each head's q and k instead of biases; heads of 128 whatever hidden_size is.
  static func three(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    let parts = try threeParts(&config, headDim: 128)
    return parts.model(try stack(parts, &config, mixture: nil))
  }

  static func threeMixture(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    let parts = try threeParts(&config, headDim: nil)
    let mixture = try experts(parts, &config)
    if let shared = try config.int("shared_expert_intermediate_size", in: 0...1_000_000_000), shared > 0 {
      throw InputError(
        .data, at: config.location,
        "“shared_expert_intermediate_size” \(shared): no Qwen 3 has shared experts")
    }
    return parts.model(try stack(parts, &config, mixture: mixture))
  }

  /// - Parameter headDim: what the family's code takes when the file is silent; nil divides hidden_size.
  private static func threeParts(_ config: inout ConfigFields, headDim: Int?) throws(InputError)
    -> DecoderParts
  {
    var names = DecoderParts.Names()
    names.defaults["head_dim"] = headDim
    var parts = try DecoderParts(&config, names)
    let bias = try config.bool("attention_bias", or: false)
    parts.bias(queryKeyValue: bias, output: bias)
    try config.only("qkv_bias", false, because: "Qwen 3 has norms on q and k instead of biases")
    try config.only("use_qk_norm", true, because: "every Qwen 3 has norms on q and k")
    parts.attention.queryKeyNorm = .perHead
    try parts.rotary(&config)
    return parts
  }

  static func experts(_ parts: DecoderParts, _ config: inout ConfigFields) throws(InputError) -> MixtureSpec {
    try MixtureKeys.read(
      &config, experts: ["num_experts", "num_local_experts"], inner: ["moe_intermediate_size"],
      template: parts.dense)
  }

  /// Where experts stand: every `decoder_sparse_step`-th layer, `mlp_only_layers` excepted.
  static func sparse(_ config: inout ConfigFields, layers: Int) throws(InputError) -> [Bool] {
    let step = try config.int("decoder_sparse_step", or: 1)
    let dense = Set(try config.ints("mlp_only_layers", in: 0...1_000_000) ?? [])
    return (0..<layers).map { !dense.contains($0) && ($0 + 1) % step == 0 }
  }

  private static func stack(
    _ parts: DecoderParts, _ config: inout ConfigFields, mixture: MixtureSpec?
  ) throws(InputError) -> [LayerKind] {
    let sliding = try config.bool("use_sliding_window", or: false)
    let window = try config.node(["sliding_window"])?.int
    let first = try config.int("max_window_layers", in: 0...1_000_000) ?? 28
    let slides = try WindowKeys.slides(&config, layers: parts.layers) { sliding && $0 >= first }
    let sparse = mixture == nil ? [] : try sparse(&config, layers: parts.layers)
    var kinds: [LayerKind] = []
    for layer in 0..<parts.layers {
      let routed = sparse.isEmpty ? nil : sparse[layer] ? mixture : nil
      let feedForward = routed.map { FeedForwardSpec.mixture($0) } ?? .dense(parts.dense)
      kinds += try WindowKeys.stack(
        parts, slides: [slides[layer]], window: window, config: config, feedForward: feedForward)
    }
    return Self.renamed(
      kinds, slides: slides.contains(true), mixed: sparse.contains(true) && sparse.contains(false))
  }

  /// `decoder` while layers do not differ, `dense` and `moe` while only the feed-forward does.
  static func renamed(_ kinds: [LayerKind], slides: Bool, mixed: Bool) -> [LayerKind] {
    kinds.map { kind in
      var name = slides ? kind.name : ""
      if mixed {
        var sort = "dense"
        if case .mixture = kind.layer.feedForward { sort = "moe" }
        name += (name.isEmpty ? "" : "_") + sort
      }
      return LayerKind(name: name.isEmpty ? "decoder" : name, layer: kind.layer)
    }
  }
}
