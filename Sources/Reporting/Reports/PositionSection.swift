import CostModel
import Specs

/// How far a model's positions and its windows reach.
public enum PositionSection {
  /// Lines for `show`.
  static func blocks(_ model: ModelSpec) -> [Document.Block] {
    var blocks: [Document.Block] = []
    let rotaries = rotary(model)
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

  private static func rotary(_ model: ModelSpec) -> [(
    name: String, reach: RotaryReach, scaling: RotaryScaling
  )] {
    var result: [(name: String, reach: RotaryReach, scaling: RotaryScaling)] = []
    for (kind, count) in zip(model.kinds, model.kindCounts) where count > 0 {
      guard let form = kind.layer.mixer.form, let spec = form.positions?.rotary else { continue }
      let reach = RotaryReach(spec, headDim: form.positionDim, maxPositions: Double(model.maxPositions ?? 0))
      if let index = result.firstIndex(where: { $0.reach == reach }) {
        result[index].name += ", \(kind.name)"
      } else {
        result.append((kind.name, reach, spec.scaling))
      }
    }
    return result
  }

  private static func sentence(
    _ entry: (name: String, reach: RotaryReach, scaling: RotaryScaling), served: Double?
  ) -> String {
    let reach = entry.reach
    var text =
      "\(entry.name): \(reach.pairs) pairs, wavelengths \(Units.plain(reach.shortest)) to"
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

  /// What a workload's length asks of the positions, as warnings.
  public static func warnings(_ model: ModelSpec, length: Double) -> [String] {
    var list: [String] = []
    if case .learned(let rows) = model.embeddingPosition, length > Double(rows) {
      list.append(
        "warning: \(Units.whole(length)) tokens, but only \(Units.whole(Double(rows))) learned positions exist"
      )
    } else if let longest = model.maxPositions, length > Double(longest) {
      list.append(
        "warning: \(Units.whole(length)) tokens exceed the \(Units.whole(Double(longest))) that \(model.name) was made"
          + " for, \(Units.plain(length / Double(longest))) × its range")
    }
    let reaches = ReceptiveField.byDepth(model)
    if let last = reaches.last, last < length, reaches.contains(where: { $0 > 1 }) {
      list.append(
        "warning: \(Units.whole(length)) tokens exceed the receptive field of \(Units.whole(last)): the first ones"
          + " cannot reach the last layer")
    }
    return list
  }

  static func json(_ model: ModelSpec) -> JSONValue {
    .array(
      rotary(model).map { entry in
        .members(
          ("layers", .string(entry.name)), ("pairs", .number(Double(entry.reach.pairs))),
          ("trained_context", .number(entry.reach.trained)), ("factor", .number(entry.reach.factor)),
          ("shortest_wavelength", .number(entry.reach.shortest)),
          ("longest_wavelength", .number(entry.reach.longest)),
          ("pairs_beyond_trained", .number(Double(entry.reach.beyondTrained))),
          ("pairs_unchanged", .number(Double(entry.reach.unchanged))),
          ("pairs_blended", .number(Double(entry.reach.blended))),
          ("pairs_interpolated", .number(Double(entry.reach.interpolated))))
      })
  }
}
