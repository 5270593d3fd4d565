import CostModel
import Specs

/// Llama 1–3 (arXiv:2302.13971, 2307.09288, 2407.21783) and what keeps its shape: Yi, DeepSeek LLM, Granite,
/// SmolLM 3 with some layers without positions.
enum LlamaFamily {
  static func read(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var names = DecoderParts.Names()
    names.keyValueHeads = .asHeads
    if config.family == "iquestcoder" { names.defaults["head_dim"] = 128 }
    var parts = try DecoderParts(&config, names)
    try biases(&parts, &config)
    try parts.rotary(&config)
    // HyperCLOVA X (Naver).
    if config.family == "hyperclovax", try config.bool("use_post_norm", or: true) {
      parts.placement = .sandwich
    }
    return parts.model()
  }

  static func smol(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var names = DecoderParts.Names()
    names.tied = true
    var parts = try DecoderParts(&config, names)
    try biases(&parts, &config)
    try parts.rotary(&config, theta: 2_000_000)
    try config.only("use_sliding_window", false, because: "no released SmolLM 3 slides")
    config.ignore("sliding_window", "layer_types", "max_window_layers")
    let rotates = try NoPositionKeys.read(&config, layers: parts.layers, interval: 4)
    var plain = parts.attention
    plain.position = .none
    return parts.model(
      rotates.map {
        $0
          ? LayerKind(name: "rotary", layer: parts.layer())
          : LayerKind(name: "plain", layer: parts.layer(.attention(plain)))
      })
  }

  private static func biases(_ parts: inout DecoderParts, _ config: inout ConfigFields) throws(InputError) {
    let bias = try config.bool("attention_bias", or: false)
    parts.bias(queryKeyValue: bias, output: bias)
    parts.dense.bias = try config.bool("mlp_bias", or: false)
  }
}

/// `no_rope_layers` (1: rotated) or every n-th layer without positions.
enum NoPositionKeys {
  static func read(_ config: inout ConfigFields, layers: Int, interval: Int) throws(InputError) -> [Bool] {
    let step = try config.int("no_rope_layer_interval") ?? interval
    if let flags = try config.ints("no_rope_layers", in: 0...1), !flags.isEmpty {
      guard flags.count == layers else {
        throw InputError(
          .data, at: config.location, "“no_rope_layers” has \(flags.count) entries for \(layers) layers")
      }
      return flags.map { $0 == 1 }
    }
    return (0..<layers).map { ($0 + 1) % step != 0 }
  }
}
