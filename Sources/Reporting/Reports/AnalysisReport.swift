import Calibration
import CostModel
import Specs

/// `analyze`: a model on a device, operator by operator.
public enum AnalysisReport {
  /// What is shown besides the answer.
  public struct Detail: Sendable {
    /// Each figure's formula with its values.
    public var explain = false
    /// Operators of less than half a percent too.
    public var all = false
    /// What is the same in every report of this device.
    public var verbose = false

    /// The usual.
    public init(explain: Bool = false, all: Bool = false, verbose: Bool = false) {
      (self.explain, self.all, self.verbose) = (explain, all, verbose)
    }
  }

  /// One pass.
  public static func document(_ prediction: Prediction, _ detail: Detail = Detail()) -> Document {
    var document = Document(
      title: title(prediction.scenario, Describe.workload(prediction.scenario.workload)),
      records: Records(OperatorRow.columns(prediction), OperatorRow.rows(prediction)),
      json: json(prediction), charts: { AnalysisCharts.analyze(prediction) }
    ) { blocks(prediction, detail) }
    document.answer = Answer.lines(prediction)
    return document
  }

  /// `Llama 3 8B on NVIDIA L4 24 GB, bf16: decode step of …`.
  static func title(_ scenario: Scenario, _ what: String) -> String {
    "\(scenario.model.title) on \(scenario.profile.title), \(scenario.precision.weights.name)"
      + (scenario.precision.attention.map { ", attention in \($0.name)" } ?? "") + ": \(what)"
  }

  /// What memory holds and the model was made for.
  public static func longestContext(_ scenario: Scenario) -> Double { Answer.longest(scenario) }

  /// Operators, and those that take next to no time as one.
  static func table(_ prediction: Prediction, all: Bool) -> Table {
    let rows = all ? OperatorRow.rows(prediction) : OperatorRow.mainRows(prediction)
    var table = OperatorRow.columns(prediction).table(
      rows, total: OperatorRow(name: "total", cost: prediction.totals), sortable: true)
    // Sums are not sorted, and some stand nowhere else.
    for row in table.numbers.indices where row == rows.count || rows[row].isShared {
      table.numbers[row] = table.numbers[row].map { _ in nil }
    }
    let near = prediction.profile.levels.dropFirst().first?.name ?? ""
    table.optional = ["reaches", "×", near, "FLOPs", "share", "FLOP/B"]
    return table
  }

  private static func blocks(_ prediction: Prediction, _ detail: Detail) -> [Document.Block] {
    var blocks: [Document.Block] = []
    if let warning = Describe.provenanceWarning(prediction.model) { blocks.append(.paragraph(warning)) }
    let table = table(prediction, all: detail.all)
    blocks += [.table(table), .paragraph(meaning(prediction))] + DeploymentSection.blocks(prediction)
    blocks += [
      .heading(prediction.scenario.deployed == nil ? "Memory" : "Memory of the fullest device"),
      .paragraph(memorySentence(prediction)), .paragraph(reserved(prediction.scenario)),
    ]
    blocks += AttentionSection.blocks(prediction.scenario) + ExpertSection.blocks(prediction.scenario)
    if detail.explain { blocks += [.heading("Formulas"), .lines(Explanation.lines(prediction))] }
    if detail.verbose {
      blocks += [.heading("Device"), .paragraph(Describe.hardware(prediction.profile))]
    }
    return blocks + [.heading("Assumptions"), .list(assumptions(prediction, verbose: detail.verbose))]
  }

  /// What the times are, and what else may be asked.
  static func meaning(_ prediction: Prediction) -> String {
    let text: String
    if let pricing = prediction.pricing {
      text =
        "Expected times are those of \(Standing.phrase(pricing, on: prediction.profile)); in brackets the 80 % interval."
    } else {
      text = "Ideal roofs, without calibration."
    }
    return text
      + " The best is fused and overlapped, \(Units.seconds(prediction.totals.kernelFloor)) kernel by kernel. --framework vllm,"
      + " trtllm or sglang names whose kernels run; --explain shows formulas, --verbose what never changes."
  }

  private static func memorySentence(_ prediction: Prediction) -> String {
    let memory = prediction.memory
    return
      "Weights \(Units.memory(memory.weightsBytes)), KV cache \(Units.memory(memory.cacheBytes)), activations"
      + " \(Units.memory(memory.activationsBytes))"
      + (memory.communicationBytes > 0 ? ", message buffers \(Units.memory(memory.communicationBytes))" : "")
      + ": \(Units.memory(memory.totalBytes)) of"
      + " \(Units.memory(memory.capacityBytes)), "
      + (memory.fits
        ? "fits, \(Units.memory(memory.leftBytes)) left"
          + (memory.leftBytes < memory.engineReserveBytes ? ", less than" : "; an engine keeps back")
          + " \(Units.memory(memory.engineReserveBytes))"
          + (memory.leftBytes < memory.engineReserveBytes ? " that an engine keeps back" : "")
          + " (vLLM's gpu_memory_utilization of 0.9)."
        : "does not fit. " + DeploymentSection.smallest(prediction))
  }

  /// What engines set aside for the same cache.
  private static func reserved(_ scenario: Scenario) -> String {
    let (paged, cells) = scenario.evaluator.reservedCache(scenario.ownWorkload)
    return
      "The cache is what the architecture needs; engines reserve more: vLLM \(Units.memory(paged)) (pages of 16"
      + " tokens or as large as a layer's state, windows W − 1 + \(Units.whole(ReservedCache.batchedTokens)) tokens of a"
      + " step and a page; full length where its hybrid allocator is off), llama.cpp \(Units.memory(cells)) (cells in steps of 256, a"
      + " window and a micro-batch of 512 for sliding layers)."
  }

  static func assumptions(_ prediction: Prediction, verbose: Bool) -> [String] {
    let (scenario, model, profile) = (prediction.scenario, prediction.model, prediction.profile)
    var list = scenario.assumptions.map { $0.text(for: model) }
    list.append(
      "attention: \(prediction.attentionAlgorithm.rawValue); FLOPs "
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
    if scenario.evaluator.expandsWeights {
      list.append(
        "\(profile.name) has no unit for inputs of products in the weights' format: weights alone are narrow, and"
          + " expanded to \(scenario.evaluator.precision.activations.name) on the way, as engines do")
    }
    for unit in [MatrixUnit.linear, .attention] {
      let wanted = scenario.precision.computeFormat(of: unit)
      if let used = profile.unit(for: wanted), used.format != wanted {
        list.append(
          "\(profile.name) has no \(wanted.name) unit: computed at its \(used.format.name) rate")
      }
    }
    list += Standing.assumptions(prediction)
    if verbose { list.append("each kernel reads its inputs from far memory and writes its result there") }
    return list.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }
}
