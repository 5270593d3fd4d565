import Basics

/// What an engine sets aside for a cache, which is more than what the architecture needs.
public enum ReservedCache {
  /// vLLM: pages of 16 tokens, every attention layer at full length: one page size serves all layers, and a
  /// sliding layer's freed pages are not given back in hybrid models (vLLM 0.11, `kv_cache_utils`).
  public static let pageTokens = 16.0
  /// llama.cpp: cells padded to 256; a window keeps n_swa + n_ubatch (512) cells
  /// (`llama_kv_cache_iswa`), recurrent layers keep both states in fp32.
  public static let cellPadding = 256.0
  public static let microBatch = 512.0

  public static func paged(
    _ model: ModelSpec, batch: Double, length: Double, precision: PrecisionPlan
  ) -> Double {
    let tokens = ceilDiv(length, pageTokens) * pageTokens
    let width = zip(model.kinds, model.kindCounts).reduce(0.0) {
      $0 + $1.0.layer.mixer.cacheWidth * Double($1.1)
    }
    return batch * tokens * width * precision.kvCache.bytesPerElement
      + model.stateBytes(batch: batch, activations: precision.activations)
  }

  public static func cells(
    _ model: ModelSpec, batch: Double, length: Double, precision: PrecisionPlan
  ) -> Double {
    let base = ceilDiv(length, cellPadding) * cellPadding
    var elements = 0.0
    for (kind, count) in zip(model.kinds, model.kindCounts) {
      let mixer = kind.layer.mixer
      var tokens = base
      if case .attention(let spec) = mixer, let window = spec.span.limit {
        tokens = ceilDiv(min(base, Double(window) + microBatch), cellPadding) * cellPadding
      }
      elements += Double(count) * mixer.cacheWidth * tokens
    }
    return batch * elements * precision.kvCache.bytesPerElement
      + model.stateBytes(batch: batch, activations: .fp32)
  }
}
