import CostModel
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
  /// What the pass has to hold.
  public let memory: MemoryFootprint

  /// Evaluates the scenario, by fits of its device where there are any.
  public init(_ scenario: Scenario, by pricing: FittedPricing? = nil) {
    self.scenario = scenario
    self.pricing = pricing
    let (evaluator, work) = (scenario.evaluator, scenario.workload)
    analysis = (pricing.map { evaluator.analyze(work, by: $0) } ?? evaluator.analyze(work))
      .counting(scenario.convention)
    memory = evaluator.memory(work)
  }

  init(_ scenario: Scenario, _ analysis: Analysis, memory: MemoryFootprint) {
    (self.scenario, pricing, self.memory) = (scenario, nil, memory)
    self.analysis = analysis.counting(scenario.convention)
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
  /// - Throws: `InputError` for names nobody knows, bad files, values out of range, and devices that nothing
  ///   fitted carries over to.
  public mutating func prediction(of request: ScenarioRequest) throws(InputError) -> Prediction {
    let model = try model(request.model)
    let profile = try devices.found(request.device, by: Catalogue.hardware)
    let scenario = try request.resolve(model, on: profile)
    return Prediction(scenario, by: try pricing(of: scenario))
  }

  /// Both phases of each request, whatever phase it names.
  ///
  /// Without `ownPrecision` models whose checkpoints differ are taken in bf16, unless a precision is named.
  ///
  /// An option counts where one of the models has a use for it; `--context-len` alone is that of the decode step.
  ///
  /// - Throws: see `prediction(of:)`.
  public mutating func phases(
    of requests: [ScenarioRequest], ownPrecision: Bool = true
  ) throws(InputError) -> [PredictedPhases] {
    var requests = requests
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
      var prompt = request.without(unused)
      if prompt.inputLength == nil { prompt.contextLength = nil }
      var step = request.without(unused)
      step.phase = .decode
      if step.contextLength != nil { step.inputLength = nil }
      cells.append(PredictedPhases(prefill: try prediction(of: prompt), decode: try prediction(of: step)))
    }
    if let option = useless?.min(by: { $0.option < $1.option }) {
      throw InputError(option, for: "these models")
    }
    return cells
  }

  private mutating func model(_ name: String) throws(InputError) -> ModelSpec {
    let (ignored, changes) = (ignoredKeys, changes)
    return try models.found(name) { name throws(InputError) in
      try ModelFiles.find(name, ignoring: ignored).changed(by: changes)
    }
  }

  /// The fitted times that a scenario asks for; nil where it asks for none.
  private mutating func pricing(of scenario: Scenario) throws(InputError) -> FittedPricing? {
    let request = scenario.pricing
    guard request.isFitted else { return nil }
    let profile = scenario.profile
    let predictor = try fits.found(FitKey(profile: profile, calibration: request.calibration)) {
      key throws(InputError) in
      let device =
        if let name = key.calibration { try Calibrations.find(name, for: key.profile) } else {
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
    // What ten thousand models of a plan need is read again.
    if count >= 256 { removeAll() }
    self[key] = value
    return value
  }
}
