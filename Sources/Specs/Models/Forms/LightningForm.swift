import CostModel

/// Linear attention with a fixed decay a head.
extension LightningSpec: MixerForm {
  package static let block = "lightning_attention"

  static func mixer(
    _ block: inout YAMLFields, _ context: MixerReader.Context
  ) throws(InputError) -> MixerSpec {
    .lightning(
      LightningSpec(
        heads: try block.requiredInt("num_attention_heads", in: 1...1_000_000),
        headDim: try block.requiredInt("head_dim", in: 1...1_000_000),
        queryKeyNorm: try block.bool("qk_norm") ?? false,
        rotary: try block.bool("rotates") ?? false ? context.position.rotary : nil,
        activation: try block.bool("activation") ?? true, bias: try block.bool("bias") ?? false))
  }

  package func write(into out: inout YAMLText) {
    out.put("num_attention_heads", heads)
    out.put("head_dim", headDim)
    if queryKeyNorm { out.put("qk_norm", true) }
    if rotary != nil { out.put("rotates", true) }
    if !activation { out.put("activation", false) }
    if bias { out.put("bias", true) }
  }

  package var summary: String { "lightning attention, \(heads) heads of \(headDim)" }

  package var properties: Set<String> { ["lightning", "recurrent"] }

  package var positions: PositionSpec? { rotary.map { .rotary($0) } }

  package var positionDim: Int { rotary == nil ? 0 : headDim }
}

extension Block {
  static let lightning = Block(
    LightningSpec.block, "Linear attention with a fixed decay a head: each keeps a matrix, no cache grows.",
    [
      Key("num_attention_heads", "Heads, each with keys and values of its own.", else: nil),
      Key("head_dim", "Elements of a query, a key and a value.", else: nil),
      Key("qk_norm", "RMS norms on each head's query and key.", else: "false"),
      Key("rotates", "Queries and keys are rotated, as `position` says.", else: "false"),
      Key("activation", "SiLU behind the projection of queries, keys and values.", else: "true"),
      Key("bias", "A bias on that projection.", else: "false"),
    ])
}
