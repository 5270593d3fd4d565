/// A group's fitted parameters and how far they can be trusted.
public struct GroupFit: Sendable, Hashable {
  public var group: RunGroup
  public var parameters: [Double]
  public var runs: Int
  /// Of the rows, in any order.
  public var fingerprint: String
  /// Mean absolute percentage errors: on the rows of the fit, and on shape families held out of it.
  public var inSampleMAPE, heldOutMAPE: Double
  /// Factors on a prediction that bound 80 % of held-out runs.
  public var intervalLow, intervalHigh: Double

  public init(
    group: RunGroup, parameters: [Double], runs: Int, fingerprint: String, inSampleMAPE: Double,
    heldOutMAPE: Double, intervalLow: Double, intervalHigh: Double
  ) {
    self.group = group
    self.parameters = parameters
    self.runs = runs
    self.fingerprint = fingerprint
    self.inSampleMAPE = inSampleMAPE
    self.heldOutMAPE = heldOutMAPE
    self.intervalLow = intervalLow
    self.intervalHigh = intervalHigh
  }
}

public enum GroupFitting {
  /// Fewer runs than this cannot fix a group's parameters without a prior.
  public static func fewestRuns(_ model: any KernelModel) -> Int {
    model is ForwardPassModel ? ForwardPassModel.fewestRuns : max(12, 2 * model.parameters.count)
  }
  public static let fewestWithPrior = 5
  static let folds = 3

  /// - Returns: nil when there are too few runs.
  public static func fit(
    _ group: RunGroup, _ runs: [Run], on device: DeviceQuantities, prior: [Double]? = nil
  ) -> GroupFit? {
    let model = KernelModels.model(for: group)
    guard runs.count >= (prior == nil ? fewestRuns(model) : fewestWithPrior) else { return nil }
    let held = heldOut(group, runs, on: device, prior: prior)
    let parameters = Fitter(prior: prior).fit(model, runs, on: device)
    let own = zip(model.seconds(parameters, runs.map(\.shape), on: device), runs).map {
      abs($0 / $1.seconds - 1)
    }
    let ratios = held.map { logarithm($0.run.seconds / $0.predicted) }.sorted()
    var fingerprint = Fingerprint()
    for run in runs.sorted(by: { $0.orderKey.lexicographicallyPrecedes($1.orderKey) }) {
      for number in run.orderKey { fingerprint.add(number) }
    }
    return GroupFit(
      group: group, parameters: parameters, runs: runs.count, fingerprint: fingerprint.hex,
      inSampleMAPE: 100 * own.reduce(0, +) / Double(own.count),
      heldOutMAPE: 100 * held.reduce(0) { $0 + abs($1.predicted / $1.run.seconds - 1) }
        / Double(max(1, held.count)),
      intervalLow: exponential(bounds(of: ratios).low), intervalHigh: exponential(bounds(of: ratios).high))
  }

  /// Each run predicted by parameters that never saw its shape family.
  public static func heldOut(
    _ group: RunGroup, _ runs: [Run], on device: DeviceQuantities, prior: [Double]? = nil, limit: Int? = nil,
    model: (any KernelModel)? = nil
  ) -> [(run: Run, predicted: Double)] {
    let model = model ?? KernelModels.model(for: group)
    let folded = Dictionary(grouping: runs) { fold(of: $0) }
    var result: [(run: Run, predicted: Double)] = []
    for fold in folded.keys.sorted() {
      let test = folded[fold] ?? []
      var train = runs.filter { Self.fold(of: $0) != fold }
      if let limit { train = sample(train, limit).chosen }
      guard train.count >= 3 else { continue }
      let parameters = Fitter(prior: prior).fit(model, train, on: device)
      result += zip(test, model.seconds(parameters, test.map(\.shape), on: device)).map { ($0, $1) }
    }
    return result
  }

  static func fold(of run: Run) -> Int {
    var hash = Fingerprint()
    for number in run.family { hash.add(number) }
    return Int(hash.value >> 33) % folds
  }

  /// As many of the runs, chosen by nothing that has to do with their size, and the others.
  public static func sample(_ runs: [Run], _ count: Int) -> (chosen: [Run], rest: [Run]) {
    let sorted = runs.sorted { sampleKey($0) < sampleKey($1) }
    return (Array(sorted.prefix(count)), Array(sorted.dropFirst(count)))
  }

  private static func sampleKey(_ run: Run) -> UInt64 {
    var hash = Fingerprint()
    for number in run.orderKey { hash.add(number) }
    return hash.value
  }

  /// Between which eight in ten of further values lie: a new value is as likely to fall into any of the n + 1 gaps
  /// between n old ones (conformal prediction; Vovk, Gammerman and Shafer, 2005).
  public static func bounds(of sorted: [Double]) -> (low: Double, high: Double) {
    // Rank 0.1 · (n + 1) of n values, counted from 1.
    let count = Double(sorted.count)
    let share = max(0, (0.1 * (count + 1) - 1) / max(1, count - 1))
    return (quantile(sorted, share), quantile(sorted, 1 - share))
  }

  /// Linear between neighbours.
  public static func quantile(_ sorted: [Double], _ share: Double) -> Double {
    guard !sorted.isEmpty else { return 0 }
    let place = share * Double(sorted.count - 1)
    let low = Int(place)
    let high = min(low + 1, sorted.count - 1)
    return sorted[low] + (sorted[high] - sorted[low]) * (place - Double(low))
  }
}
