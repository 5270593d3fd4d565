import CostModel
import Testing

@testable import Import
@testable import Specs

/// Small configs of no released model, every switch set, counted with Hugging Face transformers 5.23, the
/// `…ForCausalLM` of each `model_type` instantiated on the meta device (as in `instantiate.py`).
@Suite struct PerturbedTests {
  static let shape =
    #""vocab_size": 1000, "num_attention_heads": 8, "num_key_value_heads": 2, "hidden_size": 256"#

  /// Components: embedding, attention, recurrent, feed-forward, router, norm, lm_head; cache: bytes at bf16.
  static let counted: [(members: String, components: [Double], cache: Double)] = [
    (
      #""model_type": "arcee", \#(shape), "intermediate_size": 1000, "num_hidden_layers": 3, "head_dim": 48, "attention_bias": true, "mlp_bias": true"#,
      [256_000.0, 739_776, 0, 1_539_768, 0, 1_792, 256_000], 1_152.0
    ),
    (
      #""model_type": "ernie4_5", \#(shape), "intermediate_size": 700, "num_hidden_layers": 3, "use_bias": true"#,
      [256_000, 1_971_456, 0, 1_617_768, 0, 1_792, 0], 3_072
    ),
    (
      #""model_type": "ernie4_5_moe", \#(shape), "intermediate_size": 700, "num_hidden_layers": 6, "moe_num_experts": 16, "moe_k": 3, "moe_intermediate_size": 96, "moe_num_shared_experts": 2, "moe_layer_start_index": 1, "moe_layer_end_index": -1, "moe_layer_interval": 2"#,
      [256_000, 983_040, 0, 5_594_112, 12_336, 3_328, 0], 1_536
    ),
    (
      #""model_type": "exaone4", \#(shape), "intermediate_size": 700, "num_hidden_layers": 4, "sliding_window": 64, "sliding_window_pattern": "LLLG", "layer_types": ["sliding_attention", "sliding_attention", "sliding_attention", "full_attention"]"#,
      [256_000, 655_616, 0, 2_150_400, 0, 2_304, 256_000], 1_024
    ),
    (
      #""model_type": "granitemoe", \#(shape), "intermediate_size": 200, "num_hidden_layers": 3, "num_local_experts": 10, "num_experts_per_tok": 4, "attention_bias": true, "tie_word_embeddings": true"#,
      [256_000, 493_440, 0, 4_608_000, 7_680, 1_792, 0], 768
    ),
    (
      #""model_type": "helium", "vocab_size": 1000, "hidden_size": 512, "intermediate_size": 700, "num_hidden_layers": 3, "num_attention_heads": 4, "num_key_value_heads": 2, "attention_bias": true, "mlp_bias": true"#,
      [512_000, 2_362_368, 0, 3_231_336, 0, 3_584, 512_000], 3_072
    ),
    (
      #""model_type": "seed_oss", "vocab_size": 1000, "hidden_size": 256, "intermediate_size": 700, "num_hidden_layers": 3, "num_attention_heads": 5, "num_key_value_heads": 1, "attention_out_bias": true, "mlp_bias": true, "residual_dropout": 0.1"#,
      [256_000, 1_183_104, 0, 1_617_768, 0, 1_792, 256_000], 1_536
    ),
  ]

  private func read(_ members: String) throws -> ImportedModel {
    try ConfigImport.read(
      SourceFile(name: "config.json", text: "{\(members)}"), name: "small")
  }

  @Test(arguments: counted)
  func componentsAndCache(members: String, components: [Double], cache: Double) throws {
    let imported = try read(members)
    let count = imported.model.parameters
    #expect(
      [
        count.embedding, count.attention, count.recurrent, count.feedForward, count.router, count.norm,
        count.lmHead,
      ] == components)
    #expect(imported.model.cacheBytesPerToken(.bf16) == cache)
    let yaml = ModelWriter.yaml(imported)
    #expect(try ModelReader.read(SourceFile(name: "small.yaml", text: yaml)) == imported.model)
  }

  /// `null` is false to Python: a switch whose default is true would be read the wrong way round.
  @Test(arguments: ["multi_query", "parallel_attn"])
  func nullSwitchesAreRefused(key: String) {
    let falcon =
      #""model_type": "falcon", "vocab_size": 1000, "hidden_size": 256, "num_hidden_layers": 3, "num_attention_heads": 8"#
    #expect(throws: Never.self) { try read(falcon) }
    #expect(throws: InputError.self) { try read(falcon + ", \"\(key)\": null") }
  }

  @Test func heliumHeadsHaveToFill() {
    #expect(throws: InputError.self) {
      try read(#""model_type": "helium", \#(Self.shape), "intermediate_size": 700, "num_hidden_layers": 3"#)
    }
  }
}
