import ArgumentParser
import CostModel
import Reporting
import Specs

extension AttentionAlgorithm: ExpressibleByArgument {}
extension Workload.Phase: ExpressibleByArgument {}

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

  enum Logits: String, CaseIterable, ExpressibleByArgument { case last, all }

  static let defaultLength = 2048

  /// The workload of a phase and what was assumed for it.
  func workload(_ phase: Workload.Phase) throws -> (Workload, [String]) {
    var assumptions: [String] = []
    let batch = try checked(batchSize, "--batch-size", from: 1)
    var work: Workload
    switch phase {
    case .prefill:
      if inputLen == nil { assumptions.append("--input-len not given: \(Self.defaultLength) tokens") }
      let length = try checked(inputLen ?? Self.defaultLength, "--input-len", from: 1)
      let prefix = inputLen == nil ? 0 : try checked(contextLen ?? 0, "--context-len", from: 0)
      work = .prefill(batch: batch, inputLength: length, prefix: prefix)
    case .decode:
      let given = contextLen ?? inputLen
      if given == nil { assumptions.append("--context-len not given: \(Self.defaultLength) tokens") }
      if contextLen == nil, inputLen != nil {
        assumptions.append("--context-len not given: --input-len taken")
      }
      work = .decode(
        batch: batch, contextLength: try checked(given ?? Self.defaultLength, "--context-len", from: 0))
    }
    work.attention = attention
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
    precision: PrecisionRequest
  ) throws -> AnalysisInput {
    let (plan, precisionAssumptions) = precision.plan(for: model)
    let (work, workAssumptions) = try workload.workload(phase)
    guard let evaluator = Evaluator(model: model, profile: profile, precision: plan) else {
      throw InputError(
        .data,
        "\(profile.name) has no unit that computes \(plan.computeFormat(of: .linear).name); its peaks: "
          + profile.peaks.map(\.format.name).joined(separator: ", "))
    }
    var assumptions = precisionAssumptions + workAssumptions
    if let longest = model.maxPositions, work.length > Double(longest) {
      assumptions.append(
        "\(Units.whole(work.length)) tokens exceed the \(Units.whole(Double(longest))) that \(model.name) was made for"
      )
    }
    return AnalysisInput(
      evaluator: evaluator, workload: work, outputLength: workload.outputLen.map(Double.init),
      assumptions: assumptions)
  }
}
