import Basics
import CostModel

/// A run beside its prediction.
public struct ValidatedRow: Sendable {
  /// All runs, once for all rows, and this one's place.
  private let runs: [Run]
  private let place: Int
  /// What was expected.
  public var predicted: CalibratedTime
  /// What nothing beats.
  public var bound: RunBound
  /// What the run is if it beats the bound.
  public var verdict: BoundVerdict?

  /// - Parameter place: of the run among `runs`.
  public init(_ runs: [Run], at place: Int, predicted: CalibratedTime, bound: RunBound) {
    (self.runs, self.place, self.predicted, self.bound) = (runs, place, predicted, bound)
  }

  /// What was measured.
  public var run: Run { _read { yield runs[place] } }
  /// Measured over predicted.
  public var ratio: Double { run.seconds / predicted.seconds }
  /// Measured over what nothing beats.
  public var overBound: Double { run.seconds / bound.seconds }
}

/// One group's predictions beside what was measured.
public struct ValidatedGroup: Sendable {
  /// The device as the rows call it.
  public var gpu: String
  /// What the runs have in common.
  public var group: RunGroup
  /// In the order of the file.
  public var rows: [ValidatedRow]
  /// The very runs that the prediction was fitted to.
  public var isInSample = false

  /// - Parameter gpu: the device as the rows call it.
  public init(gpu: String, group: RunGroup, rows: [ValidatedRow]) {
    self.gpu = gpu
    self.group = group
    self.rows = rows
  }

  /// Runs by device and group, in order, each predicted.
  public static func all(_ runs: [Run], by predictor: Predictor) -> [ValidatedGroup] {
    struct Key: Hashable {
      var gpu: String
      var group: RunGroup
    }
    // By their places: a million runs are not copied.
    var groups = Dictionary(grouping: runs.indices) { Key(gpu: runs[$0].gpu, group: runs[$0].group) }
      .sorted { ($0.key.group, $0.key.gpu) < ($1.key.group, $1.key.gpu) }
      .map { key, places in
        let times = predictor.predict(key.group, places.map { runs[$0].shape })
        var group = ValidatedGroup(
          gpu: key.gpu, group: key.group,
          rows: zip(places, times).map { place, time in
            ValidatedRow(
              runs, at: place, predicted: time,
              bound: RunBound(key.group, runs[place].shape, on: predictor.device))
          })
        if let fit = predictor.fit(for: key.group)?.fit, fit.runs == min(places.count, GroupFitting.mostRuns)
        {
          group.isInSample = fit.fingerprint == places.map { runs[$0] }.fingerprint
        }
        return group
      }
    groups.judge(on: predictor.device)
    return groups
  }

  /// Absolute percentage errors, sorted.
  public var errors: [Double] { rows.map { 100 * abs($0.predicted.seconds / $0.run.seconds - 1) }.sorted() }

  /// Mean absolute percentage error.
  public var mape: Double { errors.reduce(0, +) / Double(max(1, rows.count)) }

  /// Of measured over predicted.
  public var geometricMean: Double {
    exponential(rows.reduce(0) { $0 + logarithm($1.ratio) } / Double(max(1, rows.count)))
  }

  /// Share of the runs inside their interval; nil where none was stated.
  public var coverage: Double? {
    basis == .upperBound
      ? nil
      : Double(rows.count { $0.predicted.low <= $0.run.seconds && $0.run.seconds <= $0.predicted.high })
        / Double(max(1, rows.count))
  }

  /// Nil without runs.
  public var nearestToBound: ValidatedRow? { rows.min { $0.overBound < $1.overBound } }

  /// How the predictions came about.
  public var basis: Basis { rows.first?.predicted.basis ?? .upperBound }
}

/// A model's pass, its operators held against the nearest runs.
public struct ValidatedPass: Sendable {
  /// The model's name, and what it did.
  public var model, work: String
  /// Whose kernels ran.
  public var framework: Framework
  /// What the runs say of it.
  public var check: PassCheck

  /// Passes of models in 16 bits, in each framework that has enough of their kernels.
  public static func all(
    _ groups: [ValidatedGroup], _ predictor: Predictor, on profile: HardwareProfile,
    models: [(name: String, spec: ModelSpec)]
  ) -> [ValidatedPass] {
    let runs = NearestRuns(groups)
    let works = [
      ("prefill 1 × 2,048", Workload.prefill(batch: 1, inputLength: 2048)),
      ("decode 1 × 2,048", .decode(batch: 1, contextLength: 2048)),
      ("decode 64 × 2,048", .decode(batch: 64, contextLength: 2048)),
    ]
    let frameworks = Set(groups.map(\.group.framework)).sorted()
    return models.flatMap { name, spec -> [ValidatedPass] in
      guard
        let evaluator = try? Evaluator(
          model: spec, profile: profile, precision: PrecisionPlan(uniform: .bf16))
      else { return [] }
      return works.flatMap { label, work in
        frameworks.compactMap { framework in
          FittedPricing(predictor, framework: framework, for: evaluator).check(
            work, of: evaluator, against: runs
          )
          .map { ValidatedPass(model: name, work: label, framework: framework, check: $0) }
        }
      }
    }
  }
}
