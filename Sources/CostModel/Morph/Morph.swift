/// What one model may take over from another.
public enum Mechanism: String, CaseIterable, Hashable, Sendable {
  case heads, positions
  case feedForward = "feed-forward"
  case norms, width, depth
  case vocabulary = "vocabulary and head"
  case precision
}

/// Two models mixed, mechanism by mechanism.
public struct Morph {
  let a, b: ModelSpec
  private let aLayers, bLayers: [LayerSpec]

  /// Between two models.
  public init(from a: ModelSpec, to b: ModelSpec) {
    (self.a, self.b) = (a, b)
    aLayers = a.pattern.map { a.kinds[$0].layer }
    bLayers = b.pattern.map { b.kinds[$0].layer }
  }

  /// `a` with what is `taken` from `b`; with everything, it costs what `b` costs.
  public func model(taking taken: Set<Mechanism>) -> ModelSpec {
    var model = a
    func takes(_ mechanism: Mechanism) -> Bool { taken.contains(mechanism) }
    if takes(.positions) {
      model.embeddingPosition = b.embeddingPosition
      model.maxPositions = b.maxPositions
    }
    if takes(.norms) {
      model.finalNorm = b.finalNorm
      model.embeddingNorm = b.embeddingNorm
    }
    if takes(.width) {
      model.hidden = b.hidden
      model.alternating = b.alternating
    }
    if takes(.vocabulary) {
      model.vocabulary = b.vocabulary
      model.tiedEmbeddings = b.tiedEmbeddings
      model.lmHeadBias = b.lmHeadBias
      model.logitSoftcap = b.logitSoftcap
      model.layerEmbedding = b.layerEmbedding
    }
    let count = (takes(.depth) ? bLayers : aLayers).count
    model.layerEmbedding?.layers = count
    model.setLayers(
      (0..<count).map { index in
        // Each model's layer that stands at the same share of the depth.
        let (own, other) = (aLayers[index * aLayers.count / count], bLayers[index * bLayers.count / count])
        var layer = own
        layer.mixer = (takes(.heads) ? other : own).mixer
          .positioned(as: (takes(.positions) ? other : own).mixer)
        if takes(.width) { layer.streams = other.streams }
        if takes(.feedForward) { layer.feedForward = other.feedForward }
        if takes(.norms) {
          (layer.norm, layer.norms, layer.parallel) = (other.norm, other.norms, other.parallel)
        }
        return layer
      })
    return model
  }
}

extension MixerSpec {
  /// The same heads with another's positions; where only one of them is plain attention, its own.
  fileprivate func positioned(as other: MixerSpec) -> MixerSpec {
    guard case .attention(var spec) = self, case .attention(let other) = other else { return self }
    spec.position = other.position
    return .attention(spec)
  }
}

extension ModelSpec {
  /// Declares the layers one by one; equal ones share a kind.
  fileprivate mutating func setLayers(_ layers: [LayerSpec]) {
    let names = kinds
    kinds = []
    pattern = layers.map { layer in
      if let index = kinds.firstIndex(where: { $0.layer == layer }) { return index }
      let name = names.first { $0.layer == layer }?.name ?? "decoder \(kinds.count + 1)"
      kinds.append(LayerKind(name: name, layer: layer))
      return kinds.count - 1
    }
  }
}
