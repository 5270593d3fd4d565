extension ModelSpec {
  /// The model with its prediction layers run behind the others.
  public var predicting: ModelSpec {
    guard predictionLayers > 0, let last = pattern.last else { return self }
    var model = self
    var layer = kinds[last].layer
    layer.predicts = true
    model.pattern += Array(repeating: kinds.count, count: predictionLayers)
    model.kinds.append(LayerKind(name: "mtp", layer: layer))
    model.predictionLayers = 0
    return model
  }
}

/// What a model makes of its last hidden states.
public struct OutputHead: Hashable, Sendable {
  /// The last product's outputs.
  public enum Result: Hashable, Sendable {
    /// A logit for each word of the vocabulary.
    case vocabulary
    /// None: hidden states are the answer (embedding models).
    case hidden
    /// A score for each class, without bias (reward models, classifiers).
    case classes(Int)
  }

  /// The last product's outputs.
  public var result: Result
  /// A hidden × hidden product before it (BERT's prediction transform, its pooler).
  public var transform: Bool
  /// That product adds a bias.
  public var transformBias: Bool
  /// A norm behind that product.
  public var norm: NormSpec?

  /// Nothing before the last product unless told otherwise.
  public init(
    _ result: Result = .vocabulary, transform: Bool = false, transformBias: Bool = false,
    norm: NormSpec? = nil
  ) {
    self.result = result
    self.transform = transform
    self.transformBias = transformBias
    self.norm = norm
  }

  /// Rows of its own table; nil: as many as the vocabulary, its own or the embedding's.
  public var classes: Int? {
    switch result {
    case .vocabulary: nil
    case .hidden: 0
    case .classes(let count): count
    }
  }

  /// The transform and its norm, where hidden states become the head's inputs.
  func tensors<Sink: TensorSink>(into out: inout TensorWriter<Sink>) {
    out.enter("head", .lmHead)
    if transform {
      out.matrix(
        "dense", rows: out.hidden, columns: out.hidden, bias: transformBias, storage: .lmHead,
        reader: .headTransform, split: .replicated)
    }
    if let norm { out.norm("norm", norm, width: out.hidden) }
    if case .classes(let count) = result {
      out.enter("", .lmHead)
      out.matrix(
        "score", rows: Double(count), columns: out.hidden, storage: .lmHead, reader: .lmHead,
        split: .replicated)
    }
  }
}
