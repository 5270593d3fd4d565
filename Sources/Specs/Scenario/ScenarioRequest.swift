import CostModel

/// What a user asks: a model on a device in one phase, with everything that may be left open left open.
///
/// Commands, report plans and clients of the library fill in the same value; `resolve` turns it into a `Scenario`.
public struct ScenarioRequest: Hashable, Sendable {
  /// A catalogue name or the path of a spec.
  public var model: String
  /// A catalogue name or the path of a profile.
  public var device: String
  /// Where the device runs, where that is not its data sheet's point.
  public var point = OperatingPoint()
  /// Prompt or one step of generation.
  public var phase: Workload.Phase
  /// Sequences (`--batch-size`).
  public var batch: Int
  /// Prompt tokens of each sequence (`--input-len`).
  public var inputLength: Int?
  /// Tokens to generate (`--output-len`).
  public var outputLength: Int?
  /// Tokens that each sequence has in the cache (`--context-len`).
  public var contextLength: Int?
  /// Images in each sequence's prompt (`--images`).
  public var images: Int?
  /// The pixels of one, `1024x768` (`--image-size`).
  public var imageSize: String?
  /// Seconds of sound in each sequence's prompt (`--audio-seconds`).
  public var audioSeconds: Double?
  /// Tokens that a decoder behind a text encoder starts from (`--decoder-len`).
  public var decoderLength: Int?
  /// Prediction layers run too (`--mtp`).
  public var predicts = false
  /// How softmax attention is computed; nil as engines do.
  public var attention: AttentionAlgorithm?
  /// How latent attention is computed; nil as the phase suggests.
  public var latent: LatentForm?
  /// For which positions logits are computed.
  public var logits = Logits.last
  /// How attention's FLOPs are counted.
  public var convention = AttentionConvention.causal
  /// Number formats.
  public var precision = PrecisionRequest()
  /// Load on the experts; nil is balanced.
  public var router: RouterRequest?
  /// Whose kernels give the times.
  public var pricing = PricingRequest()
  /// Over how many devices, and how.
  public var split = SplitRequest()

  /// Positions whose logits are computed.
  public enum Logits: String, CaseIterable, Sendable {
    /// The last one of each sequence.
    case last
    /// Every one.
    case all
  }

  /// What is not said stays open.
  public init(
    model: String, device: String, phase: Workload.Phase = .prefill, batch: Int = 1, inputLength: Int? = nil,
    outputLength: Int? = nil, contextLength: Int? = nil
  ) {
    self.model = model
    self.device = device
    self.phase = phase
    self.batch = batch
    self.inputLength = inputLength
    self.outputLength = outputLength
    self.contextLength = contextLength
  }
}

/// Where expected times come from: the shipped calibration that holds on the device, and the prior for what it lacks.
public struct PricingRequest: Hashable, Sendable {
  /// A calibration's file or device in place of the shipped one, or `none` (`--calibration`).
  public var calibration: String?
  /// Whose kernels run (`--framework`); nil: vLLM's where they were measured.
  public var engine: Engine?

  /// Software whose kernels were measured.
  public enum Engine: String, CaseIterable, Sendable {
    case vllm, trtllm, sglang

    /// Vendors whose devices it runs on; those of a profile without a vendor are nobody's to refuse.
    public var vendors: [String] {
      switch self {
      case .vllm: ["nvidia", "amd", "intel", "google", "aws"]
      case .trtllm: ["nvidia"]
      case .sglang: ["nvidia", "amd", "intel", "google"]
      }
    }

    /// Whether it runs there.
    public func runs(on profile: HardwareProfile) -> Bool {
      profile.vendor.isEmpty || vendors.contains(profile.vendor)
    }
  }

  /// The prior alone, whatever ships.
  public static let noCalibration = "none"

  /// Nothing said: what ships.
  public init(calibration: String? = nil, engine: Engine? = nil) {
    self.calibration = calibration
    self.engine = engine
  }

  /// - Throws: `InputError`, 64 for software that does not run on devices of that vendor.
  public func check(on profile: HardwareProfile) throws(InputError) {
    guard let engine, !engine.runs(on: profile) else { return }
    throw InputError(
      .usage,
      "--framework \(engine.rawValue) does not run on \(profile.name), which is of \(profile.vendor); it runs on devices of "
        + engine.vendors.joined(separator: ", "))
  }
}

extension ScenarioRequest {
  /// Neither several devices nor a split were asked for.
  public var isOnOneDevice: Bool {
    var bare = split
    bare.links = nil
    return bare == SplitRequest() && (try? DeviceRequest(device).devices) ?? 1 == 1
  }

  /// Prompt, or cached tokens, where nobody names a number.
  static let usualLength = 2048

  /// The scenario, its model and device looked up in the catalogue or read from their YAML files.
  ///
  /// - Throws: `InputError` for names nobody knows, bad files, impossible values.
  public func resolve() throws(InputError) -> Scenario {
    try resolve(try Catalogue.model(model), on: try Catalogue.hardware(try DeviceRequest(device).name))
  }

  /// The scenario of a model and device that were found already; their names here are passed over.
  ///
  /// - Throws: `InputError`, 64 for a value out of range, 65 where the device can't compute in the precision,
  ///   and what `RouterRequest.load` throws.
  public func resolve(_ model: ModelSpec, on profile: HardwareProfile) throws(InputError) -> Scenario {
    if let unused = unused(for: model).first { throw InputError(unused, for: model.name) }
    let profile = try profile.operating(at: point)
    if predicts, model.predictionLayers == 0 {
      throw InputError(.usage, "--mtp: \(model.name) has no prediction layers, as its spec stands")
    }
    let model = predicts ? model.predicting : model
    let (plan, formats) = precision.plan(for: model)
    let (work, lengths) = try workload(for: model)
    let evaluator: Evaluator
    let load = try router?.load() ?? .balanced
    do {
      evaluator = try Evaluator(model: model, profile: profile, precision: plan, router: load)
    } catch {
      throw InputError(error, profile)
    }
    let deployment = try split.deployment(of: evaluator, over: try DeviceRequest(device), work)
    return Scenario(
      evaluator, work, convention: convention, outputLength: outputLength.map(Double.init), pricing: pricing,
      assumptions: model.warnings(length: work.length).map { .range($0) }
        + (model.defaults + profile.defaults).map { .taken($0) } + formats + lengths
        + (profile.point.isEmpty ? [] : [.operatingPoint(profile.point, clockHertz: profile.clockHertz)])
        + (deployment?.assumptions ?? []), deployed: deployment?.model)
  }

  /// The pass, and what was assumed for it.
  private func workload(for model: ModelSpec) throws(InputError) -> (Workload, [Assumption]) {
    var (work, assumptions) = try textWorkload(for: model)
    if model.isEncoder {
      guard phase == .prefill else {
        throw InputError(
          .usage, "\(model.name) is an encoder: it generates nothing; accepted: --phase prefill")
      }
      // Words are guessed everywhere.
      if model.head.result == .vocabulary { work.allLogits = true }
    }
    try readTowers(of: model, &work, &assumptions)
    return (work, assumptions)
  }

  /// The pass over the prompt's text alone.
  private func textWorkload(for model: ModelSpec) throws(InputError) -> (Workload, [Assumption]) {
    var assumptions: [Assumption] = []
    // A length nobody named stays within what the model was made for, the decoded token included.
    let longest = min(Self.usualLength, model.maxPositions ?? Self.usualLength)
    let batch = try Self.checked(batch, "--batch-size", from: 1)
    var work: Workload
    switch phase {
    case .prefill:
      let prefix = try Self.checked(contextLength ?? 0, "--context-len", from: 0)
      // A prompt behind a prefix ends where the model does, as long as there is room for any.
      let usual = max(1, min(longest, (model.maxPositions ?? .max) - Int(prefix)))
      if inputLength == nil { assumptions.append(.inputLength(usual)) }
      work = .prefill(
        batch: batch, inputLength: try Self.checked(inputLength ?? usual, "--input-len", from: 1),
        prefix: prefix)
    case .decode:
      let fallback = max(0, min(longest, (model.maxPositions ?? .max) - 1))
      if contextLength == nil {
        assumptions.append(inputLength == nil ? .contextLength(fallback) : .contextFromInput)
      }
      let length = contextLength ?? inputLength ?? fallback
      work = .decode(batch: batch, contextLength: try Self.checked(length, "--context-len", from: 0))
    }
    work.attention = attention
    work.latent = latent
    work.allLogits = logits == .all
    return (work, assumptions)
  }

  private static func checked(_ value: Int, _ name: String, from lowest: Int) throws(InputError) -> Double {
    guard (lowest...1_000_000_000).contains(value) else {
      throw InputError(.usage, "\(name) is \(value); accepted: \(lowest) to 1,000,000,000")
    }
    return Double(value)
  }
}

extension InputError {
  /// Why a model cannot be evaluated on a device, in a user's words.
  public init(_ error: EvaluationError, _ profile: HardwareProfile) {
    let words =
      switch error {
      case .levels(let count): "has \(count) memory levels; accepted: 1 to \(Machine.mostLevels)"
      case .notPositive(let name): "has no positive “\(name)”"
      case .noUnit(let format):
        "has no unit that computes \(format.name); its peaks: "
          + profile.peaks.map(\.format.name).joined(separator: ", ")
      }
    self.init(.data, "\(profile.name) \(words)")
  }
}
