import CostModel
import Specs

/// Llama-Nemotron Super and Ultra (arXiv:2505.00949): Llama with blocks that a search thinned out, each layer with widths
/// of its own, some without attention or feed-forward.
enum NemotronNASFamily {
  static func read(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var names = DecoderParts.Names()
    names.intermediate = []
    names.keyValueHeads = .unknown
    config.ignore("num_key_value_heads", "intermediate_size")
    var parts = try DecoderParts(&config, names)
    let bias = try config.bool("attention_bias", or: false)
    parts.bias(queryKeyValue: bias, output: bias)
    parts.dense.bias = try config.bool("mlp_bias", or: false)
    try parts.rotary(&config)
    guard let node = try config.node(["block_configs"]), let blocks = node.array, blocks.count == parts.layers
    else {
      throw config.missing("block_configs", accepted: "one block for each of the \(parts.layers) layers")
    }
    var stack: [LayerKind] = []
    for block in blocks { stack.append(try layer(block, config, parts)) }
    return parts.model(stack)
  }

  private static func layer(
    _ node: JSONNode, _ config: ConfigFields, _ parts: DecoderParts
  ) throws(InputError) -> LayerKind {
    var block = try ConfigFields(node, file: config.file, path: "block_configs", family: config.family)
    guard var attention = try block.fields("attention"), var ffn = try block.fields("ffn") else {
      throw block.missing("attention", accepted: "“attention” and “ffn”")
    }
    var mixer = MixerSpec.none
    for part in ["attention", "ffn"] where node[part]?["replace_with_linear"]?.bool == true {
      throw InputError(
        .data, at: block.location,
        "“\(part).replace_with_linear”: a single product in its place cannot be expressed")
    }
    var name = "no_attention"
    if try !attention.bool("no_op", or: false) {
      var spec = parts.attention
      let group = try attention.requiredInt("n_heads_in_group", in: 1...spec.heads)
      spec.keyValueHeads = spec.heads / group
      guard spec.keyValueHeads * group == spec.heads else {
        throw InputError(
          .data, at: attention.location, "\(spec.heads) heads do not divide into groups of \(group)")
      }
      if let window = try attention.int("window_length") { spec.span = .sliding(window: window) }
      mixer = .attention(spec)
      name = "kv\(spec.keyValueHeads)"
    }
    attention.ignore(
      "n_heads_in_group", "window_length", "replace_with_linear", "sparsify", "num_sink_tokens",
      "unshifted_sink",
      "use_prefill_window_in_sink_attention", "llama4")
    try attention.finish()
    var feedForward = FeedForwardSpec.none
    if try !ffn.bool("no_op", or: false) {
      guard let factor = try ffn.number("ffn_mult", in: 0.001...1_000) else {
        throw ffn.missing("ffn_mult", accepted: "the feed-forward's width as a multiple")
      }
      var dense = parts.dense
      // As the family's code rounds: two thirds, up to 256.
      dense.intermediate = (Int(2 * factor * Double(parts.hidden) / 3) + 255) / 256 * 256
      feedForward = .dense(dense)
      name += "_\(dense.intermediate)"
    }
    ffn.ignore("ffn_mult", "replace_with_linear", "sparsify", "gated", "hidden_act")
    try ffn.finish()
    try block.finish(ignoring: ["parallel_blocks"])
    return LayerKind(name: name, layer: parts.layer(mixer, feedForward))
  }
}
