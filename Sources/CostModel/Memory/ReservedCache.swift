import Basics

/// What an engine sets aside for a cache, which is more than what the architecture needs.
public enum ReservedCache {
  /// vLLM: pages of 16 tokens, every attention layer at full length: one page size serves all layers, and a
  /// sliding layer's freed pages are not given back in hybrid models (vLLM 0.11, `kv_cache_utils`).
  public static let pageTokens = 16.0
  /// llama.cpp: cells padded to 256; a window keeps n_swa + n_ubatch (512) cells
  /// (`llama_kv_cache_iswa`), recurrent layers keep both states in fp32.
  public static let cellPadding = 256.0
  /// Tokens that llama.cpp computes together unless told otherwise.
  public static let microBatch = 512.0

  /// vLLM's bytes for `batch` sequences of `length` tokens.
  public static func paged(
    _ model: ModelSpec, batch: Double, length: Double, precision: PrecisionPlan
  ) -> Double {
    let tokens = ceilDiv(length, pageTokens) * pageTokens
    let width = model.sumOverLayers { $0.mixer.traits.cacheWidth + $0.mixer.traits.lastingWidth }
    return batch * tokens * width * precision.kvCache.bytesPerElement
      + model.stateBytes(batch: batch, activations: precision.activations)
  }

  /// llama.cpp's bytes for `batch` sequences of `length` tokens.
  public static func cells(
    _ model: ModelSpec, batch: Double, length: Double, precision: PrecisionPlan
  ) -> Double {
    let base = ceilDiv(length, cellPadding) * cellPadding
    let elements = model.sumOverLayers {
      let traits = $0.mixer.traits
      let window = traits.kept.limit.map { min(base, Double($0) + microBatch) } ?? base
      return traits.cacheWidth * ceilDiv(window, cellPadding) * cellPadding + traits.lastingWidth * base
    }
    return batch * elements * precision.kvCache.bytesPerElement
      + model.stateBytes(batch: batch, activations: .fp32)
  }
}

extension Evaluator {
  /// What vLLM and llama.cpp set aside for the cache of `work`, bytes.
  public func reservedCache(_ work: Workload) -> (paged: Double, cells: Double) {
    (
      ReservedCache.paged(model, batch: work.batch, length: work.length, precision: precision),
      ReservedCache.cells(model, batch: work.batch, length: work.length, precision: precision)
    )
  }
}
