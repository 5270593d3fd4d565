import Calibration
import CostModel

extension AnalysisReport {
  /// The contract's `rooftree/analysis/1`.
  static func json(_ input: AnalysisInput) -> JSONValue {
    let (evaluator, analysis, isFitted) = (input.evaluator, input.analysis, input.fitted != nil)
    return .members(
      ("schema", .string("rooftree/analysis/1")),
      ("model", ModelReport.modelJSON(evaluator.model, format: evaluator.precision.kvCache)),
      ("hardware", hardware(evaluator.profile)), ("workload", workload(input)),
      ("memory", self.memory(input.memory, input)),
      ("totals", totals(analysis.totals, evaluator.profile, input.workload, isFitted: isFitted)),
      (
        "operators",
        .array(
          analysis.operators.map { op in
            members(
              ("name", .string(name(op, in: evaluator.model))), ("kind", .string(op.call.kind.category)),
              ("layers", .number(op.call.layers)), ("flops", .number(op.flops)),
              ("matmul_flops", .number(op.matmulFLOPs)),
              ("bytes", bytes(op.traffic.total, evaluator.profile)),
              ("read_bytes", bytes(op.traffic.reads, evaluator.profile)),
              ("write_bytes", bytes(op.traffic.writes, evaluator.profile)),
              ("seconds", .number(op.seconds)), ("bound", .string(op.bound.name(evaluator.profile))),
              ("arithmetic_intensity", .number(op.arithmeticIntensity)),
              and: isFitted
                ? [
                  ("seconds_low", .number(op.time.low)), ("seconds_high", .number(op.time.high)),
                  ("basis", .string(op.time.basis.rawValue)),
                ] : nil)
          })
      ), ("experts", ExpertSection.json(input)), ("prediction", .string(prediction(input))),
      ("assumptions", .array(input.assumptions.map { .string($0) })))
  }

  /// Members, and some more where they apply.
  private static func members(
    _ pairs: (String, JSONValue)..., and more: [(String, JSONValue)]?
  ) -> JSONValue {
    .object((pairs + (more ?? [])).map { JSONValue.Member($0.0, $0.1) })
  }

  private static func prediction(_ input: AnalysisInput) -> String {
    guard let fitted = input.fitted else { return "upper_bound" }
    return fitted.predictor.carriesOver ? "carried_over" : "calibrated"
  }

  static func hardware(_ profile: HardwareProfile) -> JSONValue {
    .members(
      ("name", .string(profile.name)), ("title", .string(profile.title)), ("vendor", .string(profile.vendor)),
      ("cores", .number(Double(profile.cores))),
      (
        "memory",
        .array(
          profile.levels.map {
            .members(
              ("name", .string($0.name)), ("capacity_bytes", .number($0.capacityBytes)),
              ("bytes_per_second", .number($0.bytesPerSecond)), ("per_core", .bool($0.perCore)))
          })
      ),
      (
        "peaks",
        .object(
          profile.peaks.map { JSONValue.Member($0.format.name, .number($0.flopsPerSecond)) })
      ), ("vector_flops_per_second", .number(profile.vectorFLOPsPerSecond)))
  }

  private static func workload(_ input: AnalysisInput) -> JSONValue {
    let work = input.workload
    let plan = input.evaluator.precision
    return .members(
      ("phase", .string(work.phase.rawValue)), ("batch_size", .number(work.batch)),
      ("input_len", work.phase == .prefill ? .number(work.queries) : .null),
      ("output_len", input.outputLength.map { .number($0) } ?? .null),
      ("context_len", .number(work.prefix)), ("dtype", .string(plan.weights.name)),
      ("activation_dtype", .string(plan.activations.name)), ("kv_cache_dtype", .string(plan.kvCache.name)),
      ("attention", .string(work.attentionAlgorithm.rawValue)),
      ("operand_dtype", .string(plan.operand.name)),
      ("attention_flops", .string(input.convention.rawValue)))
  }

  static func memory(_ memory: MemoryFootprint, _ input: AnalysisInput) -> JSONValue {
    let work = input.workload
    let evaluator = input.evaluator
    return .members(
      ("weights_bytes", .number(memory.weightsBytes)), ("kv_cache_bytes", .number(memory.cacheBytes)),
      ("activations_bytes", .number(memory.activationsBytes)),
      ("total_bytes", .number(memory.totalBytes)),
      ("capacity_bytes", .number(memory.capacityBytes)), ("fits", .bool(memory.fits)),
      ("recurrent_state_bytes", .number(memory.stateBytes)),
      (
        "reserved_kv_cache_bytes",
        .members(
          (
            "vllm",
            .number(
              ReservedCache.paged(
                evaluator.model, batch: work.batch, length: work.length, precision: evaluator.precision))
          ),
          (
            "llama_cpp",
            .number(
              ReservedCache.cells(
                evaluator.model, batch: work.batch, length: work.length, precision: evaluator.precision))
          ))
      ))
  }

  static func totals(
    _ totals: Totals, _ profile: HardwareProfile, _ work: Workload, isFitted: Bool
  ) -> JSONValue {
    members(
      ("flops", .number(totals.flops)), ("matmul_flops", .number(totals.matmulFLOPs)),
      ("bytes", bytes(totals.traffic.total, profile)), ("read_bytes", bytes(totals.traffic.reads, profile)),
      ("write_bytes", bytes(totals.traffic.writes, profile)), ("seconds", .number(totals.seconds)),
      ("arithmetic_intensity", .number(totals.arithmeticIntensity)),
      ("bound", .string(totals.bound.name(profile))),
      ("tokens_per_second", .number(work.tokens / totals.seconds)),
      and: isFitted ? [("seconds_low", .number(totals.low)), ("seconds_high", .number(totals.high))] : nil)
  }

  static func bytes(_ lanes: SIMD4<Double>, _ profile: HardwareProfile) -> JSONValue {
    .object(
      profile.levels.enumerated().map { JSONValue.Member($0.element.name, .number(lanes[$0.offset])) })
  }
}
