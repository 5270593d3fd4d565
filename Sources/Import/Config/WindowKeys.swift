import CostModel
import Specs

/// Which layers slide: `sliding_window`, `layer_types` and their older spellings.
enum WindowKeys {
  static let types = ["full_attention", "sliding_attention"]

  /// One flag a layer, true where it slides, from `layer_types`, or from `rule` where the file has none.
  static func slides(
    _ config: inout ConfigFields, layers: Int, rule: (Int) -> Bool
  ) throws(InputError) -> [Bool] {
    if let words = try config.words("layer_types", count: layers, types) {
      return words.map { $0 == "sliding_attention" }
    }
    return (0..<layers).map(rule)
  }

  /// Layers named local and global, with their windows and positions.
  static func stack(
    _ parts: DecoderParts, slides: [Bool], window: Int?, config: ConfigFields,
    local: PositionSpec? = nil, global: PositionSpec? = nil, feedForward: FeedForwardSpec? = nil
  ) throws(InputError) -> [LayerKind] {
    if slides.contains(true) && window == nil {
      throw config.missing("sliding_window", accepted: "the window of the layers that slide")
    }
    var near = parts.attention(window: window)
    if let local { near.position = local }
    var far = parts.attention(window: nil)
    if let global { far.position = global }
    return slides.map {
      $0
        ? LayerKind(name: "local", layer: parts.layer(.attention(near), feedForward))
        : LayerKind(name: "global", layer: parts.layer(.attention(far), feedForward))
    }
  }
}
