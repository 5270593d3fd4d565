import CostModel
import Specs

/// How far a model's positions and its windows reach.
public enum PositionSection {
  /// Lines for `show`.
  static func blocks(_ model: ModelSpec) -> [Document.Block] {
    var blocks: [Document.Block] = []
    let rotaries = model.rotaryReaches
    if !rotaries.isEmpty {
      blocks.append(.heading("Rotary positions"))
      blocks.append(.list(rotaries.map { sentence($0, served: model.maxPositions.map(Double.init)) }))
    }
    if let rows = reach(model) {
      blocks.append(.heading("Receptive field"))
      blocks.append(
        .table(Table(columns: [("after layer", .right), ("tokens reached", .right)], rows: rows)))
      if let text = mistral(model) { blocks.append(.paragraph(text)) }
      if let longest = model.maxPositions {
        let depth = ReceptiveField.depth(covering: Double(longest), in: model)
        blocks.append(
          .paragraph(
            depth.map {
              "The stated context of \(Units.whole(Double(longest))) tokens is covered from layer \($0) on."
            }
              ?? "No layer's output depends on all of the stated context of \(Units.whole(Double(longest))) tokens."
          ))
      }
    }
    return blocks
  }

  private static func sentence(_ entry: LayerReach, served: Double?) -> String {
    let reach = entry.reach
    var text =
      "\(entry.layers): \(reach.pairs) pairs, wavelengths \(Units.plain(reach.shortest)) to"
      + " \(Units.plain(reach.longest)) tokens"
    if reach.trained > 0 {
      text += "; \(reach.beyondTrained) exceed the trained context of \(Units.whole(reach.trained))"
    }
    if reach.factor > 1 {
      text +=
        "; scaling by \(Units.plain(reach.factor)):"
        + " \(reach.unchanged) pairs turn as trained, \(reach.blended) are blended, \(reach.interpolated)"
        + " interpolated"
      if let served, served > reach.trained, reach.trained > 0 {
        text +=
          "; the stated context of \(Units.whole(served)) is × \(Units.plain(served / reach.trained)) the trained one"
      }
      if case .longRoPE = entry.scaling { text += " (each pair has a searched factor of its own)" }
    }
    return text
  }

  private static func reach(_ model: ModelSpec) -> [[String]]? {
    let reaches = ReceptiveField.byDepth(model)
    guard let first = reaches.first, first.isFinite else { return nil }
    var depths: [Int] = []
    var depth = 1
    while depth < reaches.count {
      depths.append(depth)
      depth *= 2
    }
    depths.append(reaches.count)
    if let full = reaches.firstIndex(where: { !$0.isFinite }) {
      depths = depths.filter { $0 <= full } + [full + 1]
    }
    return depths.map {
      ["\($0)", reaches[$0 - 1].isFinite ? Units.whole(reaches[$0 - 1]) : "everything before it"]
    }
  }

  /// The exact span beside the product that papers print.
  private static func mistral(_ model: ModelSpec) -> String? {
    var windows = Set<Int>()
    for kind in model.kinds {
      guard case .attention(let spec) = kind.layer.mixer, case .sliding(let window) = spec.span else {
        return nil
      }
      windows.insert(window)
    }
    guard windows.count == 1, let window = windows.first else { return nil }
    let layers = Double(model.layerCount)
    return
      "layers × (window − 1) + 1 = \(Units.whole(layers * Double(window - 1) + 1)) tokens; rounded as papers print"
      + " it, layers × window = \(Units.whole(layers * Double(window)))."
  }

  private static let columns: [Column<LayerReach>] = [
    Column("layers", word: \.layers), Column("pairs") { Double($0.reach.pairs) },
    Column("trained_context") { $0.reach.trained }, Column("factor") { $0.reach.factor },
    Column("shortest_wavelength") { $0.reach.shortest }, Column("longest_wavelength") { $0.reach.longest },
    Column("pairs_beyond_trained") { Double($0.reach.beyondTrained) },
    Column("pairs_unchanged") { Double($0.reach.unchanged) },
    Column("pairs_blended") { Double($0.reach.blended) },
    Column("pairs_interpolated") { Double($0.reach.interpolated) },
  ]

  static func json(_ model: ModelSpec) -> JSONValue { columns.json(model.rotaryReaches) }
}
