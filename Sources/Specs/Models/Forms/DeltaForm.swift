import CostModel

/// Gated DeltaNet and Kimi Delta Attention.
extension DeltaSpec: MixerForm {
  package static let block = "linear_attention"

  static func mixer(
    _ block: inout YAMLFields, _ context: MixerReader.Context
  ) throws(InputError) -> MixerSpec {
    let type = try block.word("type", ["gated_delta", "kimi_delta"])
    let keyHeads = try block.requiredInt("num_key_heads", in: 1...1_000_000)
    let valueHeads = try block.requiredInt("num_value_heads", in: 1...1_000_000)
    guard valueHeads % keyHeads == 0 else {
      throw InputError(
        .data, at: block.location, "\(valueHeads) value heads do not divide into \(keyHeads) key heads")
    }
    return .delta(
      DeltaSpec(
        keyHeads: keyHeads, valueHeads: valueHeads,
        keyDim: try block.requiredInt("key_head_dim", in: 1...1_000_000),
        valueDim: try block.requiredInt("value_head_dim", in: 1...1_000_000),
        kernel: try block.int("conv_kernel", in: 1...1_000) ?? 4,
        channelRank: type == "kimi_delta" ? try block.requiredInt("channel_rank", in: 0...1_000_000) : nil))
  }

  package func write(into out: inout YAMLText) {
    out.raw("type", channelRank == nil ? "gated_delta" : "kimi_delta")
    if let channelRank { out.put("channel_rank", channelRank) }
    out.put("num_key_heads", keyHeads)
    out.put("num_value_heads", valueHeads)
    out.put("key_head_dim", keyDim)
    out.put("value_head_dim", valueDim)
    out.put("conv_kernel", kernel)
  }

  package var summary: String {
    "\(channelRank == nil ? "gated DeltaNet" : "Kimi Delta Attention"), \(valueHeads) heads of \(keyDim) × \(valueDim)"
  }

  package var properties: Set<String> { ["delta", "recurrent"] }
}

extension Block {
  static let delta = Block(
    DeltaSpec.block, "Delta-rule linear attention: each value head keeps a matrix, no cache grows.",
    [
      Key(
        "type", "Decay by head (Gated DeltaNet) or by channel (Kimi Delta Attention).", else: "gated_delta"),
      Key("num_key_heads", "Heads of queries and keys; divides `num_value_heads`.", else: nil),
      Key("num_value_heads", "Heads of values, each with a state.", else: nil),
      Key("key_head_dim", "Elements of a query and a key.", else: nil),
      Key("value_head_dim", "Elements of a value.", else: nil),
      Key("conv_kernel", "Taps of the causal convolution.", else: "4"),
      Key(
        "channel_rank", "Rank of decay and gate, 0 for whole products (Ling 3); `kimi_delta` needs it.",
        else: "`gated_delta` has none"),
    ])
}
