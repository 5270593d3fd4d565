import CostModel
import Specs

/// ERNIE 4.5 (Baidu, 2025) and its mixtures, whose routers have a correction bias.
enum ErnieFamily {
  static func dense(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var parts = try parts(&config, headDim: 128)
    let bias = try config.bool("use_bias", or: false)
    parts.bias(queryKeyValue: bias, output: bias)
    parts.dense.bias = bias
    return parts.model()
  }

  static func mixture(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    let parts = try parts(&config, headDim: nil)
    try config.only("use_bias", false, because: "no released model of this family has biases")
    try config.only("moe_use_aux_free", true, because: "every released model has a correction bias")
    config.ignore("moe_capacity", "moe_gate", "moe_norm_min")
    var mixture = try MixtureKeys.read(
      &config, experts: ["moe_num_experts", "num_experts"], topK: ["moe_k", "num_experts_per_tok"],
      inner: ["moe_intermediate_size"], template: parts.dense)
    mixture.routerBias = true
    let shared = try config.requiredInt("moe_num_shared_experts", in: 0...1_000)
    let (width, overflow) = mixture.expert.intermediate.multipliedReportingOverflow(by: shared)
    guard !overflow, width <= 1_000_000_000 else {
      throw InputError(.data, at: config.location, "\(shared) shared experts are too wide to count")
    }
    if shared > 0 {
      mixture.shared = mixture.expert
      mixture.shared?.intermediate = width
    }
    let first = try config.requiredInt("moe_layer_start_index", in: 0...10_000)
    let stated = try config.int("moe_layer_end_index", in: -1...10_000) ?? -1
    let last = stated < 0 ? parts.layers - 1 : stated
    let interval = try config.int("moe_layer_interval", or: 1, in: 1...10_000)
    return parts.model(
      (0..<parts.layers).map { layer in
        first <= layer && layer <= last && (layer + 1) % interval == 0
          ? LayerKind(name: "moe", layer: parts.layer(nil, .mixture(mixture)))
          : LayerKind(name: "dense", layer: parts.layer())
      })
  }

  private static func parts(_ config: inout ConfigFields, headDim: Int?) throws(InputError) -> DecoderParts {
    var names = DecoderParts.Names()
    names.tied = true
    names.defaults["head_dim"] = headDim
    var parts = try DecoderParts(&config, names)
    try parts.rotary(&config, theta: 500_000)
    return parts
  }
}
