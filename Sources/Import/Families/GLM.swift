import CostModel
import Specs

/// GLM-4 9B, GLM-4-0414 (norms before and after), GLM-4.5 (arXiv:2508.06471).
enum GLMFamily {
  static func four(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    try parts(&config, headDim: 128).model()
  }

  static func four0414(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var parts = try parts(
      &config, bias: config.family != "glm_ocr_text", headDim: config.family == "glm4" ? 128 : nil)
    parts.placement = .sandwich
    return parts.model()
  }

  /// A few dense layers, then experts beside a shared one; the router's correction bias counts.
  static func mixture(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var parts = try parts(&config, bias: config.family == "glm4v_moe_text")
    if try config.bool("use_qk_norm", or: false) { parts.attention.queryKeyNorm = .perHead }
    var mixture = try MixtureKeys.read(
      &config, experts: ["n_routed_experts"], inner: ["moe_intermediate_size"], template: parts.dense)
    try DeepSeekFamily.sharedExperts(&config, &mixture)
    mixture.routerBias = true
    try MixtureKeys.groups(&config, &mixture)
    config.ignore("num_nextn_predict_layers")
    let dense = try config.int("first_k_dense_replace", or: 1, in: 0...1_000_000)
    return parts.model(
      (0..<parts.layers).map {
        $0 < dense
          ? LayerKind(name: "dense", layer: parts.layer())
          : LayerKind(name: "moe", layer: parts.layer(nil, .mixture(mixture)))
      })
  }

  /// Biases on q, k and v alone, half of each head rotates.
  private static func parts(
    _ config: inout ConfigFields, bias: Bool = true, headDim: Int? = nil
  ) throws(InputError) -> DecoderParts {
    var names = DecoderParts.Names()
    names.defaults["head_dim"] = headDim
    var parts = try DecoderParts(&config, names)
    parts.bias(queryKeyValue: try config.bool("attention_bias", or: bias), output: false)
    try parts.rotary(&config, partial: 0.5)
    return parts
  }
}
