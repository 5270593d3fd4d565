/// What has to be in far memory at once.
public struct MemoryFootprint: Hashable, Sendable {
  public var weightsBytes: Double
  /// What the architecture needs: a window's cache stops at its size.
  public var cacheBytes: Double
  /// Of the cache, what recurrent layers keep whatever the length.
  public var stateBytes: Double
  public var activationsBytes: Double
  public var capacityBytes: Double

  public var totalBytes: Double { weightsBytes + cacheBytes + activationsBytes }
  public var fits: Bool { totalBytes <= capacityBytes }
}

extension ModelSpec {
  /// Bytes of all weights, every expert among them.
  public func weightBytes(_ plan: PrecisionPlan) -> Double {
    let hidden = Double(self.hidden)
        let count = parameters
    var small = count.norm + count.router + (lmHeadBias ? Double(vocabulary) : 0)
    for (kind, layers) in zip(kinds, kindCounts) {
      small += Double(layers) * kind.layer.unquantisedBiases(hidden: hidden)
    }
    let head = count.lmHead - (lmHeadBias ? Double(vocabulary) : 0)
    let linear = count.total - count.embedding - head - small - routedExpertMatrices
    return count.embedding * plan.embedding.bytesPerElement + head * plan.lmHead.bytesPerElement + small * plan.small.bytesPerElement
      + routedExpertMatrices * plan.experts.bytesPerElement + linear * plan.weights.bytesPerElement
  }

  /// Routed experts' weights without their biases.
  private var routedExpertMatrices: Double {
    let hidden = Double(self.hidden)
    var sum = 0.0
    for (kind, layers) in zip(kinds, kindCounts) {
      if case .mixture(let spec) = kind.layer.feedForward {
        let matrices = spec.expert.parameters(hidden: hidden) - spec.expert.biasParameters(hidden: hidden)
        sum += Double(layers) * Double(spec.experts) * matrices
      }
    }
    return sum
  }

  /// Cache of `batch` sequences of `length` tokens each.
  public func cacheBytes(batch: Double, length: Double, format: NumberFormat) -> Double {
    var elements = 0.0
    for (kind, layers) in zip(kinds, kindCounts) {
      let mixer = kind.layer.mixer
      elements += Double(layers) * mixer.cacheWidth * mixer.cachedTokens(length: length)
    }
    return batch * elements * format.bytesPerElement
  }

  /// Recurrent states (fp32) and convolutions' tails (`activations`) of `batch` sequences.
  public func stateBytes(batch: Double, activations: NumberFormat) -> Double {
    var bytes = 0.0
    for (kind, layers) in zip(kinds, kindCounts) {
      let (recurrent, tail) = kind.layer.mixer.stateElements
      bytes +=
        Double(layers) * (recurrent * Costs.recurrentStateBytes + tail * activations.bytesPerElement)
    }
    return batch * bytes
  }

  /// Most that is alive between two kernels: the residual stream and its normed copy, with the widest of
  /// q/k/v and attention's output, the feed-forward's inner rows, the routed copies, or the logits.
  public func activationBytes(_ work: Workload, _ plan: PrecisionPlan) -> Double {
    let hidden = Double(self.hidden)
    var widest = work.logitRows * Double(vocabulary)
    for kind in kinds {
      widest = max(widest, kind.layer.widestActivation(work, hidden: hidden))
    }
    return (2 * work.tokens * hidden + widest) * plan.activations.bytesPerElement
  }
}

extension LayerSpec {
  /// Biases and norms inside the mixer: kept at 16 bits under quantisation.
  func unquantisedBiases(hidden: Double) -> Double {
    var sum = mixer.unquantised(hidden: hidden)
    switch feedForward {
    case .dense(let spec): sum += spec.biasParameters(hidden: hidden)
    case .mixture(let spec):
      sum += Double(spec.experts) * spec.expert.biasParameters(hidden: hidden)
      sum += (spec.shared?.biasParameters(hidden: hidden) ?? 0) + (spec.sharedGate ? hidden : 0)
    case .none: break
    }
    return sum
  }

  /// Elements of the widest intermediate, all tokens together.
  func widestActivation(_ work: Workload, hidden: Double) -> Double {
    var widest = work.tokens * mixer.widestActivation(work, hidden: hidden)
    switch feedForward {
    case .dense(let spec):
      widest = max(widest, work.tokens * (spec.projectionWidth + Double(spec.intermediate)))
    case .mixture(let spec):
      let rows = work.tokens * Double(spec.topK)
      widest = max(
        widest, rows * (spec.expert.projectionWidth + Double(spec.expert.intermediate) + 2 * hidden))
    case .none: break
    }
    return widest
  }
}

extension Evaluator {
  public func memory(_ work: Workload) -> MemoryFootprint {
    let state = model.stateBytes(batch: work.batch, activations: precision.activations)
    return MemoryFootprint(
      weightsBytes: model.weightBytes(precision),
      cacheBytes: model.cacheBytes(batch: work.batch, length: work.length, format: precision.kvCache) + state,
      stateBytes: state,
      activationsBytes: model.activationBytes(work, precision),
      capacityBytes: profile.levels.first?.capacityBytes ?? 0)
  }
}
