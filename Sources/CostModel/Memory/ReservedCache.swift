import Basics

/// What an engine sets aside for a cache, which is more than what the architecture needs.
public enum ReservedCache {
  /// vLLM: pages of 16 tokens. A window keeps W − 1 tokens, those of one step, and a page (`SlidingWindowSpec`).
  public static let pageTokens = 16.0
  /// Tokens of one step of vLLM unless told otherwise (`max_num_batched_tokens` of its server).
  public static let batchedTokens = 8192.0
  /// Of the device, what vLLM leaves alone unless told otherwise (`gpu_memory_utilization` 0.9).
  public static let sharePutBack = 0.1
  /// llama.cpp: cells padded to 256; a window keeps n_swa + n_ubatch (512) cells
  /// (`llama_kv_cache_iswa`), recurrent layers keep both states in fp32.
  public static let cellPadding = 256.0
  /// Tokens that llama.cpp computes together unless told otherwise.
  public static let microBatch = 512.0

  /// vLLM's bytes for `batch` sequences of `length` tokens.
  ///
  /// Beside layers with states, one page size serves all: attention's pages grow until one holds a layer's state, 784
  /// tokens in Qwen3.5-27B.
  ///
  /// - Parameter hybrid: its hybrid allocator is on; without it windows are held at full length.
  public static func paged(
    _ model: ModelSpec, batch: Double, length: Double, precision: PrecisionPlan,
    batchedTokens: Double = batchedTokens, hybrid: Bool = true
  ) -> Double {
    let bytes = precision.kvCache.bytesPerElement
    func state(_ traits: MixerTraits) -> Double {
      traits.stateElements * Costs.recurrentStateBytes
        + traits.tailElements * precision.activations.bytesPerElement
    }
    let traits = model.kinds.map(\.layer.mixer.traits)
    let tokenBytes = (traits.map(\.cacheWidth).max() ?? 0) * bytes
    var page = pageTokens
    if tokenBytes > 0 {
      page = max(page, ceilDiv((traits.map(state).max() ?? 0) / tokenBytes, pageTokens) * pageTokens)
    }
    return batch
      * model.sumOverLayers { layer in
        let traits = layer.mixer.traits
        if traits.cacheWidth == 0 { return state(traits) > 0 ? max(state(traits), page * tokenBytes) : 0 }
        let whole = ceilDiv(length, page)
        var pages = whole
        switch traits.kept {
        case .sliding(let window) where hybrid:
          pages = ceilDiv(min(length, Double(window) - 1 + batchedTokens), page) + 1
        case .chunked(let size) where hybrid: pages = ceilDiv(min(length, Double(size) + batchedTokens), page)
        default: break
        }
        return (pages * traits.cacheWidth + whole * traits.lastingWidth) * page * bytes
      }
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
