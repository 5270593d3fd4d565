import CostModel
import Testing

@testable import Import
@testable import Specs

/// Small configs of no released model, every switch set, counted with Hugging Face transformers 5.24, the
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
    (
      #""model_type": "apertus", \#(shape), "intermediate_size": 700, "num_hidden_layers": 3, "attention_bias": true"#,
      [256_000, 493_632, 0, 1_075_206, 0, 1_792, 256_000], 768
    ),
    (
      #""model_type": "bitnet", \#(shape), "intermediate_size": 700, "num_hidden_layers": 3"#,
      [256_000, 492_288, 0, 1_614_900, 0, 1_792, 256_000], 768
    ),
    (
      #""model_type": "hunyuan_v1_dense", \#(shape), "intermediate_size": 700, "num_hidden_layers": 3, "head_dim": 48, "attention_bias": true"#,
      [256_000, 740_064, 0, 1_612_800, 0, 1_792, 256_000], 1_152
    ),
    (
      #""model_type": "hunyuan_v1_moe", \#(shape), "intermediate_size": 300, "num_hidden_layers": 3, "head_dim": 32, "num_experts": 6, "moe_topk": 2"#,
      [256_000, 491_712, 0, 4_838_400, 4_608, 1_792, 256_000], 768
    ),
    (
      #""model_type": "dots1", \#(shape), "intermediate_size": 700, "moe_intermediate_size": 90, "num_hidden_layers": 4, "n_routed_experts": 8, "n_shared_experts": 2, "num_experts_per_tok": 3, "first_k_dense_replace": 1, "head_dim": 40, "attention_bias": true"#,
      [256_000, 822_464, 0, 2_611_200, 6_168, 2_304, 256_000], 1_280
    ),
    (
      #""model_type": "bamba", \#(shape), "intermediate_size": 700, "num_hidden_layers": 4, "attn_layer_indices": [2], "mamba_n_heads": 8, "mamba_d_head": 64, "mamba_n_groups": 2, "mamba_d_state": 32, "mamba_expand": 2, "mamba_conv_bias": true"#,
      [256_000, 163_840, 1_295_304, 2_150_400, 0, 2_304, 256_000], 256
    ),
    (
      #""model_type": "granitemoehybrid", \#(shape), "intermediate_size": 90, "num_hidden_layers": 4, "layer_types": ["mamba", "attention", "mamba", "mamba"], "mamba_n_heads": 8, "mamba_d_head": 64, "mamba_n_groups": 1, "mamba_d_state": 32, "num_local_experts": 6, "num_experts_per_tok": 2, "shared_intermediate_size": 120, "position_embedding_type": "nope", "tie_word_embeddings": true"#,
      [256_000, 163_840, 1_245_192, 2_027_520, 6_144, 2_304, 0], 256
    ),
    (
      #""model_type": "granitemoehybrid", \#(shape), "intermediate_size": 90, "num_hidden_layers": 2, "layer_types": ["attention", "attention"], "num_local_experts": 0, "num_experts_per_tok": 0, "shared_intermediate_size": 333, "position_embedding_type": "rope", "mamba_n_heads": 8"#,
      [256_000, 327_680, 0, 511_488, 0, 1_280, 256_000], 512
    ),
    (
      #""model_type": "falcon_h1", \#(shape), "intermediate_size": 700, "num_hidden_layers": 3, "head_dim": 32, "mamba_d_ssm": 192, "mamba_n_heads": 6, "mamba_d_head": 32, "mamba_n_groups": 2, "mamba_d_state": 16, "mamba_rms_norm": false"#,
      [256_000, 491_520, 500_022, 1_612_800, 0, 1_792, 256_000], 768
    ),
    (
      #""model_type": "falcon_h1", \#(shape), "intermediate_size": 700, "num_hidden_layers": 3, "head_dim": 32, "mamba_d_ssm": 192, "mamba_n_heads": 6, "mamba_d_head": 32, "mamba_n_groups": 2, "mamba_d_state": 16, "mamba_rms_norm": true"#,
      [256_000, 491_520, 500_598, 1_612_800, 0, 1_792, 256_000], 768
    ),
    (
      #""model_type": "falcon_mamba", "vocab_size": 1000, "hidden_size": 256, "num_hidden_layers": 3, "state_size": 16, "expand": 2, "conv_kernel": 4, "time_step_rank": 16, "tie_word_embeddings": false"#,
      [256_000, 0, 1_313_280, 0, 0, 1_024, 256_000], 0
    ),
    (
      #""model_type": "lfm2", \#(shape), "intermediate_size": 1000, "num_hidden_layers": 5, "layer_types": ["conv", "conv", "full_attention", "conv", "conv"], "conv_L_cache": 3, "conv_bias": true, "block_multiple_of": 64, "block_auto_adjust_ff_dim": true"#,
      [256_000, 163_904, 1_056_768, 2_703_360, 0, 2_816, 0], 256
    ),
    (
      #""model_type": "lfm2_moe", \#(shape), "intermediate_size": 500, "moe_intermediate_size": 90, "num_hidden_layers": 5, "layer_types": ["conv", "conv", "full_attention", "conv", "conv"], "num_dense_layers": 2, "num_experts": 6, "num_experts_per_tok": 2, "conv_L_cache": 3"#,
      [256_000, 163_904, 1_051_648, 2_012_160, 4_626, 2_816, 0], 256
    ),
    (
      #""model_type": "kimi_linear", "vocab_size": 1000, "hidden_size": 256, "intermediate_size": 500, "moe_intermediate_size": 90, "num_hidden_layers": 4, "num_attention_heads": 4, "num_key_value_heads": 4, "n_shared_experts": 1, "kv_lora_rank": 64, "q_lora_rank": null, "qk_rope_head_dim": 16, "qk_nope_head_dim": 32, "v_head_dim": 32, "num_experts_per_tok": 2, "num_local_experts": 8, "layer_types": ["linear_attention", "linear_attention", "full_attention", "linear_attention"], "mlp_layer_types": ["dense", "sparse", "sparse", "sparse"], "linear_head_dim": 32, "linear_num_heads": 4, "linear_conv_kernel_dim": 4"#,
      [256_000, 118_848, 475_116, 2_250_240, 6_168, 2_304, 256_000], 160
    ),
    (
      #""model_type": "mimo_v2_flash", \#(shape), "intermediate_size": 500, "moe_intermediate_size": 90, "num_hidden_layers": 6, "n_routed_experts": 8, "num_experts_per_tok": 2, "head_dim": 48, "v_head_dim": 32, "sliding_window": 64, "n_shared_experts": null, "hybrid_layer_pattern": [0, 1, 1, 0, 1, 1], "moe_layer_freq": [0, 1, 1, 1, 1, 1], "swa_num_key_value_heads": 4, "swa_num_attention_heads": 8, "swa_head_dim": 48, "swa_v_head_dim": 32, "attention_bias": true"#,
      [256_000, 1_396_576, 0, 3_148_800, 10_280, 3_328, 256_000], 3_200
    ),
    (
      #""model_type": "gemma4_text", \#(shape), "intermediate_size": 500, "num_hidden_layers": 6, "head_dim": 32, "global_head_dim": 64, "num_global_key_value_heads": 1, "attention_k_eq_v": true, "hidden_size_per_layer_input": 0, "sliding_window": 64"#,
      [256_000, 1_098_176, 0, 2_304_000, 0, 6_400, 0], 1_536
    ),
    (
      #""model_type": "gemma4_text", \#(shape), "intermediate_size": 500, "num_hidden_layers": 6, "head_dim": 32, "global_head_dim": 64, "num_global_key_value_heads": 1, "attention_k_eq_v": true, "hidden_size_per_layer_input": 0, "sliding_window": 64, "enable_moe_block": true, "num_experts": 6, "top_k_experts": 2, "moe_intermediate_size": 44"#,
      [256_000, 1_098_176, 0, 3_520_512, 10_788, 11_008, 0], 1_536
    ),
    (
      #""model_type": "gemma4_text", \#(shape), "intermediate_size": 500, "num_hidden_layers": 12, "head_dim": 32, "global_head_dim": 64, "hidden_size_per_layer_input": 0, "sliding_window": 64, "num_kv_shared_layers": 6, "use_double_wide_mlp": true"#,
      [256_000, 2_065_056, 0, 6_912_000, 0, 12_544, 0], 1_792
    ),
    (
      #""model_type": "glm_moe_dsa", "vocab_size": 1000, "hidden_size": 256, "intermediate_size": 500, "moe_intermediate_size": 90, "num_hidden_layers": 4, "num_attention_heads": 4, "num_key_value_heads": 4, "n_shared_experts": 1, "kv_lora_rank": 64, "q_lora_rank": 96, "qk_rope_head_dim": 16, "qk_nope_head_dim": 32, "v_head_dim": 32, "num_experts_per_tok": 2, "n_routed_experts": 8, "index_topk": 64, "index_n_heads": 4, "index_head_dim": 32, "indexer_types": ["full", "shared", "full", "shared"], "first_k_dense_replace": 1, "mlp_layer_types": ["dense", "sparse", "sparse", "sparse"], "n_group": 1, "topk_group": 1"#,
      [256_000, 494_336, 0, 2_250_240, 6_168, 2_304, 256_000], 768
    ),
    (
      #""model_type": "nemotron_h", \#(shape), "layers_block_type": ["mamba", "moe", "mamba", "attention"], "head_dim": 32, "mamba_num_heads": 8, "mamba_head_dim": 32, "ssm_state_size": 16, "n_groups": 2, "conv_kernel": 4, "moe_latent_size": 64, "n_routed_experts": 8, "num_experts_per_tok": 3, "moe_intermediate_size": 90, "moe_shared_expert_intermediate_size": 120, "n_shared_experts": 1, "intermediate_size": 90, "n_group": 1, "topk_group": 1, "tie_word_embeddings": false, "mlp_hidden_act": "relu2""#,
      [256_000, 163_840, 433_840, 186_368, 2_056, 1_280, 256_000], 256
    ),
    (
      #""model_type": "deepseek_v4", "vocab_size": 1000, "hidden_size": 256, "moe_intermediate_size": 90, "num_hidden_layers": 5, "num_attention_heads": 8, "num_key_value_heads": 1, "head_dim": 64, "q_lora_rank": 96, "num_experts_per_tok": 2, "n_routed_experts": 8, "n_shared_experts": 1, "compress_ratios": [0, 0, 4, 128, 4], "o_groups": 4, "o_lora_rank": 48, "index_n_heads": 4, "index_head_dim": 32, "index_topk": 16, "sliding_window": 32, "num_hash_layers": 2, "hc_mult": 4, "qk_rope_head_dim": 16"#,
      // A token leaves its own entry in every layer, and shares of entries and of index keys: 5 · 64 + 2 · 96/4 + 64/128.
      [256_000, 1_086_024, 0, 3_110_400, 10_264, 252_947, 256_000], 737
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

  /// Layers that differ in what their family has no word for are kinds with names of their own.
  @Test func namesOfKindsDiffer() throws {
    let members = Self.counted.last?.members.replacing("[0, 0, 4, 128, 4]", with: "[0, 0, 4, 128, 8]") ?? ""
    let model = try read(members).model
    #expect(model.kinds.count == 4 && Set(model.kinds.map(\.name)).count == 4)
    #expect(try ModelReader.read(SourceFile(name: "x.yaml", text: ModelWriter.yaml(model))) == model)
  }

  @Test func heliumHeadsHaveToFill() {
    #expect(throws: InputError.self) {
      try read(#""model_type": "helium", \#(Self.shape), "intermediate_size": 700, "num_hidden_layers": 3"#)
    }
  }
}
