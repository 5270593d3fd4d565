/// What each class of tensor costs per element on a machine: bytes with their scales, and FLOPs to expand it
/// to the format it is computed in.
struct BytesPerElement: Sendable {
  let weights, experts, embedding, lmHead, small, activations: Double
  /// Inputs of products; below `activations` they are quantised on the way.
  let operand: Double
  var cache: Double
  /// FLOPs per weight each time it is expanded: 0 where the matrix units take it as it is.
  let weightExpansion, expertExpansion, lmHeadExpansion: Double
  /// FLOPs per cache element each time it is loaded.
  var cacheExpansion: Double

  /// A token is a 32-bit integer.
  static let tokenIdentifier = 4.0
  /// Recurrent states are kept in fp32 whatever the activations are.
  static let recurrentState = 4.0

  init(_ plan: PrecisionPlan) {
    weights = plan.weights.bytesPerElement
    experts = plan.experts.bytesPerElement
    embedding = plan.embedding.bytesPerElement
    lmHead = plan.lmHead.bytesPerElement
    small = plan.small.bytesPerElement
    activations = plan.activations.bytesPerElement
    operand = plan.operand.bytesPerElement
    cache = plan.kvCache.bytesPerElement
    weightExpansion = plan.expansionFLOPs(of: plan.weights)
    expertExpansion = plan.expansionFLOPs(of: plan.experts)
    lmHeadExpansion = plan.expansionFLOPs(of: plan.lmHead)
    cacheExpansion = plan.kvCache == plan.activations ? 0 : plan.kvCache.expansionFLOPs
  }

  /// Keys and values that were just computed and never quantised.
  var withCacheAsActivations: BytesPerElement {
    var copy = self
    copy.cache = activations
    copy.cacheExpansion = 0
    return copy
  }

  /// Products' inputs are quantised by a kernel of its own.
  @inline(__always) var quantisesOperands: Bool { operand != activations }
}

/// Quantising a row: magnitude, maximum, scale, round: 4 FLOPs an element.
enum OperandQuantisation {
  static let flopsPerElement = 4.0
}
