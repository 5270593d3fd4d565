import ArgumentParser
import Calibration
import CostModel
import Reporting
import Specs

extension AttentionAlgorithm: ExpressibleByArgument {}
extension Workload.Phase: ExpressibleByArgument {}
extension AttentionConvention: ExpressibleByArgument {}
extension LatentForm: ExpressibleByArgument {}

/// The words of serving tools, with the spellings that other tools use.
struct WorkloadOptions: ParsableArguments {
  @Option(name: [.customShort("b"), .customLong("batch-size"), .customLong("batch")], help: "Sequences.")
  var batchSize: Int = 1

  @Option(name: [.customLong("input-len"), .customLong("isl")], help: "Prompt tokens of each sequence.")
  var inputLen: Int?

  @Option(name: [.customLong("output-len"), .customLong("osl")], help: "Tokens to generate.")
  var outputLen: Int?

  @Option(
    name: [.customLong("context-len"), .customLong("ctx")],
    help: "Tokens already in the cache of each sequence.")
  var contextLen: Int?

  @Option(help: "naive, flash or flash-decoding.")
  var attention: AttentionAlgorithm?

  @Option(help: "last: logits for the last position of each sequence; all: for every position.")
  var logits: Logits = .last

  @Option(help: "causal: count the pairs that the mask allows; full: unhalved, as some publications do.")
  var attentionFlops: AttentionConvention = .causal

  @Option(help: "Latent attention: naive or absorbed (default: naive in prefill, absorbed in decode).")
  var latent: LatentForm?

  @Option(help: "Load on the experts: balanced, zipf:α, or measured:FILE with a token count per expert.")
  var router: String = "balanced"

  @OptionGroup var parallelism: ParallelismOptions

  enum Logits: String, CaseIterable, ExpressibleByArgument { case last, all }

  static let defaultLength = 2048

  /// The workload of a phase and what was assumed for it.
  func workload(_ phase: Workload.Phase, for model: ModelSpec) throws -> (Workload, [String]) {
    try parallelism.check()
    var assumptions: [String] = []
    // A length nobody named stays within what the model was made for, the decoded token included.
    let longest = min(Self.defaultLength, model.maxPositions ?? Self.defaultLength)
    let batch = try checked(batchSize, "--batch-size", from: 1)
    var work: Workload
    switch phase {
    case .prefill:
      if inputLen == nil {
        assumptions.append("--input-len not given: \(Units.whole(Double(longest))) tokens")
      }
      let length = try checked(inputLen ?? longest, "--input-len", from: 1)
      let prefix = inputLen == nil ? 0 : try checked(contextLen ?? 0, "--context-len", from: 0)
      work = .prefill(batch: batch, inputLength: length, prefix: prefix)
    case .decode:
      let given = contextLen ?? inputLen
      let fallback = max(0, min(longest, (model.maxPositions ?? .max) - 1))
      if given == nil {
        assumptions.append("--context-len not given: \(Units.whole(Double(fallback))) tokens")
      }
      if contextLen == nil, inputLen != nil {
        assumptions.append("--context-len not given: --input-len taken")
      }
      work = .decode(
        batch: batch, contextLength: try checked(given ?? fallback, "--context-len", from: 0))
    }
    work.attention = attention
    work.latent = latent
    work.allLogits = logits == .all
    return (work, assumptions)
  }

  private func checked(_ value: Int, _ name: String, from lowest: Int) throws -> Double {
    guard (lowest...1_000_000_000).contains(value) else {
      throw InputError(.usage, "\(name) is \(value); accepted: \(lowest) to 1,000,000,000")
    }
    return Double(value)
  }
}

struct CalibrationOptions: ParsableArguments {
  @Option(help: "A calibration: a file, or a device of the catalogue. Times get an 80 % interval.")
  var calibration: String?

  @Option(help: "Software whose kernels run: vllm, trtllm or sglang; takes the shipped calibration.")
  var framework: Framework?

  enum Framework: String, CaseIterable, ExpressibleByArgument { case vllm, trtllm, sglang }

  /// A device's fits and whose kernels run; nil where neither was asked for.
  func choice(for profile: HardwareProfile) throws -> (predictor: Predictor, framework: Calibration.Framework)? {
    guard calibration != nil || framework != nil else { return nil }
    let found = try calibration.map(Calibrations.find) ?? Calibrations.shipped(for: profile)
    guard let predictor = Predictor(found, on: profile) else {
      throw InputError(.missing, "no calibration carries over to \(profile.name)")
    }
    let measured = found.groups.map(\.group.framework)
    let usual = measured.contains(.vllm) ? .vllm : measured.first ?? .vllm
    return (predictor, framework.map { Calibration.Framework($0.rawValue) } ?? usual)
  }
}

/// One device for now: more than one is refused rather than priced as one.
struct ParallelismOptions: ParsableArguments {
  @Option(name: [.customLong("tensor-parallel-size"), .customLong("tp")], help: "Only 1 for now.")
  var tensorParallel = 1
  @Option(name: [.customLong("pipeline-parallel-size"), .customLong("pp")], help: "Only 1 for now.")
  var pipelineParallel = 1
  @Option(name: [.customLong("expert-parallel-size"), .customLong("ep")], help: "Only 1 for now.")
  var expertParallel = 1
  @Option(name: [.customLong("data-parallel-size"), .customLong("dp")], help: "Only 1 for now.")
  var dataParallel = 1

  func check() throws {
    for (name, value) in [
      ("--tp", tensorParallel), ("--pp", pipelineParallel), ("--ep", expertParallel), ("--dp", dataParallel),
    ] where value != 1 {
      throw InputError(.usage, "\(name) is \(value); parallelism is not modelled yet, accepted: 1")
    }
  }
}

struct PrecisionOptions: ParsableArguments {
  @Option(help: "Number format of weights, activations and cache (bf16, fp16, fp8, int4, q4_k, …).")
  var dtype: String?

  @Option(
    name: [.customLong("quantization"), .customLong("weight-dtype")],
    help: "Number format of the weights alone.")
  var quantization: String?

  @Option(
    name: [.customLong("act-dtype"), .customLong("activation-dtype")], help: "Number format of activations.")
  var activationDtype: String?

  @Option(help: "Number format of the KV cache.")
  var kvCacheDtype: String?

  func request() throws -> PrecisionRequest {
    PrecisionRequest(
      dtype: try dtype.map(NumberFormat.named), weights: try quantization.map(NumberFormat.named),
      activations: try activationDtype.map(NumberFormat.named),
      cache: try kvCacheDtype.map(NumberFormat.named))
  }
}

extension AnalysisInput {
  /// A model in a precision on a device, asked about a workload.
  static func make(
    model: ModelSpec, profile: HardwareProfile, phase: Workload.Phase, workload: WorkloadOptions,
    precision: PrecisionRequest, calibration: CalibrationOptions
  ) throws -> AnalysisInput {
    let (plan, precisionAssumptions) = precision.plan(for: model)
    let (work, workAssumptions) = try workload.workload(phase, for: model)
    let router = try RouterRequest.read(workload.router)
    let evaluator: Evaluator
    do {
      evaluator = try Evaluator(model: model, profile: profile, precision: plan, router: router)
    } catch {
      throw InputError(error, profile)
    }
    let warnings = PositionSection.warnings(model, length: work.length)
    return AnalysisInput(
      evaluator: evaluator, workload: work, outputLength: workload.outputLen.map(Double.init),
      convention: workload.attentionFlops,
      fitted: try calibration.choice(for: profile).map {
        FittedPricing($0.predictor, framework: $0.framework, for: evaluator)
      },
      assumptions: warnings + precisionAssumptions + workAssumptions)
  }
}

extension InputError {
  /// Why a model cannot be evaluated on a device, in a user's words.
  init(_ error: EvaluationError, _ profile: HardwareProfile) {
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
