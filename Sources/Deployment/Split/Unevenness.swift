import Basics
import CostModel

/// What does not divide, and what the fullest rank has of it.
public struct Unevenness: Hashable, Sendable {
  /// `query heads`, `layers`, ….
  public var what: String
  /// Of the whole model, the ranks they are dealt out to, and the fullest's.
  public var count, ranks, fullest: Int
}

extension Split {
  /// What of `model` this split leaves uneven.
  public func unevenness(of model: ModelSpec) -> [Unevenness] {
    var list: [Unevenness] = []
    func add(_ what: String, _ count: Int, over ranks: Int) {
      guard ranks > 1, count > ranks, count % ranks != 0 else { return }
      let found = Unevenness(what: what, count: count, ranks: ranks, fullest: ceilDiv(count, ranks))
      if !list.contains(found) { list.append(found) }
    }
    add("layers", model.layerCount, over: pipeline)
    add("entries of the vocabulary", model.vocabulary, over: dense)
    for (kind, layers) in zip(model.kinds, model.kindCounts) where layers > 0 {
      for part in kind.layer.mixer.dealt?.parts ?? [] { add(part.what, part.count, over: dense) }
      switch kind.layer.feedForward {
      case .dense(let spec): add("feed-forward columns", spec.intermediate, over: dense)
      case .mixture(let spec):
        add("experts", spec.experts, over: expert)
        add("columns of an expert", spec.expert.intermediate, over: expertTensor)
      case .none: break
      }
    }
    return list
  }
}
