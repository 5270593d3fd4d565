import CostModel
import Specs

/// EXAONE 4.0 (arXiv:2507.11407): norms after attention and feed-forward and on each head's q and k; where some
/// layers slide, the ones that see all have no positions.
enum Exaone4Family {
  static func read(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var parts = try DecoderParts(&config)
    parts.placement = .post
    parts.attention.queryKeyNorm = .perHead
    try parts.rotary(&config)
    // A word such as LLLG in released files, which layer_types spells out.
    config.ignore("sliding_window_pattern")
    guard let window = try config.int("sliding_window") else {
      guard config.saysNull("sliding_window") else {
        throw config.missing("sliding_window", accepted: "null, or the window of the layers that slide")
      }
      config.ignore("layer_types")
      return parts.model()
    }
    guard config.has("layer_types") else {
      throw config.missing("layer_types", accepted: "which layers slide, one word for each")
    }
    let slides = try WindowKeys.slides(&config, layers: parts.layers) { _ in true }
    return parts.model(
      try WindowKeys.stack(
        parts, slides: slides, window: window, config: config, global: PositionSpec.none))
  }
}
