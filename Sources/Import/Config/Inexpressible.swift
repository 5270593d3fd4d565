/// Families that are known by name and have what a spec cannot say.
enum Inexpressible {
  static func mechanism(of modelType: String) -> String? { mechanisms[modelType] }

  private static let mechanisms = [
    "zamba": "attention blocks that several layers share",
    "zamba2": "attention blocks that several layers share, adapted by low-rank products of each layer's own",
    "recurrent_gemma": "gated linear recurrences (RG-LRU)",
    "rwkv": "time mixing with channel-wise decay (RWKV)", "xlstm": "matrix and scalar LSTM memories (xLSTM)",
    "persimmon": "LayerNorms with biases on each head's queries and keys",
    "ernie4_5_vl_moe_text": "experts of their own for the tokens of images",
    "ernie4_5_moe_vl": "experts of their own for the tokens of images",
    "ernie4_5_vl_moe": "experts of their own for the tokens of images",
    "axk2": "norms that are gated by low-rank products",
    "reformer": "attention in hashed buckets", "xlnet": "two streams of attention",
    "hymba": "attention and Mamba heads that share one projection, and trained tokens in front",
  ]
}
