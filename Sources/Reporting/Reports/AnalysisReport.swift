import Calibration
import CostModel

/// Fitted parameters that replace ideal rates.
public struct CalibrationChoice: Sendable {
  public var predictor: Predictor
  public var framework: String

  public init(predictor: Predictor, framework: String) {
    self.predictor = predictor
    self.framework = framework
  }
}

/// What one analysis is about, and what was assumed to make it.
public struct AnalysisInput: Sendable {
  public var evaluator: Evaluator
  public var workload: Workload
  public var outputLength: Double?
  public var convention: AttentionConvention
  public var calibration: CalibrationChoice?
  public var assumptions: [String]

  /// The pass, calibrated where that was asked for.
  var result: (analysis: Analysis, calibrated: CalibratedAnalysis?) {
    let ideal = evaluator.analyze(workload, counting: convention)
    guard let calibration else { return (ideal, nil) }
    let calibrated = calibration.predictor.apply(
      to: ideal, model: evaluator.model, precision: evaluator.precision, framework: calibration.framework)
    return (calibrated.analysis, calibrated)
  }

  var totals: Totals { calibration == nil ? evaluator.totals(workload) : result.analysis.totals }

  /// Of the whole pass, calibrated.
  var interval: (low: Double, high: Double)? { result.calibrated.map { ($0.totalLow, $0.totalHigh) } }

  public init(
    evaluator: Evaluator, workload: Workload, outputLength: Double?,
    convention: AttentionConvention = .causal,
    calibration: CalibrationChoice? = nil, assumptions: [String]
  ) {
    self.evaluator = evaluator
    self.workload = workload
    self.outputLength = outputLength
    self.convention = convention
    self.calibration = calibration
    self.assumptions = assumptions
  }
}

/// `analyze`: a model on a device, operator by operator.
public enum AnalysisReport {
  public static func document(_ input: AnalysisInput, explain: Bool = false) -> Document {
    let evaluator = input.evaluator
    let (analysis, calibrated) = input.result
    let memory = evaluator.memory(input.workload)
    var blocks: [Document.Block] = []
    if let warning = Describe.provenanceWarning(evaluator.model) { blocks.append(.paragraph(warning)) }
    blocks.append(.table(operatorTable(analysis, evaluator)))
    blocks.append(.paragraph(summary(analysis, evaluator, calibrated, input.calibration?.predictor)))
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
      blocks: blocks, records: records(analysis, evaluator, calibrated),
      json: json(input, analysis: analysis, calibrated: calibrated, memory: memory),
      charts: { AnalysisCharts.analyze(input, analysis: analysis, memory: memory) })
  }

  static func name(_ op: PricedOperator, in model: ModelSpec) -> String {
    let base = op.op.kind.name
    guard op.op.layerKind >= 0, model.kinds.count > 1 else { return base }
    return "\(base) (\(model.kinds[op.op.layerKind].name))"
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
      [name(op, in: evaluator.model), Units.whole(op.op.layers), Units.flops(op.flops).dropping("FLOP")]
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
        [nil, op.op.layers, op.flops] + shown.map { op.traffic.total[$0.offset] }
          + [op.arithmeticIntensity, op.seconds, nil, nil]
      } + [
        [nil, nil, totals.flops] + shown.map { totals.traffic.total[$0.offset] }
          + [totals.arithmeticIntensity, totals.seconds, nil, nil]
      ]
    return table
  }

  private static func summary(
    _ analysis: Analysis, _ evaluator: Evaluator, _ calibrated: CalibratedAnalysis?, _ predictor: Predictor?
  ) -> String {
    let totals = analysis.totals
    let work = analysis.workload
    let speed =
      work.phase == .prefill
      ? "\(Units.seconds(totals.seconds)) to the first token, \(Units.whole(work.tokens / totals.seconds)) prompt tokens/s"
      : "\(Units.seconds(totals.seconds)) per output token, \(Units.whole(work.tokens / totals.seconds)) tokens/s in all"
    var text: String
    if let calibrated, let predictor {
      let standing =
        predictor.carriesOver ? "extrapolated from runs of \(predictor.calibration.hardware)" : "calibrated"
      text =
        "\(speed.prefix(1).uppercased() + speed.dropFirst()), \(standing); the 80 % interval is"
        + " \(Units.seconds(calibrated.totalLow)) to \(Units.seconds(calibrated.totalHigh))."
      let unmeasured = calibrated.share(of: .upperBound)
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
    if model.kinds.contains(where: { if case .latent = $0.layer.mixer { true } else { false } }) {
      list.append("latent attention: \(input.workload.latentForm.rawValue) form")
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
    if let calibration = input.calibration {
      let predictor = calibration.predictor
      list.append(
        "calibration of \(predictor.calibration.origin) for \(calibration.framework)"
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
    _ analysis: Analysis, _ evaluator: Evaluator, _ calibrated: CalibratedAnalysis?
  ) -> Records {
    let levels = Array(evaluator.profile.levels.enumerated())
    let columns =
      ["operator", "kind", "layers", "flops", "matmul_flops"]
      + levels.flatMap { ["\($0.element.name)_read_bytes", "\($0.element.name)_write_bytes"] }
      + ["arithmetic_intensity", "seconds", "bound"]
      + (calibrated == nil ? [] : ["seconds_low", "seconds_high", "basis"])
    return Records(
      columns: columns,
      rows: analysis.operators.enumerated().map { index, op in
        [
          .string(name(op, in: evaluator.model)), .string(op.op.kind.category), .number(op.op.layers),
          .number(op.flops), .number(op.matmulFLOPs),
        ]
          + levels.flatMap {
            [.number(op.traffic.reads[$0.offset]), .number(op.traffic.writes[$0.offset])]
          } + [
            .number(op.arithmeticIntensity), .number(op.seconds), .string(op.bound.name(evaluator.profile)),
          ]
          + (calibrated.map {
            [.number($0.low[index]), .number($0.high[index]), .string($0.basis[index].rawValue)]
          } ?? [])
      })
  }
}

extension String {
  /// `1.2 GFLOP` → `1.2 G`, under a heading that says FLOPs.
  fileprivate func dropping(_ suffix: String) -> String {
    hasSuffix(suffix) ? String(dropLast(suffix.count)) : self
  }
}
