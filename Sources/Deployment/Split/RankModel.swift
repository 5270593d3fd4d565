import Basics
import CostModel

/// Consecutive layers of a model.
struct StageLayers: Hashable {
  var range: Range<Int>
  var isFirst, isLast: Bool

  /// `count` stages of `layers` layers: what does not divide goes to the first ones, never to the last, which has the head.
  static func all(_ layers: Int, in count: Int) -> [StageLayers] {
    var start = 0
    return (0..<count).map { index in
      let length = layers / count + (index < layers % count ? 1 : 0)
      defer { start += length }
      return StageLayers(
        range: start..<start + length, isFirst: index == 0, isLast: index == count - 1)
    }
  }
}

extension ModelSpec {
  /// What the fullest rank of a stage holds, as a model of its own.
  ///
  /// Heads, widths and vocabulary ÷ the ranks that cut products, rounded up; keys and values of shared heads and latents on
  /// every rank; experts dealt out whole.
  func rank(_ split: Split, _ stage: StageLayers) -> ModelSpec {
    var rank = self
    rank.pattern = Array(pattern[stage.range])
    rank.embeds = stage.isFirst
    rank.predicts = stage.isLast
    // What turns pictures and sounds into rows stands before the first layer, whole on each rank.
    if !stage.isFirst { rank.towers = [] }
    rank.vocabulary = ceilDiv(vocabulary, split.dense)
    rank.layerEmbedding?.vocabulary = ceilDiv(layerEmbedding?.vocabulary ?? 1, split.dense)
    rank.unreadBytes = unreadBytes / Double(split.dense * split.pipeline)
    rank.kinds = kinds.map { kind in
      var kind = kind
      kind.layer.mixer = kind.layer.mixer.rank(split.dense)
      kind.layer.feedForward = kind.layer.feedForward.rank(split)
      return kind
    }
    return rank
  }
}

extension FeedForwardSpec {
  fileprivate func rank(_ split: Split) -> FeedForwardSpec {
    switch self {
    case .dense(let spec): return .dense(spec.rank(split.dense))
    case .mixture(var spec):
      spec.expert = spec.expert.rank(split.expertTensor)
      spec.shared = spec.shared?.rank(split.dense)
      if split.expert > 1 || split.gathered > 1 {
        spec.dealing = ExpertDealing(
          local: ceilDiv(spec.experts, split.expert), batches: Double(split.gathered))
      }
      return .mixture(spec)
    case .none: return .none
    }
  }
}

extension DenseSpec {
  fileprivate func rank(_ ranks: Int) -> DenseSpec {
    var spec = self
    spec.intermediate = ceilDiv(intermediate, ranks)
    return spec
  }
}

extension PrecisionPlan {
  /// Rules of single layers, counted from a stage's first.
  func stage(_ layers: Range<Int>) -> PrecisionPlan {
    var plan = self
    plan.rules = rules.compactMap { rule in
      guard !rule.layers.isEmpty else { return rule }
      var rule = rule
      rule.layers = rule.layers.compactMap { range in
        let own = range.clamped(to: layers.lowerBound...max(layers.lowerBound, layers.upperBound - 1))
        guard range.overlaps(layers.lowerBound...max(layers.lowerBound, layers.upperBound - 1)) else {
          return nil
        }
        return own.lowerBound - layers.lowerBound...own.upperBound - layers.lowerBound
      }
      return rule.layers.isEmpty ? nil : rule
    }
    return plan
  }
}
