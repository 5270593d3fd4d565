import Basics
import CostModel
import Specs

/// The pictures of `show`: what a model is made of, and how far it reaches.
enum ModelCharts {
  /// - Parameters:
  ///   - parameters: by component.
  ///   - bytes: of the same components.
  static func show(
    _ model: ModelSpec, parameters: [(name: String, count: Double)], bytes: [(name: String, count: Double)]
  ) -> [Chart] {
    [composition(model, parameters, bytes)] + [reach(model), wavelengths(model)].compactMap { $0 }
  }

  private static func composition(
    _ model: ModelSpec, _ parameters: [(name: String, count: Double)],
    _ bytes: [(name: String, count: Double)]
  ) -> Chart {
    let names = (parameters + bytes).map(\.name).reduce(into: [String]()) {
      if !$0.contains($1) { $0.append($1) }
    }
    func bar(_ name: String, _ parts: [(name: String, count: Double)], _ shown: (Double) -> String) -> (
      name: String, total: String, parts: [(part: Int, amount: Double)], limit: Double?
    ) {
      let whole = parts.reduce(0) { $0 + $1.count }
      let amounts = parts.map { part in
        (part: names.firstIndex(of: part.name) ?? 0, amount: part.count / max(1, whole))
      }
      return (name, shown(whole), amounts, nil)
    }
    let whole = parameters.reduce(0) { $0 + $1.count }
    let largest = parameters.max { $0.count < $1.count }
    return StackedBars(
      name: "composition", title: "What \(model.title) is made of", subtitle: "", axisTitle: "share",
      bars: [bar("parameters", parameters, Units.count), bar("bytes of weights", bytes, Units.memory)],
      parts: names.map { $0.replacing("_", with: " ") }, shown: { Units.percent($0) }
    ).chart(
      caption:
        "\(model.title): \(Units.count(whole)) parameters by component, and the bytes they are stored in.",
      finding: largest.map {
        "\($0.name.replacing("_", with: " ")) is \(Units.percent($0.count / max(1, whole))) of the parameters."
      } ?? "It has no parameters.")
  }

  /// How far back each layer's output reaches, where windows limit it.
  static func reach(_ model: ModelSpec) -> Chart? {
    let reaches = ReceptiveField.byDepth(model)
    guard let first = reaches.first, first.isFinite, first > 1 else { return nil }
    let finite = reaches.prefix { $0.isFinite }
    return LineChart(
      name: "receptive-field", title: "Receptive field by depth", subtitle: model.title,
      horizontalTitle: "layer",
      verticalTitle: "tokens",
      lines: [("reach", finite.enumerated().map { (x: Double($0.offset + 1), y: $0.element) })],
      horizontal: .linear,
      // A context far above would press the line to the ground.
      vertical: Double(model.maxPositions ?? 0) > 10 * (finite.last ?? 0) ? .logarithmic : .linear,
      limits: model.maxPositions.map { [("stated context", Double($0))] } ?? [], shownX: Units.whole,
      shownY: Units.whole
    ).chart(
      caption: "\(model.title). "
        + (finite.count < reaches.count
          ? "Layer \(finite.count + 1) sees everything before it."
          : "All layers slide: layers × (window − 1) + 1."),
      finding: "After layer \(finite.count) a token depends on \(Units.whole(finite.last ?? 0)) tokens.")
  }

  /// In how many tokens each pair of a rotary embedding turns once.
  private static func wavelengths(_ model: ModelSpec) -> Chart? {
    let all = model.rotaryReaches.filter { $0.reach.pairs > 1 && $0.reach.shortest > 0 }
    guard !all.isEmpty else { return nil }
    let trained = all.filter { $0.reach.trained > 0 }
    let limits = trained.reduce(into: [(name: String, value: Double)]()) { limits, entry in
      guard !limits.contains(where: { $0.value == entry.reach.trained }) else { return }
      limits.append(("trained context \(Units.whole(entry.reach.trained))", entry.reach.trained))
    }
    return LineChart(
      name: "wavelengths", title: "Rotary wavelengths", subtitle: model.title,
      horizontalTitle: "pair of dimensions",
      verticalTitle: "tokens a turn",
      lines: all.map { entry in
        let reach = entry.reach
        return (
          entry.layers,
          (0..<reach.pairs).map { pair in
            let share = Double(pair) / Double(reach.pairs - 1)
            return (Double(pair + 1), reach.shortest * power(reach.longest / reach.shortest, share))
          }
        )
      }, horizontal: .linear,
      limits: limits, shownX: Units.whole,
      shownY: Units.whole
    ).chart(
      caption: "\(model.title): λ = 2π·θ^(2i/d). A pair above the line never turned once in training.",
      finding: trained.map { entry in
        "\(entry.reach.beyondTrained) of \(entry.reach.pairs) pairs\(all.count > 1 ? " of \(entry.layers)" : "") turn more"
          + " slowly than the trained context of \(Units.whole(entry.reach.trained)) tokens."
      }.joined(separator: " "))
  }
}
