import CostModel

/// How far the rotary positions of some layers reach.
public struct LayerReach: Hashable, Sendable {
  /// Names of the kinds of layer that share it.
  public var layers: String
  /// Which wavelengths were seen whole in training.
  public var reach: RotaryReach
  /// How longer contexts are scaled to the trained one.
  public var scaling: RotaryScaling
}

extension ModelSpec {
  /// Every rotary embedding in use, kinds of layer with the same one together.
  public var rotaryReaches: [LayerReach] {
    var found: [LayerReach] = []
    for (kind, count) in zip(kinds, kindCounts) where count > 0 {
      guard let form = kind.layer.mixer.form, let spec = form.positions?.rotary else { continue }
      let reach = RotaryReach(spec, headDim: form.positionDim, maxPositions: Double(maxPositions ?? 0))
      if let index = found.firstIndex(where: { $0.reach == reach }) {
        found[index].layers += ", \(kind.name)"
      } else {
        found.append(LayerReach(layers: kind.name, reach: reach, scaling: spec.scaling))
      }
    }
    return found
  }
}
