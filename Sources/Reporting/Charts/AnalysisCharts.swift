import Calibration
import CostModel

/// The pictures of `analyze` and `compare`.
enum AnalysisCharts {
  static func analyze(_ prediction: Prediction) -> [Chart] {
    let caption = "\(Describe.subject(prediction))."
    let name = prediction.model.name
    return [
      RooflineChart.chart(prediction),
      BarCharts.time([(name, prediction.analysis)], title: "Time by kind of operator", caption: caption),
      BarCharts.memory([(name, prediction.memory)], caption: caption),
    ] + [attentionTraffic(prediction), experts(prediction), reach(prediction)].compactMap { $0 }
  }

  static func compare(_ cells: [PredictedPhases]) -> [Chart] {
    let devices = cells.reduce(into: [HardwareProfile]()) {
      if !$0.contains($1.profile) { $0.append($1.profile) }
    }
    var charts: [Chart] = []
    for (index, device) in devices.enumerated() {
      let row = cells.filter { $0.profile == device }
      let models = row.map(\.model.title).joined(separator: ", ")
      let suffix = devices.count > 1 ? "-\(index + 1)" : ""
      for (phase, pick) in [("prefill", \PredictedPhases.prefill), ("decode", \PredictedPhases.decode)] {
        let inputs = row.map { $0[keyPath: pick] }
        charts.append(
          BarCharts.time(
            inputs.map { ($0.model.name, $0.analysis) },
            title: "Time of \(phase) by kind of operator, \(device.title)",
            caption: inputs.first.map {
              "\(models) on \(device.title): \(Describe.workload($0.scenario.workload))."
            }
              ?? "",
            name: "time-\(phase)\(suffix)"))
      }
      charts.append(
        BarCharts.memory(
          row.map { ($0.model.name, $0.decode.memory) },
          caption: "\(models) on \(device.title): weights, cache and activations of the decode step.",
          name: "memory\(suffix)"))
      for (phase, pick) in [("prefill", \PredictedPhases.prefill), ("decode", \PredictedPhases.decode)] {
        for (position, cell) in row.enumerated() {
          charts.append(
            RooflineChart.chart(cell[keyPath: pick], name: "roofline-\(phase)-\(position + 1)\(suffix)"))
        }
      }
    }
    return charts
  }

  /// Far-memory bytes of attention with and without the score matrix, over the prompt's length.
  private static func attentionTraffic(_ prediction: Prediction) -> Chart? {
    let (evaluator, asked) = (prediction.scenario.evaluator, prediction.scenario.workload)
    guard asked.phase == .prefill else { return nil }
    let longest = max(4096, asked.queries * 2)
    let lengths = (0..<40).map { 128 * Double(1 << $0) }.prefix { $0 <= longest }
    func bytes(_ algorithm: AttentionAlgorithm) -> [(x: Double, y: Double)] {
      lengths.map { length in
        let work = Workload.prefill(batch: asked.batch, inputLength: length)
        return (length, evaluator.attention(of: work, by: algorithm)?.traffic.total[0] ?? 0)
      }
    }
    let naive = bytes(.naive)
    let flash = bytes(.flash)
    guard let most = naive.last, let least = flash.last, least.y > 0 else { return nil }
    let far = evaluator.profile.levels[0].name
    return LineChart(
      name: "attention-traffic", title: "Attention's \(far) traffic over the prompt's length",
      horizontalTitle: "prompt tokens", verticalTitle: "bytes, all layers",
      lines: [("naive", naive), ("flash", flash)], shownX: Units.whole, shownY: Units.traffic
    ).chart(
      caption:
        "\(Describe.subject(prediction)), the prompt's length varied; naive keeps scores and probabilities in \(far).",
      finding:
        "At \(Units.whole(most.x)) tokens naive attention moves \(Units.plain(most.y / least.y)) times what the"
        + " tiled one moves.")
  }

  /// Each expert's share of the tokens.
  private static func experts(_ prediction: Prediction) -> Chart? {
    guard let spec = prediction.model.mixtures.first?.spec else { return nil }
    let router = prediction.scenario.evaluator.router
    let shares = router.shares(experts: spec.experts, topK: spec.topK).sorted(by: >)
    let mean = Double(spec.topK) / Double(spec.experts)
    return LineChart(
      name: "expert-load", title: "Tokens per expert, the busiest first", horizontalTitle: "expert",
      verticalTitle: "share of tokens",
      lines: [("load", shares.enumerated().map { (Double($0.offset + 1), $0.element) })], logarithmicX: false,
      logarithmicY: false, limit: ("even load", mean), shownX: Units.whole, shownY: { Units.percent($0) }
    ).chart(
      caption: "\(Describe.subject(prediction)); \(ExpertSection.assumption(router)).",
      finding:
        "The busiest of \(spec.experts) experts gets \(Units.plain((shares.first ?? 0) / mean)) times the mean."
    )
  }

  /// How far back each layer's output reaches, where windows limit it.
  private static func reach(_ prediction: Prediction) -> Chart? {
    let model = prediction.model
    let reaches = ReceptiveField.byDepth(model)
    guard let first = reaches.first, first.isFinite, first > 1 else { return nil }
    let finite = reaches.prefix { $0.isFinite }
    let points = finite.enumerated().map { (x: Double($0.offset + 1), y: $0.element) }
    return LineChart(
      name: "receptive-field", title: "Receptive field by depth", horizontalTitle: "layer",
      verticalTitle: "tokens",
      lines: [("reach", points)], logarithmicX: false, logarithmicY: false,
      limit: model.maxPositions.map { ("stated context", Double($0)) }, shownX: Units.whole,
      shownY: Units.whole
    ).chart(
      caption: "\(Describe.subject(prediction)). "
        + (finite.count < reaches.count
          ? "Layer \(finite.count + 1) sees everything before it."
          : "All layers slide: layers × (window − 1) + 1."),
      finding: "After layer \(finite.count) a token depends on \(Units.whole(finite.last ?? 0)) tokens.")
  }
}
