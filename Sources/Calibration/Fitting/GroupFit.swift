/// The parameters of one group of runs, and how far to trust them.
public struct GroupCalibration: Hashable, Sendable {
  public enum Origin: String, CaseIterable, Hashable, Sendable {
    /// From runs of the device alone, starting from typical values.
    case fitted
    /// From few runs of the device, starting from another calibration.
    case adapted
  }

  public var key: GroupKey
  public var origin: Origin
  public var runs: Int
  public var families: Int
  /// In the order of the model's parameters.
  public var parameters: [Double]
  /// Logarithms of measured over predicted at 10 % and 90 % of held-out runs.
  public var low: Double
  public var high: Double
  public var inSample: ErrorSummary
  public var heldOut: ErrorSummary

  public var model: KernelModel { .of(key.kernel, key.format) }

  /// The interval as measured over predicted.
  public var intervalRatios: (low: Double, high: Double) { (exponential(low), exponential(high)) }

  public init(
    key: GroupKey, origin: Origin, runs: Int, families: Int, parameters: [Double], low: Double, high: Double,
    inSample: ErrorSummary, heldOut: ErrorSummary
  ) {
    self.key = key
    self.origin = origin
    self.runs = runs
    self.families = families
    self.parameters = parameters
    self.low = low
    self.high = high
    self.inSample = inSample
    self.heldOut = heldOut
  }
}

/// Fits one group and judges the fit on shape families it has not seen.
public struct GroupFitter: Sendable {
  public var device: DeviceQuantities
  /// Parameters of the same model on another device, to start from.
  public var prior: [Double]?
  public var folds = 5
  public var starts = 4
  /// Fewer runs than this say too little to be worth a group.
  public static let fewestRuns = 5
  /// Standard deviation of a parameter's logarithm from device to device, where a prior is given.
  public static let transferSpread = 0.35

  public init(device: DeviceQuantities, prior: [Double]? = nil) {
    self.device = device
    self.prior = prior
  }

  public func parameters(_ runs: [MeasuredRun], model: KernelModel, starts: Int) -> [Double] {
    let usable = prior.flatMap { $0.count == model.parameters.count ? $0 : nil }
    let centre = usable ?? model.parameters.map(\.typical)
    let problem = LeastSquares(
      model: model, device: device, shapes: runs.map(\.shape), targets: runs.map { logarithm($0.seconds) },
      centre: centre.map(logarithm),
      spread: model.parameters.map { usable == nil ? $0.spread : min($0.spread, Self.transferSpread) })
    return problem.solve(starts: usable == nil ? starts : 1).parameters.map(Self.rounded)
  }

  /// What is written is what was used: six significant digits.
  static func rounded(_ value: Double) -> Double {
    let scale = power(10, 5 - (logarithm(abs(value)) / 2.302585092994046).rounded(.down))
    return (value * scale).rounded() / scale
  }

  /// Held-out predictions run by run, each by parameters that never saw its family.
  public func heldOut(_ runs: [MeasuredRun], model: KernelModel) -> [Double] {
    let assigned = Self.fold(runs, folds)
    var predicted = [Double](repeating: .nan, count: runs.count)
    for fold in 0..<folds {
      let inside = runs.indices.filter { assigned[$0] == fold }
      guard !inside.isEmpty, inside.count < runs.count else { continue }
      let training = runs.indices.filter { assigned[$0] != fold }.map { runs[$0] }
      let p = parameters(training, model: model, starts: min(3, starts))
      for index in inside { predicted[index] = model.seconds(runs[index].shape, device, p) }
    }
    return predicted
  }

  /// Whole families to folds of about equal size, the same whatever the order of runs.
  static func fold(_ runs: [MeasuredRun], _ folds: Int) -> [Int] {
    let counts = Dictionary(grouping: runs, by: \.family).mapValues(\.count)
    var load = [Int](repeating: 0, count: folds)
    var place: [String: Int] = [:]
    for family in counts.keys.sorted(by: { (fnv($0), $0) < (fnv($1), $1) }) {
      let lightest = load.indices.min { (load[$0], $0) < (load[$1], $1) } ?? 0
      place[family] = lightest
      load[lightest] += counts[family] ?? 0
    }
    return runs.map { place[$0.family] ?? 0 }
  }

  public func fit(_ key: GroupKey, _ runs: [MeasuredRun]) -> GroupCalibration {
    let model = KernelModel.of(key.kernel, key.format)
    let p = parameters(runs, model: model, starts: starts)
    let own = runs.map { model.seconds($0.shape, device, p) }
    let held = heldOut(runs, model: model)
    let logs = zip(runs, held).compactMap { $1.isFinite ? logarithm($0.seconds / $1) : nil }
    // With n runs the outer quantiles are those of n + 1: few runs widen the interval.
    let slack = logs.isEmpty ? 0.1 : 0.4 / Double(logs.count + 1)
    let low = logs.isEmpty ? -0.5 : Quantile.of(logs, max(0, 0.1 - slack))
    let high = logs.isEmpty ? 0.5 : Quantile.of(logs, min(1, 0.9 + slack))
    func summary(_ predicted: [Double]) -> ErrorSummary {
      ErrorSummary(
        zip(runs, predicted).filter { $1.isFinite }.map {
          ($1, $0.seconds, $1 * exponential(low), $1 * exponential(high))
        })
    }
    return GroupCalibration(
      key: key, origin: prior == nil ? .fitted : .adapted, runs: runs.count,
      families: Set(runs.map(\.family)).count, parameters: p, low: Self.rounded(min(low, -0.005)),
      high: Self.rounded(max(high, 0.005)), inSample: summary(own), heldOut: summary(held))
  }
}
