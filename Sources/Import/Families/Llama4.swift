import CostModel
import Specs

/// Llama 4 (Meta, 2025): chunked local layers that rotate, global ones without positions, one routed expert
/// beside a shared one in every or every other layer.
enum Llama4Family {
  static func read(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var names = DecoderParts.Names()
    names.defaults = ["head_dim": 128]
    var parts = try DecoderParts(&config, names)
    let bias = try config.bool("attention_bias", or: false)
    parts.bias(queryKeyValue: bias, output: bias)
    try parts.rotary(&config, theta: 500_000)
    // An RMS norm on q and k without weights: no parameters, and its arithmetic is not counted.
    config.ignore("use_qk_norm")
    var mixture = try MixtureKeys.read(
      &config, experts: ["num_local_experts"], inner: [], template: parts.dense)
    mixture.shared = mixture.expert
    var dense = parts.dense
    dense.intermediate =
      try config.int("intermediate_size_mlp") ?? config.defaulted(["intermediate_size_mlp"], 16384)
    let sparse = try sparse(&config, layers: parts.layers)
    let rotates = try NoPositionKeys.read(&config, layers: parts.layers, interval: 4)
    let chunk = try config.int("attention_chunk_size") ?? config.defaulted(["attention_chunk_size"], 8192)
    let types = try config.words("layer_types", count: parts.layers, ["full_attention", "chunked_attention"])
    var kinds: [LayerKind] = []
    for layer in 0..<parts.layers {
      let local = types.map { $0[layer] == "chunked_attention" } ?? rotates[layer]
      var attention = parts.attention
      attention.span = local ? .chunked(size: chunk) : .full
      if !rotates[layer] { attention.position = .none }
      let mixed = sparse.contains(false)
      let name = (local ? "local" : "global") + (mixed ? sparse[layer] ? "_moe" : "_dense" : "")
      kinds.append(
        LayerKind(
          name: name,
          layer: parts.layer(.attention(attention), sparse[layer] ? .mixture(mixture) : .dense(dense))))
    }
    return parts.model(kinds)
  }

  private static func sparse(_ config: inout ConfigFields, layers: Int) throws(InputError) -> [Bool] {
    let step = try config.int("interleave_moe_layer_step") ?? 1
    if let listed = try config.ints("moe_layers", in: 0...1_000_000), !listed.isEmpty {
      let set = Set(listed)
      return (0..<layers).map { set.contains($0) }
    }
    return (0..<layers).map { ($0 + 1) % step == 0 }
  }
}
