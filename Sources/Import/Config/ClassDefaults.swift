/// Sizes that a library's text classes take where a composite's config leaves them out: files are written without what
/// equals the class's default (transformers 5.24).
///
/// Only nested configs are filled: at the top a missing size is a mistake.
enum ClassDefaults {
  static func of(_ modelType: String) -> [(key: String, value: Int)] {
    guard let row = sizes[modelType] else { return [] }
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
    "gemma4_text": [262_144, 2304, 9216, 30, 8, 4, 256, 131_072],
    "opt": [50272, 768, 0, 12, 12, 0, 0, 2048],
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
  ]
}
