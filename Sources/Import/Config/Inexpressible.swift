/// Families that are known by name and have what a spec cannot say.
enum Inexpressible {
  static func mechanism(of modelType: String) -> String? { mechanisms[modelType] }

  private static let mechanisms = [
    "zamba": "attention blocks that several layers share",
    "zamba2": "attention blocks that several layers share, adapted by low-rank products of each layer's own",
    "minimax": "lightning attention (linear attention with a fixed decay a head)",
    "minimax_text_01": "lightning attention (linear attention with a fixed decay a head)",
    "recurrent_gemma": "gated linear recurrences (RG-LRU)",
    "rwkv": "time mixing with channel-wise decay (RWKV)", "xlstm": "matrix and scalar LSTM memories (xLSTM)",
    "longcat_flash": "experts that do nothing and take a token's place (zero-computation experts)",
    "bailing_hybrid": "lightning attention beside latent attention",
    "reformer": "attention in hashed buckets", "xlnet": "two streams of attention",
    "hymba": "attention and Mamba heads that share one projection, and trained tokens in front",
  ]
}
