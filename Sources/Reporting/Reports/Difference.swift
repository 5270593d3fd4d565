import Calibration
import CostModel

/// Words for what a mechanism saves and why one model costs less than another.
enum Difference {
  /// What each mechanism of one model does to its own cost.
  static func mechanisms(_ model: ModelSpec, format: NumberFormat) -> [String] {
    var sentences: [String] = []
    let parameters = model.parameters
    for (kind, count) in zip(model.kinds, model.kindCounts) where count > 0 {
      let place = model.kinds.count > 1 ? " (\(kind.name) layers)" : ""
      if case .attention(let spec) = kind.layer.mixer {
        sentences += attention(spec, model, place: place, format: format)
      }
      if case .mixture(let spec) = kind.layer.feedForward {
        sentences.append(
          "\(model.name)\(place): active ÷ total = \(Units.count(parameters.active)) ÷"
            + " \(Units.count(parameters.total)) = \(Units.percent(parameters.active / parameters.total)) by MoE"
            + " (top \(spec.topK) of \(spec.experts) experts); all of them have to be in memory")
      }
    }
    if case .learned(let length) = model.embeddingPosition {
      sentences.append(
        "\(model.name): learned positions end at \(Units.whole(Double(length))) tokens, whatever the memory")
    }
    return sentences
  }

  private static func attention(
    _ spec: AttentionSpec, _ model: ModelSpec, place: String, format: NumberFormat
  ) -> [String] {
    var sentences: [String] = []
    let group = spec.heads / max(1, spec.keyValueHeads)
    if group > 1 {
      let plain = Double(spec.heads) * Double(spec.headDim + spec.valueHeadDim) * format.bytesPerElement
      sentences.append(
        "\(model.name)\(place): KV bytes per token ÷ \(group) by \(spec.kind) (\(spec.heads) query heads share"
          + " \(spec.keyValueHeads); \(Units.whole(plain / Double(group))) B a layer instead of"
          + " \(Units.whole(plain)))")
    }
    if case .sliding(let window) = spec.span {
      sentences.append(
        "\(model.name)\(place): the cache stops growing at \(Units.whole(Double(window))) tokens by its sliding"
          + " window")
    }
    return sentences
  }

  /// Every later model against the first, on the first device.
  static func between(_ cells: [PredictedPhases]) -> [String] {
    guard let a = cells.first else { return [] }
    func cache(_ cell: PredictedPhases) -> Double {
      cell.model.cacheBytesPerToken(cell.decode.scenario.precision.kvCache)
    }
    return ComparisonReport.others(cells).map { b in
      let (ours, theirs) = (b.model.parameters, a.model.parameters)
      let ratios = [
        ("parameters", ours.total / theirs.total), ("active parameters", ours.active / theirs.active),
        ("KV bytes per token", cache(b) / cache(a)),
        ("prefill time", b.prefill.latency / a.prefill.latency),
        ("decode time", b.decode.latency / a.decode.latency),
      ]
      return "\(b.model.name) against \(a.model.name): "
        + ratios.map { "\($0.0) \(factor($0.1))" }.joined(separator: ", ") + devices(b, a)
    }
  }

  /// How many devices stand behind the times, where that differs.
  private static func devices(_ b: PredictedPhases, _ a: PredictedPhases) -> String {
    let (ours, theirs) = (b.devices, a.devices)
    return ours == theirs ? "" : " (on \(ours) \(ours == 1 ? "device" : "devices") against \(theirs))"
  }

  /// `× 2.0` or `÷ 8.0`.
  private static func factor(_ ratio: Double) -> String {
    guard ratio.isFinite, ratio > 0 else { return "–" }
    if abs(ratio - 1) < 0.005 { return "the same" }
    return ratio > 1 ? "× \(Units.plain(ratio))" : "÷ \(Units.plain(1 / ratio))"
  }
}
