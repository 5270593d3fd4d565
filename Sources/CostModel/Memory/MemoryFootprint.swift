/// What has to be in far memory at once.
public struct MemoryFootprint: Hashable, Sendable {
  /// All weights, every expert among them.
  public var weightsBytes: Double
  /// What the architecture needs: a window's cache stops at its size.
  public var cacheBytes: Double
  /// Of the cache, what recurrent layers keep whatever the length.
  public var stateBytes: Double
  /// The most that is alive between two kernels.
  public var activationsBytes: Double
  /// Buffers of messages to other devices.
  public var communicationBytes = 0.0
  /// The farthest memory level's size; 0 where the profile has none.
  public var capacityBytes: Double

  /// Nothing yet, in a memory of that size.
  public init(capacityBytes: Double) {
    self.init(
      weightsBytes: 0, cacheBytes: 0, stateBytes: 0, activationsBytes: 0, capacityBytes: capacityBytes)
  }

  init(
    weightsBytes: Double, cacheBytes: Double, stateBytes: Double, activationsBytes: Double,
    capacityBytes: Double
  ) {
    self.weightsBytes = weightsBytes
    self.cacheBytes = cacheBytes
    self.stateBytes = stateBytes
    self.activationsBytes = activationsBytes
    self.capacityBytes = capacityBytes
  }

  /// What has to be held at once.
  public var totalBytes: Double { weightsBytes + cacheBytes + activationsBytes + communicationBytes }
  /// What is left of the memory; below 0 where it does not fit.
  public var leftBytes: Double { capacityBytes - totalBytes }
  /// What an engine keeps back of the memory unless told otherwise.
  public var engineReserveBytes: Double { capacityBytes * ReservedCache.sharePutBack }
  /// Whether the memory holds it; an engine's own needs are not counted.
  public var fits: Bool { totalBytes <= capacityBytes }
  /// Such devices that hold it at least.
  public var devices: Double { (totalBytes / capacityBytes).rounded(.up) }
}

extension ModelSpec {
  /// Cache of `batch` sequences of `length` tokens each.
  ///
  /// - Parameter source: an encoder's tokens that each sequence looks at.
  public func cacheBytes(batch: Double, length: Double, source: Double = 0, format: NumberFormat) -> Double {
    let elements = sumOverLayers {
      let traits = $0.mixer.traits
      return traits.cacheWidth * traits.kept.cachedTokens(length: length) + traits.lastingWidth * length
        + traits.sourceWidth * source
    }
    return batch * elements * format.bytesPerElement
  }

  /// Recurrent states (fp32) and convolutions' tails (`activations`) of `batch` sequences.
  public func stateBytes(batch: Double, activations: NumberFormat) -> Double {
    batch
      * sumOverLayers {
        let traits = $0.mixer.traits
        return traits.stateElements * Costs.recurrentStateBytes
          + traits.tailElements * activations.bytesPerElement
      }
  }

  /// Most that is alive between two kernels: the residual stream and its normed copy, with the widest of
  /// q/k/v and attention's output, the feed-forward's inner rows, the routed copies, or the logits.
  public func activationBytes(_ work: Workload, _ plan: PrecisionPlan) -> Double {
    let hidden = Double(self.hidden)
    var widest = work.logitRows * Double(vocabulary)
    for kind in kinds {
      widest = max(widest, work.tokens * kind.layer.widestActivation(work, hidden: hidden))
    }
    // Further streams and what the tokens bring each layer last as long as the pass.
    let lasting = hidden * Double((alternating?.streams ?? 1) - 1) + (layerEmbedding?.rowWidth ?? 0)
    return (work.tokens * (2 * hidden + lasting) + widest) * plan.activations.bytesPerElement
  }
}

extension Evaluator {
  /// What one pass of `work` has to hold.
  public func memory(_ work: Workload) -> MemoryFootprint {
    let state = model.stateBytes(batch: work.batch, activations: precision.activations)
    return MemoryFootprint(
      weightsBytes: model.weightBytes(precision),
      cacheBytes: model.cacheBytes(
        batch: work.batch, length: work.length, source: work.source, format: precision.kvCache) + state,
      stateBytes: state,
      activationsBytes: model.activationBytes(work, precision),
      capacityBytes: profile.levels.first?.capacityBytes ?? 0)
  }
}
