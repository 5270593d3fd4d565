import CostModel
import Specs

/// An engine's pass beside its bound and what was expected of it.
public struct EngineCheck: Sendable {
  /// What was measured.
  public var run: EngineRun
  /// A prompt, or one token after those in the cache, with far memory as it was read beside the run.
  public var prediction: Prediction
  /// Seconds that nothing beats, with far memory at its best.
  public var bound: Double
  /// The machine was quiet enough, when it was probed and when the engine ran.
  public var judged: Bool

  /// - Parameters:
  ///   - profile: at its best.
  ///   - now: beside the run: where machines are shared, far memory changes by the minute.
  /// - Throws: `InputError` where the model cannot be evaluated on the profile.
  public init(
    _ run: EngineRun, of model: ModelSpec, on profile: HardwareProfile, now: HardwareProfile, judged: Bool
  ) throws(InputError) {
    var request = ScenarioRequest(model: model.name, device: profile.name)
    request.phase = run.prompt > 0 ? .prefill : .decode
    if run.prompt > 0 { request.inputLength = run.prompt } else { request.contextLength = run.context }
    prediction = Prediction(onHost: try request.resolve(model, on: now))
    bound = Prediction(onHost: try request.resolve(model, on: profile)).totals.floor.seconds
    (self.run, self.judged) = (run, judged)
  }

  /// Clocks and data sheets are this exact.
  public static let slack = 0.02
  /// Measured ÷ expected has to lie here.
  public static let ratioBounds = 0.7...1.4

  /// Seconds to expect.
  public var expected: Double { prediction.totals.seconds }
  /// Median measured ÷ expected.
  public var ratio: Double { run.median / expected }
  /// The median lies in the 80 % interval.
  public var isInside: Bool { (prediction.totals.low...prediction.totals.high).contains(run.median) }
  /// The fastest repeat is faster than the bound, by more than the slack.
  public var beatsBound: Bool { run.best < bound * (1 - Self.slack) }
  /// The ratio lies outside `ratioBounds`.
  public var isOutside: Bool { !Self.ratioBounds.contains(ratio) }
  /// Makes the answer no.
  public var disagrees: Bool { judged && (beatsBound || isOutside) }
}
