import Basics
import CostModel

/// What a mixer deals out to ranks that cut products (Megatron-LM, arXiv:1909.08053 §3).
///
/// A new one conforms to this here and is listed in `dealt`.
protocol DealtMixer {
  /// Ranks of which each still has a part of its own.
  var most: Int { get }
  /// What is dealt out, and how much of it there is.
  var parts: [(what: String, count: Int)] { get }
  /// Whether no rank has more than another.
  func deals(evenly ranks: Int) -> Bool
  /// What the fullest of `ranks` ≥ 2 ranks holds; keys and values of shared heads and latents on every one.
  func rank(_ ranks: Int) -> MixerSpec
}

extension DealtMixer {
  func deals(evenly ranks: Int) -> Bool { most % ranks == 0 }
}

extension MixerSpec {
  /// The mixer as ranks see it; nil for none.
  var dealt: (any DealtMixer)? {
    switch self {
    case .attention(let spec): spec
    case .latent(let spec): spec
    case .stateSpace(let spec): spec
    case .delta(let spec): spec
    case .lightning(let spec): spec
    case .shortConvolution(let spec): spec
    case .compressed(let spec): spec
    case .none: nil
    }
  }

  /// What the fullest of `ranks` holds.
  func rank(_ ranks: Int) -> MixerSpec { ranks > 1 ? dealt?.rank(ranks) ?? self : self }
}

/// Groups of heads that share something over `ranks`: whole groups each, else parts of one group.
private func groups(_ groups: Int, of heads: Int, over ranks: Int) -> (groups: Int, heads: Int) {
  guard ranks <= groups else { return (1, ceilDiv(heads, ranks)) }
  let own = ceilDiv(groups, ranks)
  return (own, own * (heads / max(1, groups)))
}

extension AttentionSpec: DealtMixer {
  var most: Int { heads }
  var parts: [(what: String, count: Int)] { [("query heads", heads), ("key/value heads", keyValueHeads)] }

  func deals(evenly ranks: Int) -> Bool {
    heads % ranks == 0 && (keyValueHeads % ranks == 0 || ranks % keyValueHeads == 0)
  }

  func rank(_ ranks: Int) -> MixerSpec {
    var spec = self
    (spec.keyValueHeads, spec.heads) = groups(keyValueHeads, of: heads, over: ranks)
    return .attention(spec)
  }
}

extension LatentSpec: DealtMixer {
  var most: Int { heads }
  var parts: [(what: String, count: Int)] { [("query heads", heads)] }

  func rank(_ ranks: Int) -> MixerSpec {
    var spec = self
    spec.heads = ceilDiv(heads, ranks)
    return .latent(spec)
  }
}

extension StateSpaceSpec: DealtMixer {
  var most: Int { if case .mamba2(let width, _, _) = version { inner / max(1, width) } else { inner } }
  var parts: [(what: String, count: Int)] { [("channels", inner)] }

  func rank(_ ranks: Int) -> MixerSpec {
    var spec = self
    spec.inner = ceilDiv(most, ranks)
    if case .mamba2(let width, let groups, let chunk) = version {
      spec.inner *= width
      spec.version = .mamba2(headDim: width, groups: ceilDiv(groups, ranks), chunk: chunk)
    }
    return .stateSpace(spec)
  }
}

extension DeltaSpec: DealtMixer {
  var most: Int { valueHeads }
  var parts: [(what: String, count: Int)] { [("value heads", valueHeads)] }

  func deals(evenly ranks: Int) -> Bool { keyHeads % ranks == 0 }

  func rank(_ ranks: Int) -> MixerSpec {
    var spec = self
    (spec.keyHeads, spec.valueHeads) = groups(keyHeads, of: valueHeads, over: ranks)
    return .delta(spec)
  }
}

extension LightningSpec: DealtMixer {
  var most: Int { heads }
  var parts: [(what: String, count: Int)] { [("heads", heads)] }

  func rank(_ ranks: Int) -> MixerSpec {
    var spec = self
    spec.heads = ceilDiv(heads, ranks)
    return .lightning(spec)
  }
}

extension ShortConvolutionSpec: DealtMixer {
  var most: Int { channels }
  var parts: [(what: String, count: Int)] { [("channels", channels)] }

  func rank(_ ranks: Int) -> MixerSpec {
    var spec = self
    spec.channels = ceilDiv(channels, ranks)
    return .shortConvolution(spec)
  }
}

extension CompressedSpec: DealtMixer {
  var most: Int { heads }
  var parts: [(what: String, count: Int)] { [("query heads", heads)] }

  func rank(_ ranks: Int) -> MixerSpec {
    var spec = self
    spec.heads = ceilDiv(heads, ranks)
    spec.outputGroups = ceilDiv(outputGroups, ranks)
    return .compressed(spec)
  }
}
