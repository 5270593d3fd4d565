import Calibration
import CostModel
import Deployment
import Specs

/// The pictures of `analyze`, those that answer first in front.
enum AnalysisCharts {
  static func analyze(_ prediction: Prediction) -> [Chart] {
    pass(prediction) + memory(prediction.scenario, prediction.memory) + mechanisms(prediction)
  }

  /// - Parameter suffix: tells the names of several passes apart.
  static func pass(_ prediction: Prediction, suffix: String = "") -> [Chart] {
    [
      RooflineChart.chart(prediction, name: "roofline" + suffix),
      TimeBars.chart(prediction, name: "time" + suffix),
    ]
  }

  /// What the model's own mechanisms do.
  static func mechanisms(_ prediction: Prediction) -> [Chart] {
    [attentionTraffic(prediction), experts(prediction), ModelCharts.reach(prediction.model)].compactMap { $0 }
  }

  /// Where and what, below a picture's title.
  static func place(_ scenario: Scenario) -> String {
    let devices = scenario.deployed.map { " × \($0.split.devices) (\($0.split.words))" } ?? ""
    return "\(scenario.profile.title)\(devices), \(scenario.precision.weights.name):"
      + " \(Describe.workload(scenario.workload))"
  }

  /// Of one device, or of a rank of each stage.
  static func memory(_ scenario: Scenario, _ whole: MemoryFootprint) -> [Chart] {
    let rows: [(name: String, memory: MemoryFootprint)]
    if let deployed = scenario.deployed {
      rows = zip(deployed.stages, deployed.memories(scenario.workload)).map { stage, memory in
        (
          "layers \(stage.layers.lowerBound + 1)–\(stage.layers.upperBound)"
            + (stage.count > 1 ? " and \(stage.count - 1) alike" : "") + ", each of"
            + " \(deployed.split.devices / deployed.split.pipeline) ranks", memory
        )
      }
    } else {
      rows = [(scenario.model.name, whole)]
    }
    return [StackedBars.memory(rows, subtitle: place(scenario), caption: "")]
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
      subtitle: "\(prediction.model.title) on \(prediction.profile.title)", horizontalTitle: "prompt tokens",
      verticalTitle: "bytes, all layers", lines: [("naive", naive), ("flash", flash)], horizontal: .binary,
      shownX: Units.whole, shownY: Units.traffic
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
    guard router != .balanced else { return nil }
    let shares = router.shares(experts: spec.experts, topK: spec.topK).sorted(by: >)
    let mean = Double(spec.topK) / Double(spec.experts)
    return LineChart(
      name: "expert-load", title: "Tokens per expert, the busiest first",
      subtitle: prediction.model.title,
      horizontalTitle: "expert", verticalTitle: "share of tokens",
      lines: [("load", shares.enumerated().map { (Double($0.offset + 1), $0.element) })], horizontal: .linear,
      vertical: .linear, limits: [("even load", mean)], shownX: Units.whole, shownY: { Units.percent($0) }
    ).chart(
      caption: "\(Describe.subject(prediction)); \(ExpertSection.assumption(router)).",
      finding:
        "The busiest of \(spec.experts) experts gets \(Units.plain((shares.first ?? 0) / mean)) times the mean."
    )
  }
}
