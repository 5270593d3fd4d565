import Basics

/// A group's fitted parameters and how far they can be trusted.
public struct GroupFit: Sendable, Hashable {
  /// What was fitted.
  public var group: RunGroup
  /// In the order of `RunGroup.parameters`.
  public var parameters: [Double]
  /// How many it was fitted to, at most `GroupFitting.mostRuns` of those there were.
  public var runs: Int
  /// Of all rows there were, in any order.
  public var fingerprint: String
  /// Mean absolute percentage errors: on the rows of the fit, and on shape families held out of it.
  public var inSampleMAPE, heldOutMAPE: Double
  /// Of shapes that language models have, and of all others.
  public var interval, otherInterval: ErrorInterval
  /// Of parameters that devices share: those devices' FLOPs for a byte of far memory.
  public var taughtBalance: ClosedRange<Double>?

  /// A fit as it was made or read.
  public init(
    group: RunGroup, parameters: [Double], runs: Int, fingerprint: String, inSampleMAPE: Double,
    heldOutMAPE: Double, interval: ErrorInterval, otherInterval: ErrorInterval,
    taughtBalance: ClosedRange<Double>? = nil
  ) {
    self.group = group
    self.parameters = parameters
    self.runs = runs
    self.fingerprint = fingerprint
    self.inSampleMAPE = inSampleMAPE
    self.heldOutMAPE = heldOutMAPE
    self.interval = interval
    self.otherInterval = otherInterval
    self.taughtBalance = taughtBalance
  }

  /// Of runs of that shape.
  public func interval(of shape: RunShape) -> ErrorInterval {
    shape.isModelSized(for: group.kernel) ? interval : otherInterval
  }

  /// Off by no more than the times themselves; others are of runs that no such model describes, and not written.
  public var isUsable: Bool { max(inSampleMAPE, heldOutMAPE) <= 100 }
  /// Usable, but to be said first.
  public var isDoubtful: Bool { max(inSampleMAPE, heldOutMAPE) > 50 }

  /// Values beside what they mean.
  public var named: [(parameter: Parameter, value: Double)] {
    zip(group.parameters, parameters).map { ($0, $1) }
  }
}

/// Fits of groups, and what their errors are where they were not fitted.
public enum GroupFitting {
  /// Fewer runs than this cannot fix a group's parameters.
  public static func fewestRuns(_ group: RunGroup, hasPrior: Bool = false) -> Int {
    if hasPrior { return 5 }
    return group.kernel == .forwardPass
      ? ForwardPassModel.fewestRuns : max(12, 2 * group.parameters.count)
  }

  /// Of more, so many are fitted: more say no more of a dozen parameters, and take as many times as long.
  public static let mostRuns = 5000

  /// Parts that families are dealt into, each held out once.
  public static let folds = 5
  /// Fewer held-out runs than this have no interval of their own.
  static let fewestOfAnInterval = 20

  /// - Returns: nil when there are too few runs.
  public static func fit(
    _ group: RunGroup, _ runs: [Run], on device: DeviceQuantities, prior: [Double]? = nil
  ) -> GroupFit? {
    let model = KernelModels.model(for: group)
    guard runs.count >= fewestRuns(group, hasPrior: prior != nil) else { return nil }
    let fingerprint = runs.fingerprint
    let runs = runs.count > mostRuns ? sample(runs, mostRuns).chosen : runs
    let held = heldOut(group, runs, on: device, prior: prior)
    let parameters = Fitter(prior: prior).fit(model, runs, for: group, on: device)
    let own = zip(model.seconds(parameters, runs.map(\.shape), for: group, on: device), runs).map {
      abs($0 / $1.seconds - 1)
    }
    let (interval, other) = intervals(held)
    return GroupFit(
      group: group, parameters: parameters, runs: runs.count, fingerprint: fingerprint,
      inSampleMAPE: 100 * own.reduce(0, +) / Double(own.count),
      heldOutMAPE: 100 * held.reduce(0) { $0 + abs($1.predicted / $1.run.seconds - 1) }
        / Double(max(1, held.count)),
      interval: interval, otherInterval: other)
  }

  /// Of shapes that language models have, and of the others: small ones are more erratic.
  private static func intervals(
    _ held: [(run: Run, predicted: Double)]
  ) -> (model: ErrorInterval, other: ErrorInterval) {
    func interval(_ rows: [(run: Run, predicted: Double)]) -> ErrorInterval {
      let interval = ErrorInterval(of: rows.map { logarithm($0.run.seconds / $0.predicted) })
      // Rows of the only family were held out, not families.
      return Set(held.map(\.run.family)).count < 2 ? interval.widened : interval
    }
    let (sized, others) = (held.filter(\.run.isModelSized), held.filter { !$0.run.isModelSized })
    let all = interval(held)
    return (
      sized.count < fewestOfAnInterval ? all : interval(sized),
      others.count < fewestOfAnInterval ? all : interval(others)
    )
  }

  /// Each run predicted by parameters that never saw its shape family.
  ///
  /// - Parameter limit: the most runs of a fit; nil for all.
  static func heldOut(
    _ group: RunGroup, _ runs: [Run], on device: DeviceQuantities, prior: [Double]? = nil, limit: Int? = nil
  ) -> [(run: Run, predicted: Double)] {
    heldOut(KernelModels.model(for: group), group, runs, on: device, prior: prior, limit: limit)
  }

  /// The same by another model, or within other bounds, than the group's own.
  static func heldOut<Model: KernelModel>(
    _ model: Model.Type, _ group: RunGroup, _ runs: [Run], on device: DeviceQuantities,
    prior: [Double]? = nil,
    limit: Int? = nil, within bounds: [Parameter]? = nil
  ) -> [(run: Run, predicted: Double)] {
    let foldOf = folds(of: runs)
    var result: [(run: Run, predicted: Double)] = []
    for fold in 0..<folds {
      let test = zip(runs, foldOf).filter { $0.1 == fold }.map(\.0)
      var train = zip(runs, foldOf).filter { $0.1 != fold }.map(\.0)
      if let limit { train = sample(train, limit).chosen }
      guard !test.isEmpty, train.count >= 3 else { continue }
      let parameters = Fitter(prior: prior).fit(model, train, for: group, on: device, within: bounds)
      result += zip(test, model.seconds(parameters, test.map(\.shape), for: group, on: device)).map {
        ($0, $1)
      }
    }
    return result
  }

  /// Which fold each run is held out in: families dealt in turn, in an order that has nothing to do with their size; of
  /// a single family, its rows.
  static func folds(of runs: [Run]) -> [Int] {
    let single = Set(runs.map(\.family)).count < 2
    let keys = runs.map { run in
      var hash = Fingerprint()
      for number in single ? run.orderKey : run.family { hash.add(number) }
      return hash.value
    }
    let place = Dictionary(
      uniqueKeysWithValues: Set(keys).sorted().enumerated().map { ($0.element, $0.offset) })
    return keys.map { (place[$0] ?? 0) % folds }
  }

  /// As many of the runs, chosen by nothing that has to do with their size, and the others.
  public static func sample(_ runs: [Run], _ count: Int) -> (chosen: [Run], rest: [Run]) {
    let places = runs.indices.map { (key: sampleKey(runs[$0]), place: $0) }.sorted { $0 < $1 }.map(\.place)
    return (places.prefix(count).map { runs[$0] }, places.dropFirst(count).map { runs[$0] })
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

extension [Run] {
  /// Tells these runs, in any order, from all others.
  var fingerprint: String {
    var hash = Fingerprint()
    for key in map(\.orderKey).sorted(by: { $0.lexicographicallyPrecedes($1) }) {
      for number in key { hash.add(number) }
    }
    return hash.hex
  }
}
