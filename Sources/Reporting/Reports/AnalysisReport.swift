import Calibration
import CostModel

/// What one analysis is about, and what was assumed to make it.
public struct AnalysisInput: Sendable {
  public var evaluator: Evaluator
  public var workload: Workload
  public var outputLength: Double?
  public var convention: AttentionConvention
  /// What replaces ideal rates; nil leaves the roofline.
  public let fitted: FittedPricing?
  public var assumptions: [String]
  /// The pass, calibrated where that was asked for.
  public internal(set) var analysis: Analysis
  public let memory: MemoryFootprint

  var totals: Totals { analysis.totals }

  public init(
    evaluator: Evaluator, workload: Workload, outputLength: Double?,
    convention: AttentionConvention = .causal,
    fitted: FittedPricing? = nil, assumptions: [String]
  ) {
    self.evaluator = evaluator
    self.workload = workload
    self.outputLength = outputLength
    self.convention = convention
    self.fitted = fitted
    self.assumptions = assumptions
    let analysis = fitted.map { evaluator.analyze(workload, by: $0) } ?? evaluator.analyze(workload)
    self.analysis = analysis.counting(convention)
    memory = evaluator.memory(workload)
  }
}

/// `analyze`: a model on a device, operator by operator.
public enum AnalysisReport {
  public static func document(_ input: AnalysisInput, explain: Bool = false) -> Document {
    let evaluator = input.evaluator
    let analysis = input.analysis
    let memory = input.memory
    var blocks: [Document.Block] = []
    if let warning = Describe.provenanceWarning(evaluator.model) { blocks.append(.paragraph(warning)) }
    blocks.append(.table(operatorTable(analysis, evaluator)))
    blocks.append(.paragraph(summary(analysis, evaluator, input.fitted?.predictor)))
    blocks.append(.heading("Memory"))
    blocks.append(.paragraph(memorySentence(memory)))
    blocks.append(.paragraph(reserved(input)))
    blocks += AttentionSection.blocks(input) + ExpertSection.blocks(input)
    if explain {
      blocks.append(.heading("Formulas"))
      blocks.append(.lines(Explanation.lines(analysis, evaluator, memory)))
    }
    blocks.append(.heading("Device"))
    blocks.append(.paragraph(Describe.hardware(evaluator.profile)))
    blocks.append(.heading("Assumptions"))
    blocks.append(.list(assumptions(input)))
    return Document(
      title:
        "\(evaluator.model.title) on \(evaluator.profile.title): \(Describe.workload(input.workload))",
      blocks: blocks, records: records(input),
      json: json(input),
      charts: { AnalysisCharts.analyze(input) })
  }

  static func name(_ op: PricedOperator, in model: ModelSpec) -> String {
    let base = op.call.kind.name
    guard case .kind(let index) = op.call.place, model.kinds.count > 1 else { return base }
    return "\(base) (\(model.kinds[index].name))"
  }

  private static func operatorTable(_ analysis: Analysis, _ evaluator: Evaluator) -> Table {
    let profile = evaluator.profile
    let shown = Array(profile.levels.prefix(2).enumerated())
    var columns: [(title: String, alignment: Table.Alignment)] = [
      ("operator", .left), ("layers", .right), ("FLOPs", .right),
    ]
    columns += shown.map { ("\($0.element.name) bytes", .right) }
    columns += [("FLOP/B", .right), ("time", .right), ("share", .right), ("bound", .left)]
    var rows = analysis.operators.map { op in
      [name(op, in: evaluator.model), Units.whole(op.call.layers), Units.flops(op.flops).dropping("FLOP")]
        + shown.map { Units.traffic(op.traffic.total[$0.offset]) }
        + [
          Units.plain(op.arithmeticIntensity), Units.seconds(op.seconds),
          Units.percent(op.seconds / analysis.totals.seconds), op.bound.name(profile),
        ]
    }
    let totals = analysis.totals
    rows.append(
      ["total", "", Units.flops(totals.flops).dropping("FLOP")]
        + shown.map { Units.traffic(totals.traffic.total[$0.offset]) }
        + [
          Units.plain(totals.arithmeticIntensity), Units.seconds(totals.seconds), "",
          totals.bound.name(profile),
        ])
    var table = Table(columns: columns, rows: rows, hasTotal: true)
    table.numbers =
      analysis.operators.map { op -> [Double?] in
        [nil, op.call.layers, op.flops] + shown.map { op.traffic.total[$0.offset] }
          + [op.arithmeticIntensity, op.seconds, nil, nil]
      } + [
        [nil, nil, totals.flops] + shown.map { totals.traffic.total[$0.offset] }
          + [totals.arithmeticIntensity, totals.seconds, nil, nil]
      ]
    return table
  }

  private static func summary(
    _ analysis: Analysis, _ evaluator: Evaluator, _ predictor: Predictor?
  ) -> String {
    let totals = analysis.totals
    let work = analysis.workload
    let speed =
      work.phase == .prefill
      ? "\(Units.seconds(totals.seconds)) to the first token, \(Units.whole(work.tokens / totals.seconds)) prompt tokens/s"
      : "\(Units.seconds(totals.seconds)) per output token, \(Units.whole(work.tokens / totals.seconds)) tokens/s in all"
    var text: String
    if let predictor {
      let standing =
        predictor.carriesOver ? "extrapolated from runs of \(predictor.calibration.hardware)" : "calibrated"
      text =
        "\(speed.prefix(1).uppercased() + speed.dropFirst()), \(standing); the 80 % interval is"
        + " \(Units.seconds(totals.low)) to \(Units.seconds(totals.high))."
      let unmeasured = analysis.share(of: .upperBound)
      if unmeasured > 0.01 {
        text +=
          " \(Units.percent(unmeasured)) of the time is of operators without a measured kernel: their roofline."
      }
    } else {
      text = "At best \(speed): a roofline without calibration is an upper bound on speed."
    }
    text +=
      " \(Units.percent(totals.secondsByBound[totals.bound.index] / totals.seconds)) of the time is spent under"
      + " the \(totals.bound.name(evaluator.profile)) bound."
    if let ridge = evaluator.profile.ridgePoint(evaluator.precision.computeFormat(of: .linear)),
      let far = evaluator.profile.levels.first
    {
      text +=
        " Arithmetic intensity \(Units.plain(totals.arithmeticIntensity)) FLOP/B against a ridge point of"
        + " \(Units.plain(ridge)) FLOP/B (\(far.name))."
    }
    return text
  }

  static func memorySentence(_ memory: MemoryFootprint) -> String {
    "Weights \(Units.memory(memory.weightsBytes)), KV cache \(Units.memory(memory.cacheBytes)), activations"
      + " \(Units.memory(memory.activationsBytes)): \(Units.memory(memory.totalBytes)) of"
      + " \(Units.memory(memory.capacityBytes)), "
      + (memory.fits
        ? "fits."
        : "does not fit: \(Units.whole((memory.totalBytes / memory.capacityBytes).rounded(.up))) such devices"
          + " hold it at least.")
  }

  /// What engines set aside for the same cache.
  private static func reserved(_ input: AnalysisInput) -> String {
    let work = input.workload
    let evaluator = input.evaluator
    let paged = ReservedCache.paged(
      evaluator.model, batch: work.batch, length: work.length, precision: evaluator.precision)
    let cells = ReservedCache.cells(
      evaluator.model, batch: work.batch, length: work.length, precision: evaluator.precision)
    return
      "The cache is what the architecture needs; engines reserve more: vLLM \(Units.memory(paged)) (pages of 16"
      + " tokens, every attention layer at full length), llama.cpp \(Units.memory(cells)) (cells in steps of 256, a"
      + " window and a micro-batch of 512 for sliding layers)."
  }

  private static func assumptions(_ input: AnalysisInput) -> [String] {
    var list = input.assumptions
    let model = input.evaluator.model
    list.append(
      "attention: \(input.workload.attentionAlgorithm.rawValue); FLOPs "
        + (input.convention == .causal
          ? "of the pairs that the causal mask allows" : "unhalved, every query against every key"))
    for (kind, form) in [(OperatorKind.latentExpansion, LatentForm.naive), (.queryAbsorption, .absorbed)]
    where input.analysis.operators.contains(where: { $0.call.kind == kind }) {
      list.append("latent attention: \(form.rawValue) form")
    }
    if model.stateBytes(batch: 1, activations: .bf16) > 0 {
      list.append("recurrent states are kept in fp32, convolution tails like activations")
    }
    if model.kinds.contains(where: { if case .mixture = $0.layer.feedForward { true } else { false } }) {
      list.append(ExpertSection.assumption(input.evaluator.router))
    }
    for unit in [MatrixUnit.linear, .attention] {
      let wanted = input.evaluator.precision.computeFormat(of: unit)
      if let used = input.evaluator.profile.unit(for: wanted), used.format != wanted {
        list.append(
          "\(input.evaluator.profile.name) has no \(wanted.name) unit: computed at its \(used.format.name) rate"
        )
      }
    }
    if let fitted = input.fitted {
      let predictor = fitted.predictor
      list.append(
        "calibration of \(predictor.calibration.origin) for \(fitted.framework.name)"
          + (predictor.carriesOver
            ? ", carried over to \(input.evaluator.profile.name) by its physical quantities: intervals widened"
            : ""))
      list.append(
        "operators without a measured kernel keep their roofline time; fp8 products include quantising")
    }
    list.append("each kernel reads its inputs from far memory and writes its result there")
    return list.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  private static func records(
    _ input: AnalysisInput
  ) -> Records {
    let (analysis, evaluator) = (input.analysis, input.evaluator)
    let levels = Array(evaluator.profile.levels.enumerated())
    let columns =
      ["operator", "kind", "layers", "flops", "matmul_flops"]
      + levels.flatMap { ["\($0.element.name)_read_bytes", "\($0.element.name)_write_bytes"] }
      + ["arithmetic_intensity", "seconds", "bound"]
      + (input.fitted == nil ? [] : ["seconds_low", "seconds_high", "basis"])
    return Records(
      columns: columns,
      rows: analysis.operators.map { op in
        [
          .string(name(op, in: evaluator.model)), .string(op.call.kind.category), .number(op.call.layers),
          .number(op.flops), .number(op.matmulFLOPs),
        ]
          + levels.flatMap {
            [.number(op.traffic.reads[$0.offset]), .number(op.traffic.writes[$0.offset])]
          } + [
            .number(op.arithmeticIntensity), .number(op.seconds), .string(op.bound.name(evaluator.profile)),
          ]
          + (input.fitted == nil
            ? [] : [.number(op.time.low), .number(op.time.high), .string(op.time.basis.rawValue)])
      })
  }
}

extension String {
  /// `1.2 GFLOP` → `1.2 G`, under a heading that says FLOPs.
  fileprivate func dropping(_ suffix: String) -> String {
    hasSuffix(suffix) ? String(dropLast(suffix.count)) : self
  }
}
