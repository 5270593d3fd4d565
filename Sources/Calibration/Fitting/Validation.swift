/// Predictions of measured runs beside their measurements.
public struct Validation: Sendable {
  public struct Row: Sendable {
    public var run: MeasuredRun
    public var prediction: KernelPrediction
    /// |predicted − measured| ÷ measured, percent.
    public var error: Double { abs(prediction.seconds - run.seconds) / run.seconds * 100 }
  }

  public struct Group: Sendable {
    public var key: GroupKey
    public var errors: ErrorSummary
    public var source: KernelPrediction.Source
  }

  public var rows: [Row]
  public var groups: [Group]
  public var rejected: [RejectedRun]
  public var device: String
  public var calibration: String?

  public init(_ set: RunSet, predictor: CalibratedPredictor, llmOnly: Bool) {
    var rows: [Row] = []
    var groups: [Group] = []
    for (key, runs) in set.groups {
      let kept = runs.filter { !llmOnly || $0.isLLMSized }.map {
        Row(run: $0, prediction: predictor.predict($0))
      }
      guard let first = kept.first else { continue }
      rows += kept
      groups.append(
        Group(key: key, errors: Self.summary(kept), source: first.prediction.source))
    }
    self.rows = rows
    self.groups = groups
    rejected = set.rejected
    device = predictor.device.name
    calibration = predictor.calibration?.device
  }

  public static func summary(_ rows: [Row]) -> ErrorSummary {
    ErrorSummary(
      rows.map {
        let bounded = $0.prediction.source != .roofline
        return (
          $0.prediction.seconds, $0.run.seconds, bounded ? $0.prediction.low : nil,
          bounded ? $0.prediction.high : nil
        )
      })
  }

  /// Runs that miss most, worst first.
  public func worst(_ count: Int) -> [Row] {
    Array(
      rows.sorted {
        abs(logarithm($0.prediction.seconds / $0.run.seconds))
          > abs(logarithm($1.prediction.seconds / $1.run.seconds))
      }.prefix(count))
  }
}
