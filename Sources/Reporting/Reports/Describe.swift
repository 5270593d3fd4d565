import Calibration
import CostModel
import Specs

/// A model's mechanisms in words.
public enum Describe {
  /// `GQA, 64 query heads over 8 KV heads of 128`; several kinds of layer are joined.
  public static func attention(_ model: ModelSpec) -> String {
    perKind(model) { $0.mixer.form?.summary }
  }

  public static func feedForward(_ model: ModelSpec) -> String {
    perKind(model) { $0.feedForward.form?.summary }
  }

  public static func positions(_ model: ModelSpec) -> String {
    switch model.embeddingPosition {
    case .learned, .sinusoidal: model.embeddingPosition.summary
    default: perKind(model) { $0.mixer.form?.positions?.summary }
    }
  }

  public static func norm(_ model: ModelSpec) -> String {
    perKind(model) { layer in
      (layer.norm.kind == .rms ? "RMSNorm" : layer.norm.bias ? "LayerNorm with bias" : "LayerNorm")
        + (layer.norms == .pre ? "" : ", \(layer.norms.rawValue)")
    }
  }

  /// One text for all kinds if they agree, otherwise each with its share of the layers.
  private static func perKind(_ model: ModelSpec, _ describe: (LayerSpec) -> String?) -> String {
    var texts: [(text: String, layers: Int)] = []
    for (kind, count) in zip(model.kinds, model.kindCounts) where count > 0 {
      guard let text = describe(kind.layer) else { continue }
      if let index = texts.firstIndex(where: { $0.text == text }) {
        texts[index].layers += count
      } else {
        texts.append((text, count))
      }
    }
    if texts.count == 1 { return texts[0].text }
    return texts.map { "\($0.layers)× \($0.text)" }.joined(separator: "; ")
  }

  /// Said in every report that shows a model whose figures nobody published.
  public static func provenanceWarning(_ model: ModelSpec) -> String? {
    guard model.provenance == .speculative else { return nil }
    return "\(model.name) is speculative: \(model.source). Its figures are a leak, not a publication."
  }

  /// Levels, peaks and where the figures come from.
  public static func hardware(_ profile: HardwareProfile) -> String {
    let levels = profile.levels.map {
      "\($0.name) \(Units.memory($0.capacityBytes))\($0.perCore ? " a core" : "") at \(Units.bandwidth($0.bytesPerSecond))"
    }
    let peaks = profile.peaks.map { "\($0.format.name) \(Units.flopRate($0.flopsPerSecond))" }
    return "\(profile.title), \(profile.cores) cores: \(levels.joined(separator: ", ")); dense peaks"
      + " \(peaks.joined(separator: ", ")), vector \(Units.flopRate(profile.vectorFLOPsPerSecond))."
      + (profile.source.isEmpty ? "" : " Source: \(profile.source).")
  }

  /// `Llama 3 8B on NVIDIA H100 SXM5 80 GB, prefill of 1 × 2,048 tokens`.
  static func subject(_ prediction: Prediction) -> String {
    "\(prediction.model.title) on \(prediction.profile.title), \(workload(prediction.scenario.workload))"
  }

  /// `query projection`, with its kind of layer where the model has several.
  static func name(_ op: PricedOperator, in model: ModelSpec) -> String {
    let base = op.call.kind.name
    if case .tower(let index, let kind) = op.call.place, model.towers.indices.contains(index) {
      let tower = model.towers[index]
      var own = tower.name
      if let kind, tower.body.kinds.count > 1, tower.body.kinds[kind].name != own {
        own += " " + tower.body.kinds[kind].name
      }
      return "\(base) (\(own))"
    }
    guard case .kind(let index) = op.call.place, model.kinds.count > 1 else { return base }
    return "\(base) (\(model.kinds[index].name))"
  }

  public static func workload(_ work: Workload) -> String {
    switch work.phase {
    case .prefill:
      "prefill of \(Units.whole(work.batch)) × \(Units.whole(work.queries)) tokens"
        + (work.prefix > 0 ? " behind \(Units.whole(work.prefix)) cached" : "")
    case .decode:
      "decode step of \(Units.whole(work.batch)) sequence\(work.batch == 1 ? "" : "s") with"
        + " \(Units.whole(work.prefix)) cached tokens\(work.batch == 1 ? "" : " each")"
    }
  }
}
