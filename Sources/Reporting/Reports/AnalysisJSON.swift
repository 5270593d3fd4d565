import Calibration
import CostModel
import Specs

extension AnalysisReport {
  /// The contract's `rooftree/analysis/1`.
  static func json(_ prediction: Prediction) -> JSONValue {
    let (scenario, profile) = (prediction.scenario, prediction.profile)
    let all: JSONValue = .members(
      ("schema", .string("rooftree/analysis/1")),
      ("model", ModelReport.json(prediction.model, format: scenario.precision.kvCache)),
      ("hardware", HardwareRow.columns.json(HardwareRow(profile))), ("workload", workload(prediction)),
      ("memory", memory(prediction.memory, scenario, batch: scenario.largestBatch)),
      ("totals", totals(prediction)),
      ("operators", OperatorRow.columns(prediction).json(OperatorRow.rows(prediction))),
      ("experts", ExpertSection.json(scenario)),
      ("framework", prediction.pricing.map { .string($0.framework.name) } ?? .null),
      ("basis", .string(prediction.basis.rawValue)),
      ("assumptions", .array(scenario.assumptions.map { .string($0.text(for: prediction.model)) })))
    return all.with("deployment", DeploymentSection.json(prediction))
  }

  static func workload(_ prediction: Prediction) -> JSONValue {
    let scenario = prediction.scenario
    let (work, plan) = (scenario.workload, scenario.precision)
    return .members(
      ("phase", .string(work.phase.rawValue)), ("batch_size", .number(work.batch)),
      ("input_len", work.phase == .prefill ? .number(work.queries) : .null),
      ("output_len", scenario.outputLength.map { .number($0) } ?? .null),
      ("context_len", .number(work.prefix)), ("dtype", .string(plan.weights.name)),
      ("activation_dtype", .string(plan.activations.name)), ("kv_cache_dtype", .string(plan.kvCache.name)),
      ("attention", .string(prediction.attentionAlgorithm.rawValue)),
      ("operand_dtype", .string(scenario.evaluator.precision.operand.name)),
      ("attention_flops", .string(scenario.convention.rawValue))
    ).with("attention_dtype", plan.attention.map { .string($0.name) })
  }

  static func memory(_ memory: MemoryFootprint, _ scenario: Scenario, batch: Double) -> JSONValue {
    let reserved = scenario.evaluator.reservedCache(scenario.ownWorkload)
    let all: JSONValue = .members(
      ("weights_bytes", .number(memory.weightsBytes)), ("kv_cache_bytes", .number(memory.cacheBytes)),
      ("activations_bytes", .number(memory.activationsBytes)),
      ("total_bytes", .number(memory.totalBytes)),
      ("capacity_bytes", .number(memory.capacityBytes)), ("fits", .bool(memory.fits)),
      ("largest_batch_size", .number(batch)),
      ("longest_context_len", .number(Answer.longest(scenario))),
      ("left_bytes", .number(memory.leftBytes)), ("engine_reserve_bytes", .number(memory.engineReserveBytes)),
      ("recurrent_state_bytes", .number(memory.stateBytes)),
      (
        "reserved_kv_cache_bytes",
        .members(("vllm", .number(reserved.paged)), ("llama_cpp", .number(reserved.cells)))
      ))
    return all.with(
      "communication_bytes", scenario.deployed.map { _ in .number(memory.communicationBytes) })
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
      members += [
        .init("seconds_low", .number(totals.low)), .init("seconds_high", .number(totals.high)),
        .init("basis", .string(prediction.basis.rawValue)),
      ]
    }
    return .object(members)
  }

  /// Of every level, and of the link where there are several devices.
  static func bytes(_ cost: any Priced, _ prediction: Prediction) -> JSONValue {
    bytes(cost.traffic.total, prediction.profile)
      .with("link", prediction.scenario.deployed.map { _ in .number(cost.sentBytes) })
  }

  static func bytes(_ lanes: SIMD4<Double>, _ profile: HardwareProfile) -> JSONValue {
    .object(
      profile.levels.enumerated().map { JSONValue.Member($0.element.name, .number(lanes[$0.offset])) })
  }
}
