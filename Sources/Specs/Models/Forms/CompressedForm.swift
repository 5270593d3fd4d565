import CostModel

/// Attention over compressed entries, in DeepSeek-V4's words.
extension CompressedSpec: MixerForm {
  package static let block = "compressed_attention"

  static func mixer(
    _ block: inout YAMLFields, _ context: MixerReader.Context
  ) throws(InputError) -> MixerSpec {
    let limit = 1...1_000_000
    let heads = try block.requiredInt("num_attention_heads", in: limit)
    let groups = try block.requiredInt("o_groups", in: limit)
    guard heads % groups == 0 else {
      throw InputError(.data, at: block.location, "\(heads) heads do not divide into \(groups) groups")
    }
    return .compressed(
      CompressedSpec(
        heads: heads, headDim: try block.requiredInt("head_dim", in: limit),
        queryRank: try block.requiredInt("q_lora_rank", in: limit), outputGroups: groups,
        outputRank: try block.requiredInt("o_lora_rank", in: limit),
        window: try block.requiredInt("sliding_window"), rate: try block.int("compress_rate", in: limit),
        indexer: try IndexerSpec.read(&block, base: nil), rotary: context.position.rotary ?? RotarySpec()))
  }

  package func write(into out: inout YAMLText) {
    out.put("num_attention_heads", heads)
    out.put("head_dim", headDim)
    out.put("q_lora_rank", queryRank)
    out.put("o_groups", outputGroups)
    out.put("o_lora_rank", outputRank)
    out.put("sliding_window", window)
    if let rate { out.put("compress_rate", rate) }
    indexer?.write(into: &out)
  }

  package var summary: String {
    "MQA, \(heads) heads of \(headDim), window \(window)"
      + (rate.map { ", entries of \($0) tokens" } ?? "") + (indexer?.summary ?? "")
  }

  package var properties: Set<String> { ["mqa", "sliding", "rotary", "compressed"] }
  package var positions: PositionSpec? { .rotary(rotary) }
  package var positionDim: Int { headDim }
}

extension Block {
  static let compressed = Block(
    CompressedSpec.block,
    "A short window and entries that each stand for many earlier tokens (DeepSeek-V4). Positions are rotary.",
    [
      Key("num_attention_heads", "Query heads.", else: nil),
      Key("head_dim", "Elements of a query and of an entry.", else: nil),
      Key("q_lora_rank", "Rank of the query's projection.", else: nil),
      Key("o_groups", "Groups of heads whose outputs are projected apart; divides the heads.", else: nil),
      Key("o_lora_rank", "Elements that each group is projected to.", else: nil),
      Key("sliding_window", "Tokens that are kept one by one.", else: nil),
      Key("compress_rate", "Tokens that one entry stands for.", else: "the window is all"),
      Key("index_topk", "Entries that a scorer keeps for each query.", else: "all entries"),
      Key("index_n_heads", "The scorer's heads; needed beside `index_topk`.", else: "no scorer"),
      Key("index_head_dim", "Elements of its queries and key; needed too.", else: "no scorer"),
      Key("index_block", "Entries are kept in blocks of so many.", else: "one by one"),
      Key("index_shared", "Takes the entries that an earlier layer's scorer picked.", else: "false"),
    ])
}
