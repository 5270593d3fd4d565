import Calibration
import CostModel
import Specs

extension AnalysisReport {
  /// The contract's `rooftree/analysis/1`.
  static func json(_ prediction: Prediction) -> JSONValue {
    let (scenario, profile) = (prediction.scenario, prediction.profile)
    return .members(
      ("schema", .string("rooftree/analysis/1")),
      ("model", ModelReport.json(prediction.model, format: scenario.precision.kvCache)),
      ("hardware", HardwareRow.columns.json(HardwareRow(profile))), ("workload", workload(scenario)),
      ("deployment", DeploymentSection.json(prediction)),
      ("memory", memory(prediction)), ("totals", totals(prediction)),
      ("operators", OperatorRow.columns(prediction).json(OperatorRow.rows(prediction))),
      ("experts", ExpertSection.json(scenario)), ("prediction", .string(standing(prediction))),
      ("assumptions", .array(scenario.assumptions.map { .string($0.text(for: prediction.model)) })))
  }

  private static func standing(_ prediction: Prediction) -> String {
    guard let fitted = prediction.pricing else { return Basis.upperBound.rawValue }
    return (fitted.predictor.carriesOver ? Basis.carriedOver : .calibrated).rawValue
  }

  private static func workload(_ scenario: Scenario) -> JSONValue {
    let (work, plan) = (scenario.workload, scenario.precision)
    return .members(
      ("phase", .string(work.phase.rawValue)), ("batch_size", .number(work.batch)),
      ("input_len", work.phase == .prefill ? .number(work.queries) : .null),
      ("output_len", scenario.outputLength.map { .number($0) } ?? .null),
      ("context_len", .number(work.prefix)), ("dtype", .string(plan.weights.name)),
      ("activation_dtype", .string(plan.activations.name)), ("kv_cache_dtype", .string(plan.kvCache.name)),
      ("attention", .string(work.attentionAlgorithm.rawValue)),
      ("operand_dtype", .string(plan.operand.name)),
      ("attention_flops", .string(scenario.convention.rawValue)))
  }

  private static func memory(_ prediction: Prediction) -> JSONValue {
    let memory = prediction.memory
    let reserved = prediction.scenario.evaluator.reservedCache(prediction.scenario.ownWorkload)
    return .members(
      ("weights_bytes", .number(memory.weightsBytes)), ("kv_cache_bytes", .number(memory.cacheBytes)),
      ("activations_bytes", .number(memory.activationsBytes)),
      (
        "communication_bytes",
        prediction.scenario.deployed == nil ? .null : .number(memory.communicationBytes)
      ),
      ("total_bytes", .number(memory.totalBytes)),
      ("capacity_bytes", .number(memory.capacityBytes)), ("fits", .bool(memory.fits)),
      ("recurrent_state_bytes", .number(memory.stateBytes)),
      (
        "reserved_kv_cache_bytes",
        .members(("vllm", .number(reserved.paged)), ("llama_cpp", .number(reserved.cells)))
      ))
  }

  private static func totals(_ prediction: Prediction) -> JSONValue {
    let (totals, profile) = (prediction.totals, prediction.profile)
    var members: [JSONValue.Member] = [
      .init("flops", .number(totals.flops)), .init("matmul_flops", .number(totals.matmulFLOPs)),
      .init("bytes", bytes(totals, prediction)),
      .init("read_bytes", bytes(totals.traffic.reads, profile)),
      .init("write_bytes", bytes(totals.traffic.writes, profile)), .init("seconds", .number(totals.seconds)),
      .init("arithmetic_intensity", .number(totals.arithmeticIntensity)),
      .init("bound", .string(totals.bound.name(profile))),
      .init("bound_seconds", .number(totals.floor.seconds)),
      .init("bound_by", .string(totals.floor.by.name(profile))),
      .init("kernel_bound_seconds", .number(totals.kernelFloor)),
      .init("tokens_per_second", .number(prediction.tokensPerSecond)),
    ]
    if prediction.pricing != nil {
      members += [.init("seconds_low", .number(totals.low)), .init("seconds_high", .number(totals.high))]
    }
    return .object(members)
  }

  /// Of every level, and of the link where there are several devices.
  static func bytes(_ cost: any Priced, _ prediction: Prediction) -> JSONValue {
    guard case .object(var members) = bytes(cost.traffic.total, prediction.profile) else { return .null }
    if prediction.scenario.deployed != nil { members.append(.init("link", .number(cost.sentBytes))) }
    return .object(members)
  }

  static func bytes(_ lanes: SIMD4<Double>, _ profile: HardwareProfile) -> JSONValue {
    .object(
      profile.levels.enumerated().map { JSONValue.Member($0.element.name, .number(lanes[$0.offset])) })
  }
}
