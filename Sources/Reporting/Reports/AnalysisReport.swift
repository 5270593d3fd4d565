import Calibration
import CostModel
import Specs

/// `analyze`: a model on a device, operator by operator.
public enum AnalysisReport {
  /// - Parameter explain: each figure's formula with its values.
  public static func document(_ prediction: Prediction, explain: Bool = false) -> Document {
    Document(
      title:
        "\(prediction.model.title) on \(prediction.profile.title): "
        + Describe.workload(prediction.scenario.workload),
      records: Records(OperatorRow.columns(prediction), OperatorRow.rows(prediction)),
      json: json(prediction), charts: { AnalysisCharts.analyze(prediction) }
    ) { blocks(prediction, explain: explain) }
  }

  private static func blocks(_ prediction: Prediction, explain: Bool) -> [Document.Block] {
    var blocks: [Document.Block] = []
    if let warning = Describe.provenanceWarning(prediction.model) { blocks.append(.paragraph(warning)) }
    let table = OperatorRow.columns(prediction).table(
      OperatorRow.rows(prediction), total: OperatorRow(name: "total", cost: prediction.totals), sortable: true
    )
    blocks += [.table(table), .paragraph(summary(prediction))] + DeploymentSection.blocks(prediction)
    blocks += [
      .heading(prediction.scenario.deployed == nil ? "Memory" : "Memory of the fullest device"),
      .paragraph(memorySentence(prediction)), .paragraph(reserved(prediction.scenario)),
    ]
    blocks += AttentionSection.blocks(prediction.scenario) + ExpertSection.blocks(prediction.scenario)
    if explain { blocks += [.heading("Formulas"), .lines(Explanation.lines(prediction))] }
    return blocks + [
      .heading("Device"), .paragraph(Describe.hardware(prediction.profile)), .heading("Assumptions"),
      .list(assumptions(prediction)),
    ]
  }

  private static func summary(_ prediction: Prediction) -> String {
    let (analysis, profile, totals) = (prediction.analysis, prediction.profile, prediction.totals)
    let rate = Units.whole(prediction.tokensPerSecond)
    let speed =
      analysis.workload.phase == .prefill
      ? "\(Units.seconds(prediction.latency)) to the first token, \(rate) prompt tokens/s"
      : "\(Units.seconds(prediction.latency)) per output token, \(rate) tokens/s in all"
    var text: String
    if let predictor = prediction.pricing?.predictor {
      let standing =
        predictor.carriesOver ? "extrapolated from runs of \(predictor.calibration.hardware)" : "calibrated"
      text =
        "\(speed.prefix(1).uppercased() + speed.dropFirst()), \(standing); the 80 % interval is"
        + " \(Units.seconds(prediction.low)) to \(Units.seconds(prediction.high)). At best"
        + " \(Units.seconds(totals.floor.seconds)), or \(Units.seconds(totals.kernelFloor)) kernel by kernel."
      let unmeasured = analysis.share(of: .upperBound)
      if unmeasured > 0.01 {
        text +=
          " \(Units.percent(unmeasured)) of the time is of operators without a measured kernel: their roofline."
      }
    } else {
      text =
        "\(speed.prefix(1).uppercased() + speed.dropFirst()) under ideal roofs, without calibration. At best"
        + " \(Units.seconds(totals.floor.seconds)), fused and overlapped, or \(Units.seconds(totals.kernelFloor)) kernel"
        + " by kernel: no implementation of the same mathematics at this precision is faster."
    }
    text +=
      " \(Units.percent(totals.secondsByBound[totals.bound.index] / totals.seconds)) of the time is spent under"
      + " the \(totals.bound.name(profile)) bound."
    if let ridge = profile.ridgePoint(prediction.scenario.precision.computeFormat(of: .linear)),
      let far = profile.levels.first
    {
      text +=
        " Arithmetic intensity \(Units.plain(totals.arithmeticIntensity)) FLOP/B against a ridge point of"
        + " \(Units.plain(ridge)) FLOP/B (\(far.name))."
    }
    return text
  }

  private static func memorySentence(_ prediction: Prediction) -> String {
    let memory = prediction.memory
    return
      "Weights \(Units.memory(memory.weightsBytes)), KV cache \(Units.memory(memory.cacheBytes)), activations"
      + " \(Units.memory(memory.activationsBytes))"
      + (memory.communicationBytes > 0 ? ", message buffers \(Units.memory(memory.communicationBytes))" : "")
      + ": \(Units.memory(memory.totalBytes)) of"
      + " \(Units.memory(memory.capacityBytes)), "
      + (memory.fits ? "fits." : "does not fit. " + DeploymentSection.smallest(prediction))
  }

  /// What engines set aside for the same cache.
  private static func reserved(_ scenario: Scenario) -> String {
    let (paged, cells) = scenario.evaluator.reservedCache(scenario.ownWorkload)
    return
      "The cache is what the architecture needs; engines reserve more: vLLM \(Units.memory(paged)) (pages of 16"
      + " tokens, every attention layer at full length), llama.cpp \(Units.memory(cells)) (cells in steps of 256, a"
      + " window and a micro-batch of 512 for sliding layers)."
  }

  private static func assumptions(_ prediction: Prediction) -> [String] {
    let (scenario, model, profile) = (prediction.scenario, prediction.model, prediction.profile)
    var list = scenario.assumptions.map { $0.text(for: model) }
    list.append(
      "attention: \(scenario.workload.attentionAlgorithm.rawValue); FLOPs "
        + (scenario.convention == .causal
          ? "of the pairs that the causal mask allows" : "unhalved, every query against every key"))
    for (kind, form) in [(OperatorKind.latentExpansion, LatentForm.naive), (.queryAbsorption, .absorbed)]
    where prediction.analysis.operators.contains(where: { $0.call.kind == kind }) {
      list.append("latent attention: \(form.rawValue) form")
    }
    if model.stateBytes(batch: 1, activations: .bf16) > 0 {
      list.append("recurrent states are kept in fp32, convolution tails like activations")
    }
    if !model.mixtures.isEmpty { list.append(ExpertSection.assumption(scenario.evaluator.router)) }
    for unit in [MatrixUnit.linear, .attention] {
      let wanted = scenario.precision.computeFormat(of: unit)
      if let used = profile.unit(for: wanted), used.format != wanted {
        list.append(
          "\(profile.name) has no \(wanted.name) unit: computed at its \(used.format.name) rate")
      }
    }
    if let fitted = prediction.pricing {
      let predictor = fitted.predictor
      list.append(
        "calibration of \(predictor.calibration.origin) for \(fitted.framework.name)"
          + (predictor.carriesOver
            ? ", carried over to \(profile.name) by its physical quantities: intervals widened"
            : ""))
      list.append(
        "operators without a measured kernel keep their roofline time; fp8 products include quantising")
    }
    list.append("each kernel reads its inputs from far memory and writes its result there")
    return list.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }
}
