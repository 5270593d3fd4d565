/// One model turned into another, one mechanism at a time.
public enum Morph {
  /// A model on the way, named after what it took over last.
  public struct Step: Hashable, Sendable {
    /// The mechanism, or the first model's name.
    public var name: String
    /// With this mechanism and all before it taken over.
    public var model: ModelSpec
  }

  /// A, then A with more and more of B, the last one costing exactly what B costs.
  public static func steps(from a: ModelSpec, to b: ModelSpec) -> [Step] {
    var layers = expanded(a)
    let target = expanded(b)
    // B's layer that stands at the same share of the depth.
    func match(_ index: Int) -> LayerSpec { target[index * target.count / layers.count] }
    var model = a
    var steps = [Step(name: a.name, model: a)]
    func record(_ name: String) {
      model.setLayers(layers)
      if model != steps[steps.count - 1].model { steps.append(Step(name: name, model: model)) }
    }
    for index in layers.indices {
      layers[index].mixer = keepingPosition(of: layers[index].mixer, match(index).mixer)
    }
    record("heads")
    for index in layers.indices { layers[index].mixer = match(index).mixer }
    model.embeddingPosition = b.embeddingPosition
    model.maxPositions = b.maxPositions
    record("positions")
    for index in layers.indices { layers[index].feedForward = match(index).feedForward }
    record("feed-forward")
    for index in layers.indices {
      layers[index].norm = match(index).norm
      layers[index].norms = match(index).norms
      layers[index].parallel = match(index).parallel
    }
    model.finalNorm = b.finalNorm
    model.embeddingNorm = b.embeddingNorm
    record("norms")
    model.hidden = b.hidden
    record("width")
    layers = target
    record("depth")
    model.vocabulary = b.vocabulary
    model.tiedEmbeddings = b.tiedEmbeddings
    model.lmHeadBias = b.lmHeadBias
    model.logitSoftcap = b.logitSoftcap
    record("vocabulary and head")
    return steps
  }

  private static func expanded(_ model: ModelSpec) -> [LayerSpec] {
    model.pattern.map { model.kinds[$0].layer }
  }

  private static func keepingPosition(of old: MixerSpec, _ new: MixerSpec) -> MixerSpec {
    guard case .attention(let before) = old, case .attention(var after) = new else { return new }
    after.position = before.position
    return .attention(after)
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
