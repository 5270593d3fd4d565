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
  /// Gives the expected times; nil where they are the roofline's.
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

  /// By the price of an hour, of all devices; nil where the profile states none.
  public var usdPerToken: Double? {
    profile.priceUSD.map { $0 / 3600 * Double(scenario.deployed?.split.devices ?? 1) / tokensPerSecond }
  }

  /// The smallest number of such devices that holds the pass, and how; nil where none does.
  public var smallestThatFits: SplitChoice? { smallest(holding: [scenario.workload]) }

  func smallest(holding passes: [Workload]) -> SplitChoice? {
    SplitChoice.smallest(
      for: model, on: profile, precision: scenario.precision, router: scenario.evaluator.router,
      links: scenario.deployed?.links ?? (try? Catalogue.links()) ?? FittedLinks(), passes: passes)
  }

  init(_ scenario: Scenario, _ analysis: Analysis, memory: MemoryFootprint) {
    (self.scenario, pricing, self.memory) = (scenario, nil, memory)
    self.analysis = analysis.counting(scenario.convention)
    latency = analysis.totals.seconds
  }

  /// What most of the time stands on.
  public var basis: Basis {
    Basis.allCases.max { analysis.share(of: $0) < analysis.share(of: $1) } ?? .upperBound
  }

  /// Sums over all operators, with the 80 % interval of fitted times.
  public var totals: Totals { analysis.totals }
  /// What was evaluated.
  public var model: ModelSpec { scenario.model }
  /// Where.
  public var profile: HardwareProfile { scenario.profile }
  /// How softmax attention was computed.
  public var attentionAlgorithm: AttentionAlgorithm {
    let splits = analysis.operators.contains { $0.call.kind == .attentionReduction }
    return scenario.workload.attention ?? (splits ? .flashDecoding : .flash)
  }
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
  /// On how many.
  public var devices: Int { decode.scenario.deployed?.split.devices ?? 1 }
}

/// Turns requests into predictions; every model, device and calibration is looked up and read once.
public struct Resolver: Sendable {
  /// Keys of config.json that are known to leave architectures alone.
  public var ignoredKeys: Set<String> = []
  /// Fields of every model's spec that are set to something else.
  public var changes: [SpecChange] = []
  private var models: [String: ModelSpec] = [:]
  private var devices: [String: HardwareProfile] = [:]
  private var fits: [FitKey: Predictor] = [:]
  private var prior: Prior?

  /// Where a device's fits come from.
  private struct FitKey: Hashable {
    var profile: HardwareProfile
    var calibration: String?
  }

  /// From here on models are as their specs say.
  public mutating func forgetChanges() { (changes, models) = ([], [:]) }

  /// Knows nothing yet.
  public init() {}

  /// The answer to a request.
  ///
  /// - Throws: `InputError` for names nobody knows, bad files, values out of range, and software that does not run there.
  public mutating func prediction(of request: ScenarioRequest) throws(InputError) -> Prediction {
    let scenario = try scenario(of: request)
    return Prediction(scenario, by: try pricing(of: scenario))
  }

  private mutating func scenario(of request: ScenarioRequest) throws(InputError) -> Scenario {
    let model = try model(request.model)
    let profile = try devices.found(try DeviceRequest(request.device).name, by: Catalogue.hardware)
    var request = request
    request.split.links = try predictor(request.pricing.calibration, on: profile)?.calibration.links
    return try request.resolve(model, on: profile)
  }

  /// Both phases of each request, whatever phase it names; where one device is named and does not hold them, the smallest
  /// number that does.
  ///
  /// Without `ownPrecision` models whose checkpoints differ are taken in bf16, unless a precision is named.
  ///
  /// An option counts where one of the models has a use for it; `--context-len` alone is that of the decode step.
  ///
  /// - Throws: see `prediction(of:)`.
  public mutating func phases(
    of requests: [ScenarioRequest], ownPrecision: Bool = false
  ) throws(InputError) -> [PredictedPhases] {
    var requests = requests
    try tellApart(requests.map(\.model))
    if !ownPrecision, requests.allSatisfy({ $0.precision == PrecisionRequest() }) {
      var formats: Set<NumberFormat?> = []
      for request in requests { formats.insert(try model(request.model).checkpointFormat) }
      if formats.count > 1 {
        for index in requests.indices {
          (requests[index].precision.dtype, requests[index].precision.isCommon) = (.bf16, true)
        }
      }
    }
    var useless: Set<ScenarioRequest.Unused>?
    var cells: [PredictedPhases] = []
    for var request in requests {
      request.phase = .prefill
      let model = try model(request.model)
      let unused = request.unused(for: model)
      useless = useless?.intersection(unused) ?? Set(unused)
      if let option = unused.first(where: { $0.option == "--output-len" }) {
        throw InputError(option, for: model.name)
      }
      let one = try bothPhases(of: request.without(unused))
      guard request.isOnOneDevice, !(one.prefill.memory.fits && one.decode.memory.fits),
        let choice = one.decode.smallest(holding: [
          one.prefill.scenario.workload, one.decode.scenario.workload,
        ])
      else {
        cells.append(one)
        continue
      }
      request.split = SplitRequest(choice)
      cells.append(try bothPhases(of: request.without(unused)))
    }
    if let option = useless?.min(by: { $0.option < $1.option }) {
      throw InputError(option, for: "these models")
    }
    return cells
  }

  private mutating func bothPhases(of request: ScenarioRequest) throws(InputError) -> PredictedPhases {
    var prompt = request
    if prompt.inputLength == nil { prompt.contextLength = nil }
    var step = request
    (step.phase, step.logits) = (.decode, .last)
    if step.contextLength != nil { step.inputLength = nil }
    let prefill = try prediction(of: prompt)
    // What is known of kernels is the same, and stands there once.
    return PredictedPhases(
      prefill: prefill, decode: Prediction(try scenario(of: step), by: prefill.pricing))
  }

  /// Different specs of one name are called by what they were asked for as.
  private mutating func tellApart(_ asked: [String]) throws(InputError) {
    var found: [String: [String: ModelSpec]] = [:]
    for name in asked {
      let model = try model(name)
      found[model.name, default: [:]][name] = model
    }
    for specs in found.values where Set(specs.values).count > 1 {
      for (name, spec) in specs {
        var spec = spec
        (spec.name, spec.title) = ("\(spec.name) (\(name))", "\(spec.title) (\(name))")
        models[name] = spec
      }
    }
  }

  private mutating func model(_ name: String) throws(InputError) -> ModelSpec {
    let (ignored, changes) = (ignoredKeys, changes)
    return try models.found(name) { name throws(InputError) in
      try ModelFiles.find(name, ignoring: ignored).changed(by: changes)
    }
  }

  /// The expected times that a scenario asks for; nil where its device has no 16-bit peak.
  private mutating func pricing(of scenario: Scenario) throws(InputError) -> FittedPricing? {
    let (request, profile) = (scenario.pricing, scenario.profile)
    try request.check(on: profile)
    guard let predictor = try predictor(request.calibration, on: profile) else { return nil }
    return FittedPricing(
      predictor, framework: request.engine.map { Framework($0.rawValue) } ?? predictor.usualFramework,
      for: scenario.evaluator)
  }

  /// What is known of a device.
  ///
  /// - Parameter calibration: see `PricingRequest`.
  /// - Returns: nil where the device has no 16-bit peak.
  public mutating func predictor(
    _ calibration: String?, on profile: HardwareProfile
  ) throws(InputError) -> Predictor? {
    let key = FitKey(profile: profile, calibration: calibration)
    if let known = fits[key] { return known }
    let prior: Prior
    if let known = self.prior { prior = known } else { prior = try Prior.shipped() }
    self.prior = prior
    let nothing = FittedDevice(hardware: profile.name, groups: [])
    let fitted: FittedDevice
    switch calibration {
    case PricingRequest.noCalibration?:
      fitted = FittedDevice(
        hardware: profile.name, groups: [], links: try Catalogue.links().sharedAlone)
    case let name?:
      let found = try Calibrations.find(name, for: profile)
      guard found.links != nil else {
        fitted = found
        break
      }
      var own = try Calibrations.shipped(for: profile) ?? nothing
      own.links = found.links
      fitted = own
    case nil: fitted = try Calibrations.shipped(for: profile) ?? nothing
    }
    let predictor = Predictor(fitted, prior: prior, on: profile)
    fits[key] = predictor
    return predictor
  }
}

extension Predictor {
  /// Without a word: vLLM's kernels where they were measured, else the first that were; of the prior vLLM's where it runs,
  /// else llama.cpp's.
  public var usualFramework: Framework {
    let measured = calibration.groups.map(\.group.framework)
    if let first = measured.first { return measured.contains(.vllm) ? .vllm : first }
    return isHost || !(vendor.isEmpty || PricingRequest.Engine.vllm.vendors.contains(vendor))
      ? .llamaCpp : .vllm
  }
}

extension Dictionary {
  /// What is there under a key, or is made and kept.
  fileprivate mutating func found(
    _ key: Key, by make: (Key) throws(InputError) -> Value
  ) throws(InputError) -> Value {
    if let value = self[key] { return value }
    let value = try make(key)
    // What ten thousand models of a plan need is read again.
    if count >= 256 { removeAll() }
    self[key] = value
    return value
  }
}
