extension ModelSpec {
  /// The dense model that uses as many parameters for a token: every mixture replaced by one feed-forward as
  /// wide as the experts a token uses, shared ones included. Nil without a mixture.
  public var denseTwin: ModelSpec? {
    var twin = self
    var changed = false
    for index in kinds.indices {
      guard case .mixture(let spec) = kinds[index].layer.feedForward else { continue }
      var dense = spec.expert
      dense.intermediate = spec.expert.intermediate * spec.topK + (spec.shared?.intermediate ?? 0)
      twin.kinds[index].layer.feedForward = .dense(dense)
      changed = true
    }
    return changed ? twin : nil
  }
}

/// From which batch on a decode step of a mixture costs more than one of the dense model of its active size.
///
/// One token reads k experts, as the dense twin reads its one feed-forward. A batch of T reads
/// E(1 − (1 − k/E)^T), the twin still k's worth: the ratio rises to E/k while both are bound by far memory and
/// falls back to 1 once the products are bound by compute, where T·k rows cost the same either way.
public struct ExpertCrossover: Hashable, Sendable {
  /// First batch whose step takes over 5 % longer than the twin's.
  public var dearerFrom: Double?
  /// Batch with the largest ratio, and that ratio.
  public var worstBatch, worstRatio: Double
  /// First batch after the worst one within 5 % of the twin again; nil up to 65,536.
  public var evenAgainFrom: Double?
  /// First batch that is expected to touch 99 % of the experts.
  public var allTouchedFrom: Double

  static let tolerance = 1.05

  /// - Returns: nil for a model without mixture.
  public init?(_ evaluator: Evaluator, contextLength: Double) {
    guard let twin = evaluator.model.denseTwin,
      let other = try? Evaluator(model: twin, profile: evaluator.profile, precision: evaluator.precision)
    else { return nil }
    func ratio(_ batch: Double) -> Double {
      let work = Workload.decode(batch: batch, contextLength: contextLength)
      return evaluator.totals(work).seconds / other.totals(work).seconds
    }
    var batches: [Double] = []
    var batch = 1.0
    while batch <= 65_536 {
      batches.append(batch)
      batch = batch < 64 ? batch + 1 : (batch * 1.02).rounded(.up)
    }
    let ratios = batches.map(ratio)
    var worst = 0
    for index in ratios.indices where ratios[index] > ratios[worst] { worst = index }
    dearerFrom = zip(batches, ratios).first { $0.1 > Self.tolerance }?.0
    worstBatch = batches[worst]
    worstRatio = ratios[worst]
    evenAgainFrom = zip(batches, ratios).dropFirst(worst).first { $0.1 <= Self.tolerance }?.0
    guard let spec = evaluator.model.mixtures.first?.spec else { return nil }
    let load = ExpertLoad.self
    var tokens = 1.0
    while tokens < 1e6,
      load.init(spec, load: evaluator.router, tokens: tokens).distinct < 0.99 * Double(spec.experts)
    {
      tokens = tokens < 256 ? tokens + 1 : (tokens * 1.05).rounded(.up)
    }
    allTouchedFrom = tokens
  }
}
