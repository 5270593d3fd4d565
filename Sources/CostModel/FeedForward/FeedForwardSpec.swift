/// The token-wise half of a layer.
public enum FeedForwardSpec: Hashable, Sendable {
  /// One feed-forward for every token.
  case dense(DenseSpec)
  /// Experts that a router picks from.
  case mixture(MixtureSpec)
  /// Nothing: a layer of mixer alone.
  case none
}

extension FeedForwardSpec {
  /// Elements of the widest intermediate per token.
  func widestActivation(hidden: Double) -> Double {
    switch self {
    case .dense(let spec): spec.projectionWidth + Double(spec.intermediate)
    case .mixture(let spec): spec.widestActivation(hidden: hidden)
    case .none: 0
    }
  }

  func tensors<Sink: TensorSink>(into out: inout TensorWriter<Sink>) {
    switch self {
    case .dense(let spec):
      out.enter("mlp", .feedForward)
      spec.tensors(.weights, readers: .layer, into: &out)
    case .mixture(let spec): spec.tensors(into: &out)
    case .none: break
    }
  }
}

/// Two matrices and an activation, or three when gated (arXiv:2002.05202).
public struct DenseSpec: Hashable, Sendable {
  /// Inner width (`intermediate_size`).
  public var intermediate: Int
  /// A second product gates the first.
  public var gated: Bool
  /// Biases on all products.
  public var bias: Bool
  /// Between the products.
  public var activation: Activation
  /// An RMS norm before the last product (BitNet).
  public var innerNorm = false
  /// Share of the first product's outputs that are cut off at a quantile of their mean and deviation (Gemma 3n); products
  /// are priced whole, as engines run them. 0: none.
  public var sparsity = 0.0

  /// Gated and without biases unless told otherwise.
  public init(intermediate: Int, gated: Bool = true, bias: Bool = false, activation: Activation = .silu) {
    self.intermediate = intermediate
    self.gated = gated
    self.bias = bias
    self.activation = activation
  }

  /// Columns of the first product: gate and up side by side.
  @inline(__always) public var projectionWidth: Double { Double(intermediate) * (gated ? 2 : 1) }

  /// Biases of the products, added to each row.
  @inline(__always)
  func biasParameters(hidden: Double) -> Double { bias ? projectionWidth + hidden : 0 }

  /// Gate, up and down in whatever module the writer stands in.
  func tensors<Sink: TensorSink>(
    _ storage: Tensor.Storage, readers: DenseKinds, width: Double? = nil, into out: inout TensorWriter<Sink>
  ) {
    let inner = Double(intermediate)
    let width = width ?? out.hidden
    if gated {
      out.matrix(
        "gate_proj", rows: inner, columns: width, bias: bias, storage: storage, reader: readers.up,
        role: .up, split: .outputs)
    }
    out.matrix(
      "up_proj", rows: inner, columns: width, bias: bias, storage: storage, reader: readers.up,
      role: .up, split: .outputs)
    out.matrix(
      "down_proj", rows: width, columns: inner, bias: bias, storage: storage,
      reader: readers.down, role: .down, split: .inputs)
    if innerNorm { out.norm("ffn_sub_norm", width: inner, split: .outputs) }
    if activation.parameters > 0 { out.vector("act_fn", activation.parameters) }
  }

  /// Mean, squared distance from it and their sum, cutoff taken off, maximum with 0.
  static let cutFLOPs = 6.0

  /// Element-wise FLOPs for one of `intermediate` outputs: the activation, and the product with the gate.
  @inline(__always) public var flopsPerElement: Double {
    activation.flops + (gated ? 1 : 0) + (innerNorm ? NormSpec.rms.flopsPerElement : 0)
      + (sparsity > 0 ? Self.cutFLOPs : 0)
  }
}

/// Non-linearities, each counted as the arithmetic of its formula; exp, tanh and erf count one each.
public enum Activation: String, CaseIterable, Hashable, Sendable {
  /// x / (1 + e^−x): negate, exp, add, divide.
  case silu
  /// x·Φ(x) with erf: scale, erf, add, half, multiply.
  case gelu
  /// 0.5x(1 + tanh(√(2/π)(x + 0.044715x³))).
  case geluTanh = "gelu_tanh"
  /// max(x, 0).
  case relu
  /// relu(x)² (Nemotron, arXiv:2109.08668).
  case reluSquared = "relu2"
  /// x·σ(1.702x).
  case quickGelu = "quick_gelu"
  /// SwiGLU with both halves clamped and a steeper sigmoid (gpt-oss, MiniMax M3).
  case clampedSilu = "swigluoai"
  /// αx² + βx above 0, α(e^x − 1 − x) + βx below, with two trained numbers (Apertus, arXiv:2411.13010).
  case xielu

  /// Trained numbers of its own.
  public var parameters: Double { self == .xielu ? 2 : 0 }

  /// FLOPs of one element.
  @inline(__always) public var flops: Double {
    switch self {
    case .silu: 4
    case .gelu: 5
    case .geluTanh: 9
    case .relu: 1
    case .reluSquared: 2
    case .quickGelu: 5
    case .clampedSilu: 9
    case .xielu: 6
    }
  }
}
