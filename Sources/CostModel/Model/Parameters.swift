/// Trainable numbers by component. Exact whole numbers below 2^53.
public struct ParameterCount: Hashable, Sendable, TensorSink {
  /// Token and position tables.
  public private(set) var embedding = 0.0
  /// Softmax attention, its biases and inner norms among it.
  public private(set) var attention = 0.0
  /// State-space and linear-attention layers, their convolutions and inner norms among them.
  public private(set) var recurrent = 0.0
  /// Dense and shared feed-forwards and all routed experts.
  public private(set) var feedForward = 0.0
  /// Weights and biases of routers.
  public private(set) var router = 0.0
  /// Norms around mixers and feed-forwards, and outside the layers.
  public private(set) var norm = 0.0
  /// Towers that read images, their projectors among them.
  public private(set) var vision = 0.0
  /// Towers that read sound, their projectors among them.
  public private(set) var audio = 0.0
  /// The output projection; 0 when tied to the embedding.
  public private(set) var lmHead = 0.0
  /// Routed experts' share of `feedForward`.
  public private(set) var routedExperts = 0.0
  /// Of those, what one token uses.
  public private(set) var activeExperts = 0.0
  /// Everything but the routed experts that a token does not use.
  public private(set) var active = 0.0

  /// Nothing yet.
  public init() {}

  /// Sum of all components.
  public var total: Double { Tensor.Component.allCases.reduce(0) { $0 + self[$1] } }

  /// The count of one component.
  public subscript(component: Tensor.Component) -> Double { self[keyPath: Self.field(component)] }

  /// Counts all copies of a tensor.
  public mutating func add(_ tensor: Tensor) {
    self[keyPath: Self.field(tensor.component)] += tensor.storedElements
    active += tensor.activeElements
    guard tensor.routed != nil else { return }
    routedExperts += tensor.storedElements
    activeExperts += tensor.activeElements
  }

  private static func field(_ component: Tensor.Component) -> WritableKeyPath<ParameterCount, Double> {
    switch component {
    case .embedding: \.embedding
    case .attention: \.attention
    case .recurrent: \.recurrent
    case .feedForward: \.feedForward
    case .router: \.router
    case .norm: \.norm
    case .lmHead: \.lmHead
    case .vision: \.vision
    case .audio: \.audio
    }
  }
}

extension ModelSpec {
  /// Parameters by component: the sum over its tensors.
  public var parameters: ParameterCount {
    var count = ParameterCount()
    tensors(into: &count)
    return count
  }

  /// Bytes that one more token adds to the cache while no window is full.
  public func cacheBytesPerToken(_ format: NumberFormat) -> Double {
    sumOverLayers { $0.mixer.traits.cacheWidth + $0.mixer.traits.lastingWidth } * format.bytesPerElement
  }

  /// Adds up a figure of each layer: one kind × its count.
  func sumOverLayers(_ figure: (LayerSpec) -> Double) -> Double {
    zip(kinds, kindCounts).reduce(0) { $0 + Double($1.1) * figure($1.0.layer) }
  }
}
