import CostModel
import Deployment
import Import
import Specs

/// What a scenario costs: computed once, drawn by Reporting or read by anyone else.
///
/// ```swift
/// var resolver = Resolver()
/// var request = ScenarioRequest(model: "llama-3-8b", device: "h100-sxm", phase: .decode, batch: 8)
/// request.pricing.engine = .vllm
/// let totals = try resolver.prediction(of: request).totals
/// print(totals.seconds, totals.low, totals.high)
/// ```
public struct Prediction: Sendable {
  /// What was asked.
  public let scenario: Scenario
  /// Gives the times; nil where they are the roofline's.
  public let pricing: FittedPricing?
  /// The pass, operator by operator.
  public package(set) var analysis: Analysis
  /// What the pass has to hold; of several devices the fullest.
  public let memory: MemoryFootprint
  /// Seconds of the pass through all stages.
  public let latency: Double

  /// Evaluates the scenario, by fits of its device where there are any.
  public init(_ scenario: Scenario, by pricing: FittedPricing? = nil) {
    self.scenario = scenario
    self.pricing = pricing
    let (evaluator, work) = (scenario.evaluator, scenario.workload)
    if let deployed = scenario.deployed {
      let stage = deployed.slowest(work)
      analysis = pricing.map { stage.analyze(work, by: $0) } ?? stage.analyze(work, by: evaluator.roofline)
      memory = deployed.memory(work)
      // Other stages by the ratio of their rooflines.
      latency = deployed.expectedLatency(work) * analysis.totals.seconds / stage.expectedSeconds(work)
    } else {
      analysis = pricing.map { evaluator.analyze(work, by: $0) } ?? evaluator.analyze(work)
      memory = evaluator.memory(work)
      latency = analysis.totals.seconds
    }
    analysis = analysis.counting(scenario.convention)
  }

  /// The 80 % interval of `latency`.
  public var low: Double { totals.low * latency / totals.seconds }
  /// See `low`.
  public var high: Double { totals.high * latency / totals.seconds }
  /// New tokens of all sequences over the time of the pass through all stages.
  public var tokensPerSecond: Double { scenario.workload.tokens / latency }

  /// The smallest number of such devices that holds the pass, and how; nil where none does.
  public var smallestThatFits: SplitChoice? { smallest(holding: [scenario.workload]) }

  func smallest(holding passes: [Workload]) -> SplitChoice? {
    SplitChoice.smallest(
      for: model, on: profile, precision: scenario.precision, router: scenario.evaluator.router,
      passes: passes)
  }

  /// Sums over all operators, with the 80 % interval of fitted times.
  public var totals: Totals { analysis.totals }
  /// What was evaluated.
  public var model: ModelSpec { scenario.model }
  /// Where.
  public var profile: HardwareProfile { scenario.profile }
}

/// One model on one device in both phases.
public struct PredictedPhases: Sendable {
  /// The prompt.
  public let prefill: Prediction
  /// One step of generation.
  public let decode: Prediction

  /// Of the same model and device.
  public init(prefill: Prediction, decode: Prediction) {
    self.prefill = prefill
    self.decode = decode
  }

  /// What was evaluated.
  public var model: ModelSpec { decode.model }
  /// Where.
  public var profile: HardwareProfile { decode.profile }
}

/// Turns requests into predictions; every model, device and calibration is looked up and read once.
public struct Resolver: Sendable {
  /// Keys of config.json that are known to leave architectures alone.
  public var ignoredKeys: Set<String> = []
  private var models: [String: ModelSpec] = [:]
  private var devices: [String: HardwareProfile] = [:]
  private var fits: [FitKey: Predictor] = [:]

  /// Where a device's fits come from.
  private struct FitKey: Hashable {
    var profile: HardwareProfile
    var calibration: String?
  }

  /// Knows nothing yet.
  public init() {}

  /// The answer to a request.
  ///
  /// - Throws: `InputError` for names nobody knows, bad files, values out of range, and devices that nothing
  ///   fitted carries over to.
  public mutating func prediction(of request: ScenarioRequest) throws(InputError) -> Prediction {
    let ignored = ignoredKeys
    let model = try models.found(request.model) { name throws(InputError) in
      try ModelFiles.find(name, ignoring: ignored)
    }
    let profile = try devices.found(try DeviceRequest(request.device).name, by: Catalogue.hardware)
    let scenario = try request.resolve(model, on: profile)
    return Prediction(scenario, by: try pricing(of: scenario))
  }

  /// Both phases of each request, whatever phase it names; where one device is named and does not hold them, the smallest
  /// number that does.
  ///
  /// - Throws: see `prediction(of:)`.
  public mutating func phases(of requests: [ScenarioRequest]) throws(InputError) -> [PredictedPhases] {
    var cells: [PredictedPhases] = []
    for request in requests {
      let one = try bothPhases(of: request)
      guard request.isOnOneDevice, !(one.prefill.memory.fits && one.decode.memory.fits),
        let choice = one.decode.smallest(holding: [
          one.prefill.scenario.workload, one.decode.scenario.workload,
        ])
      else {
        cells.append(one)
        continue
      }
      var larger = request
      larger.split = SplitRequest(choice)
      cells.append(try bothPhases(of: larger))
    }
    return cells
  }

  private mutating func bothPhases(of request: ScenarioRequest) throws(InputError) -> PredictedPhases {
    var request = request
    request.phase = .prefill
    let prefill = try prediction(of: request)
    request.phase = .decode
    return PredictedPhases(prefill: prefill, decode: try prediction(of: request))
  }

  /// The fitted times that a scenario asks for; nil where it asks for none.
  private mutating func pricing(of scenario: Scenario) throws(InputError) -> FittedPricing? {
    let request = scenario.pricing
    guard request.isFitted else { return nil }
    let profile = scenario.profile
    let predictor = try fits.found(FitKey(profile: profile, calibration: request.calibration)) {
      key throws(InputError) in
      let device =
        if let name = key.calibration { try Calibrations.find(name) } else {
          try Calibrations.shipped(for: profile)
        }
      guard let predictor = Predictor(device, on: profile) else {
        throw InputError(.missing, "no calibration carries over to \(profile.name)")
      }
      return predictor
    }
    let measured = predictor.calibration.groups.map(\.group.framework)
    let usual = measured.contains(.vllm) ? .vllm : measured.first ?? .vllm
    return FittedPricing(
      predictor, framework: request.engine.map { Framework($0.rawValue) } ?? usual, for: scenario.evaluator)
  }
}

extension Dictionary {
  /// What is there under a key, or is made and kept.
  fileprivate mutating func found(
    _ key: Key, by make: (Key) throws(InputError) -> Value
  ) throws(InputError) -> Value {
    if let value = self[key] { return value }
    let value = try make(key)
    self[key] = value
    return value
  }
}
