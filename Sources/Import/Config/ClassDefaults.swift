/// Sizes that a library's text classes take where a composite's config leaves them out: files are written without what
/// equals the class's default (transformers 5.24).
///
/// Only nested configs are filled: at the top a missing size is a mistake.
enum ClassDefaults {
  /// - Parameter whole: the composite's own type, which may have defaults of its own for its text.
  static func of(_ modelType: String, in whole: String?) -> [(key: String, value: Int)] {
    guard let row = whole == "voxtral" ? sizes["voxtral"] : sizes[modelType] else { return [] }
    return zip(keys, row).compactMap { $1 > 0 ? ($0, $1) : nil } + (more[modelType] ?? [])
  }

  private static let keys = [
    "vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads",
    "num_key_value_heads", "head_dim", "max_position_embeddings",
  ]

  /// 0: the class has no default, or divides.
  private static let sizes: [String: [Int]] = [
    "llama": [32000, 4096, 11008, 32, 32, 32, 0, 2048],
    "mistral": [32000, 4096, 14336, 32, 32, 8, 0, 131_072],
    "ministral3": [131_072, 4096, 14336, 34, 32, 8, 128, 262_144],
    "mixtral": [32000, 4096, 14336, 32, 32, 8, 0, 131_072],
    "qwen2": [151_936, 4096, 22016, 32, 32, 32, 0, 32768],
    "qwen2_vl_text": [152_064, 8192, 29568, 80, 64, 8, 0, 32768],
    "qwen2_5_vl_text": [152_064, 8192, 29568, 80, 64, 8, 0, 32768],
    "qwen2_moe": [151_936, 2048, 5632, 24, 16, 16, 0, 32768],
    "qwen3": [151_936, 4096, 22016, 32, 32, 32, 128, 32768],
    "qwen3_vl_text": [151_936, 4096, 22016, 32, 32, 32, 128, 128_000],
    "qwen3_moe": [151_936, 2048, 6144, 24, 32, 4, 0, 32768],
    "qwen3_vl_moe_text": [151_936, 2048, 5632, 24, 16, 16, 0, 128_000],
    "gemma": [256_000, 3072, 24576, 28, 16, 16, 256, 8192],
    "gemma2": [256_000, 2304, 9216, 26, 8, 4, 256, 8192],
    "gemma3_text": [262_208, 2304, 9216, 26, 8, 4, 256, 131_072],
    "phi3": [32064, 3072, 8192, 32, 32, 32, 0, 4096],
    "phi": [51200, 2048, 8192, 24, 32, 32, 0, 2048],
    "cohere": [256_000, 8192, 22528, 40, 64, 64, 0, 8192],
    "cohere2": [256_000, 8192, 22528, 40, 64, 64, 0, 8192],
    "granite": [32000, 4096, 11008, 32, 32, 32, 0, 2048],
    "smollm3": [128_256, 2048, 11008, 36, 16, 4, 0, 32768],
    "glm4": [151_552, 4096, 13696, 40, 32, 2, 128, 131_072],
    "glm4v_text": [151_552, 4096, 13696, 40, 32, 2, 0, 32768],
    "llama4_text": [202_048, 5120, 8192, 48, 40, 8, 128, 131_072],
    "starcoder2": [49152, 3072, 12288, 30, 24, 2, 0, 4096],
    "mllama_text_model": [128_256, 4096, 14336, 40, 32, 8, 0, 131_072],
    "gemma3n_text": [262_400, 2048, 16384, 35, 8, 2, 256, 32768],
    "gemma4_text": [262_144, 2304, 9216, 30, 8, 4, 256, 131_072],
    "opt": [50272, 768, 0, 12, 12, 0, 0, 2048],
    "voxtral": [131_072, 3072, 8192, 30, 32, 8, 128, 131_072],
    "glm4v_moe_text": [151_424, 4096, 10944, 46, 96, 8, 0, 65536],
    "deepseek_v3": [129_280, 7168, 18432, 61, 128, 128, 0, 4096],
    "mistral4": [131_072, 4096, 12288, 36, 32, 32, 0, 1_048_576],
    "lfm2": [65536, 2560, 12288, 32, 32, 8, 0, 128_000],
    "minimax_m3_vl_text": [200_064, 6144, 3072, 60, 64, 4, 128, 524_288],
    "qwen2_5_omni_text": [152_064, 3584, 18944, 28, 28, 4, 0, 32768],
    "qwen3_omni_moe_text": [3584, 2048, 18944, 28, 28, 4, 0, 32768],
    "qwen3_5_text": [248_320, 4096, 12288, 32, 16, 4, 256, 32768],
    "qwen3_5_moe_text": [248_320, 2048, 0, 40, 16, 2, 256, 32768],
    "step3p5": [128_815, 4096, 11264, 45, 64, 8, 128, 128_000],
  ]

  private static let more: [String: [(key: String, value: Int)]] = [
    "mistral": [("sliding_window", 4096)],
    "mixtral": [("num_local_experts", 8), ("num_experts_per_tok", 2)],
    "gemma2": [("sliding_window", 4096)],
    "gemma3_text": [("sliding_window", 4096)],
    "gemma4_text": [("sliding_window", 512)],
    "qwen2_moe": [
      ("num_experts", 60), ("num_experts_per_tok", 4), ("moe_intermediate_size", 1408),
      ("shared_expert_intermediate_size", 5632),
    ],
    "qwen3_moe": [("num_experts", 128), ("num_experts_per_tok", 8), ("moe_intermediate_size", 768)],
    "qwen3_vl_moe_text": [("num_experts", 60), ("num_experts_per_tok", 4), ("moe_intermediate_size", 1408)],
    "llama4_text": [
      ("num_local_experts", 16), ("num_experts_per_tok", 1), ("intermediate_size_mlp", 16384),
      ("attention_chunk_size", 8192),
    ],
    "opt": [("ffn_dim", 3072)],
    "glm4v_moe_text": [
      ("n_routed_experts", 128), ("num_experts_per_tok", 8), ("moe_intermediate_size", 1408),
      ("n_shared_experts", 1),
    ],
    "deepseek_v3": latent(256, 8, [2048, 1, 512, 1536, 64, 128, 128, 3, 8, 4]),
    "mistral4": latent(128, 4, [2048, 1, 256, 1024, 64, 64, 128, 0, 1, 1]),
    "minimax_m3_vl_text": [
      ("num_local_experts", 128), ("num_experts_per_tok", 4), ("dense_intermediate_size", 12288),
      ("shared_intermediate_size", 3072),
    ],
    "qwen3_omni_moe_text": [
      ("num_experts", 128), ("num_experts_per_tok", 8), ("moe_intermediate_size", 768),
    ],
    "qwen3_5_moe_text": [
      ("num_experts", 256), ("num_experts_per_tok", 8), ("moe_intermediate_size", 512),
      ("shared_expert_intermediate_size", 512),
    ],
    "step3p5": [("n_routed_experts", 288), ("num_experts_per_tok", 8), ("moe_intermediate_size", 1280)],
  ]

  private static func latent(_ experts: Int, _ chosen: Int, _ rest: [Int]) -> [(key: String, value: Int)] {
    let keys = [
      "moe_intermediate_size", "n_shared_experts", "kv_lora_rank", "q_lora_rank", "qk_rope_head_dim",
      "qk_nope_head_dim", "v_head_dim", "first_k_dense_replace", "n_group", "topk_group",
    ]
    return [("n_routed_experts", experts), ("num_experts_per_tok", chosen)] + Array(zip(keys, rest))
  }
}
