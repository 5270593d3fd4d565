import CostModel
import Specs

/// MiMo-V2-Flash (Xiaomi, 2025): sliding layers with sinks and twice the key/value heads beside layers that see all;
/// values narrower than keys; experts behind a correction bias.
enum MiMoFamily {
  static func flash(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var names = DecoderParts.Names()
    names.defaults = ["head_dim": 192]
    var parts = try DecoderParts(&config, names)
    let bias = try config.bool("attention_bias", or: false)
    parts.bias(queryKeyValue: bias, output: false)
    parts.attention.valueHeadDim = try config.int("v_head_dim", or: 128, in: 1...1_000_000)
    config.ignore(
      "attention_value_scale", "attention_chunk_size", "sliding_window_size", "swa_rope_theta",
      "attention_projection_layout")
    let near = try config.number("swa_rope_theta", in: 1...1e12)
    let rotary = try RotaryKeys.read(
      &config, theta: 5_000_000, partial: 1.0 / 3, layerType: "full_attention",
      maxPositions: parts.maxPositions)
    parts.attention.position = .rotary(rotary)
    var local = parts.attention
    let limit = 1...1_000_000
    local.heads = try config.int("swa_num_attention_heads", in: limit) ?? local.heads
    local.keyValueHeads = try config.int("swa_num_key_value_heads", in: limit) ?? 2 * local.keyValueHeads
    local.headDim = try config.int("swa_head_dim", in: limit) ?? local.headDim
    local.valueHeadDim = try config.int("swa_v_head_dim", in: limit) ?? local.valueHeadDim
    local.position = .rotary(RotarySpec(theta: near ?? 10_000, partialFactor: rotary.partialFactor))
    local.span = .sliding(window: try config.requiredInt("sliding_window"))
    local.sinks = try config.bool("add_swa_attention_sink_bias", or: true)
    parts.attention.sinks = try config.bool("add_full_attention_sink_bias", or: false)
    guard local.heads % local.keyValueHeads == 0 else {
      throw InputError(
        .data, at: config.location,
        "\(local.heads) sliding heads do not divide into \(local.keyValueHeads) key/value heads")
    }
    var mixture = try MixtureKeys.read(
      &config, experts: ["n_routed_experts"], inner: ["moe_intermediate_size"], template: parts.dense)
    if config.has("n_shared_experts") { try DeepSeekFamily.sharedExperts(&config, &mixture) }
    mixture.routerBias = true
    try MixtureKeys.groups(&config, &mixture)
    let typed = try WindowKeys.slides(&config, layers: parts.layers) { $0 > 0 && ($0 + 1) % 6 != 0 }
    let slides = try flags(&config, "hybrid_layer_pattern", parts.layers) ?? typed
    let words = try config.words("mlp_layer_types", count: parts.layers, ["dense", "sparse"])
    let sparse =
      try flags(&config, "moe_layer_freq", parts.layers) ?? words?.map { $0 == "sparse" }
      ?? (0..<parts.layers).map { $0 > 0 }
    return parts.model(
      zip(slides, sparse).map { slides, routed in
        LayerKind(
          name: (slides ? "local" : "global") + (routed ? "_moe" : "_dense"),
          layer: parts.layer(.attention(slides ? local : parts.attention), routed ? .mixture(mixture) : nil))
      })
  }

  /// One 0 or 1 a layer.
  static func flags(
    _ config: inout ConfigFields, _ key: String, _ layers: Int
  ) throws(InputError) -> [Bool]? {
    guard let list = try config.ints(key, in: 0...1) else { return nil }
    guard list.count >= layers else {
      throw InputError(.data, at: config.location, "“\(key)” lists \(list.count) of \(layers) layers")
    }
    return list.prefix(layers).map { $0 == 1 }
  }
}
