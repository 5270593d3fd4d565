import CostModel

/// Holds formula, counters and simulated caches against each other, and predicted against measured time.
public enum Crosscheck {
  public struct Time: Sendable {
    public var kernel: String
    public var shape: String
    public var measured: Sample
    public var predicted: KernelPrediction
    /// With the datasheet's profile, where one was given.
    public var datasheet: KernelPrediction?
    /// With shares fitted to runs of other shapes, where such were measured.
    public var calibratedSeconds: Double?
    /// Judged by `ratioBounds`.
    public var judged: Bool
    public var flags: [Flag]
    public var ratio: Double { measured.minimum / predicted.seconds }
    /// |calibrated − measured| ÷ measured.
    public var calibratedError: Double? {
      calibratedSeconds.map { abs($0 - measured.minimum) / measured.minimum }
    }
  }

  /// Mean error of calibrated predictions over what is judged; nil without a calibration.
  public static func calibratedError(_ times: [Time]) -> Double? {
    let errors = times.filter(\.judged).compactMap(\.calibratedError)
    return errors.isEmpty ? nil : errors.reduce(0, +) / Double(errors.count)
  }

  /// The most that `calibratedError` may come to.
  public static let calibratedBound = 0.12

  public static let ratioBounds = 0.7...1.4

  /// Repeats of a kernel that lie farther apart, 90th percentile ÷ minimum, are not judged.
  public static let mostSpread = 1.4

  /// - Parameter noise: where it is too loud, seconds are shown and not judged.
  public static func time(
    _ run: Bench.Run, on profile: HardwareProfile, datasheet: HardwareProfile?,
    calibration: KernelCalibration? = nil, noise: Noise
  ) -> Time? {
    guard let predicted = run.kernel.predicted(on: profile) else { return nil }
    let unsteady = run.kernel.isTimeJudged && run.warm.spread > mostSpread
    let judged = run.kernel.isTimeJudged && !unsteady && !noise.isTooLoud
    var time = Time(
      kernel: run.kernel.name, shape: run.kernel.shape, measured: run.warm, predicted: predicted,
      datasheet: datasheet.flatMap { run.kernel.predicted(on: $0) },
      calibratedSeconds: calibration?.seconds(run.kernel.name, predicted), judged: judged,
      flags: unsteady ? [.unsteady(mostSpread)] : [])
    if judged && !ratioBounds.contains(time.ratio) { time.flags.append(.timeOutside(ratioBounds)) }
    if run.error > 1e-3 { time.flags.append(.wrongResult) }
    return time
  }
}
