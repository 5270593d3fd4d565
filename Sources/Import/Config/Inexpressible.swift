/// Families that are known by name and have what a spec cannot say.
enum Inexpressible {
  static func mechanism(of modelType: String) -> String? { mechanisms[modelType] }

  private static let mechanisms = [
    "zamba": "attention blocks that several layers share",
    "zamba2": "attention blocks that several layers share, adapted by low-rank products of each layer's own",
    "recurrent_gemma": "gated linear recurrences (RG-LRU)",
    "rwkv": "time mixing with channel-wise decay (RWKV)", "xlstm": "matrix and scalar LSTM memories (xLSTM)",
    "reformer": "attention in hashed buckets", "xlnet": "two streams of attention",
    "hymba": "attention and Mamba heads that share one projection, and trained tokens in front",
  ]
}
