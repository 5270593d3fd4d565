/// What each mechanism on the way from one model to another changes, on one device under one workload.
public struct Waterfall: Sendable {
  /// One model of the chain and what it costs.
  public struct Step: Hashable, Sendable {
    /// The mechanism taken over, or the first model's name.
    public var name: String
    /// Trainable numbers, and those that one token uses.
    public var parameters, active: Double
    /// Bytes that one token adds to the cache.
    public var cachePerToken: Double
    /// Of both passes, bounded by the roofline.
    public var prefillSeconds, decodeSeconds: Double
    /// The decode step's bytes below the farthest memory level.
    public var decodeBytes: Double

    /// What changed since `other`.
    public static func - (step: Step, other: Step) -> Step {
      Step(
        name: step.name, parameters: step.parameters - other.parameters, active: step.active - other.active,
        cachePerToken: step.cachePerToken - other.cachePerToken,
        prefillSeconds: step.prefillSeconds - other.prefillSeconds,
        decodeSeconds: step.decodeSeconds - other.decodeSeconds,
        decodeBytes: step.decodeBytes - other.decodeBytes)
    }
  }

  /// The first model, then one step a mechanism, precision last. What the device can't compute is left out.
  public let steps: [Step]

  /// From `a`'s model to `b`'s on `a`'s device, in `a`'s precision until the last step.
  public init(from a: Evaluator, to b: Evaluator, prefill: Workload, decode: Workload) {
    func step(_ name: String, _ model: ModelSpec, _ plan: PrecisionPlan) -> Step? {
      guard let evaluator = try? Evaluator(model: model, profile: a.profile, precision: plan) else {
        return nil
      }
      let count = model.parameters
      let totals = evaluator.totals(decode)
      return Step(
        name: name, parameters: count.total, active: count.active,
        cachePerToken: model.cacheBytesPerToken(plan.kvCache),
        prefillSeconds: evaluator.totals(prefill).seconds, decodeSeconds: totals.seconds,
        decodeBytes: totals.traffic.total[0])
    }
    var steps = Morph.steps(from: a.model, to: b.model).compactMap { step($0.name, $0.model, a.precision) }
    if b.model.weightBytes(b.precision) != b.model.weightBytes(a.precision)
      || b.precision.kvCache.bytesPerElement != a.precision.kvCache.bytesPerElement,
      let last = step("precision", b.model, b.precision)
    {
      steps.append(last)
    }
    self.steps = steps
  }
}
