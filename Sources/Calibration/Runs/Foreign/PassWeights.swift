import Basics
import CostModel
import Import
import Specs

/// Weights that a model's whole passes compute with and read: of a dense model all, of a mixture what its tokens choose.
struct PassWeights {
  /// Parameters, their bytes, and those that one token uses.
  var total, bytes, active: Double
  /// Parameters of the routed experts, and the share of them that a token leaves.
  private var routed = 0.0, left = 0.0

  /// All of them are used by every token.
  init(dense total: Double, bytes: Double) {
    (self.total, self.bytes, active) = (total, bytes, total)
  }

  /// - Parameter bytes: of the file that was run; as the model's checkpoint stores them where it does not say.
  init(_ model: ModelSpec, bytes: Double? = nil) {
    let count = model.parameters
    total = count.total
    self.bytes = bytes ?? count.total * (model.checkpointFormat ?? .bf16).bytesPerElement
    active = count.active
    routed = count.routedExperts
    left = routed > 0 ? 1 - count.activeExperts / routed : 0
  }

  /// - Parameters:
  ///   - tokens: of each pass; each chooses its experts by itself.
  ///   - keys: tokens in the cache on average, of all sequences.
  func pass(_ passes: Double, tokens: Double, keys: Double) -> WholePass {
    // Of the experts, what no token chose: left^tokens.
    let unread = routed * power(left, tokens)
    return WholePass(
      passes: passes, tokens: tokens, weights: active, weightBytes: bytes * (1 - unread / total), keys: keys)
  }
}

/// The catalogue's models by their size: files of passes say no more of theirs.
enum SizedModels {
  private static let all: [(model: ModelSpec, total: Double, active: Double, isMixture: Bool)] =
    Catalogue.modelNames.compactMap { name in
      guard let model = try? Catalogue.model(name) else { return nil }
      let count = model.parameters
      return (model, count.total, count.active, count.routedExperts > 0)
    }

  /// The nearest within a share `tolerance` of so many parameters, of which a token uses about `active` where that is known.
  static func nearest(
    _ parameters: Double, within tolerance: Double, mixture: Bool, active: Double? = nil
  ) -> ModelSpec? {
    let near = all.filter { entry in
      entry.isMixture == mixture && abs(entry.total / parameters - 1) <= tolerance
        // Names say it roughly: A3B is 3.9 billion, A1.7B is 1.3.
        && active.map { abs(entry.active / $0 - 1) < 0.35 } ?? true
    }
    return near.min { abs($0.total - parameters) < abs($1.total - parameters) }?.model
  }
}
