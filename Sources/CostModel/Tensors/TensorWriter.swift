/// Where mechanisms say their tensors: it knows the layer they stand in and hands each one to a sink.
struct TensorWriter<Sink: TensorSink> {
  var sink: Sink
  /// Width of the residual stream.
  let hidden: Double
  /// What the next tensors belong to.
  /// The tower that the next tensors stand in, and the component that all of its tensors count to; nil: their own.
  var tower: (name: String, component: Tensor.Component?)?
  private var module = ""
  private var component = Tensor.Component.embedding
  private var routed: Tensor.RoutedExperts?
  private var layerKind: Int?
  private var layers = 1.0

  init(hidden: Double, sink: Sink) {
    self.hidden = hidden
    self.sink = sink
  }

  /// The next tensors stand in `layers` layers of a kind; nil: outside the layers.
  mutating func enter(layerKind: Int?, layers: Double) {
    self.layerKind = layerKind
    self.layers = layers
  }

  /// The next tensors belong to a module of a component, one for each of `routed` experts.
  mutating func enter(
    _ module: String, _ component: Tensor.Component, routed: Tensor.RoutedExperts? = nil
  ) {
    self.module = tower.map { "\($0.name).\(module)" } ?? module
    self.component = tower?.component ?? component
    self.routed = routed
  }

  /// [rows, columns] weights, and a bias of `rows`.
  mutating func matrix(
    _ name: String, rows: Double, columns: Double, bias: Bool = false, suffix: Tensor.Suffix = .weight,
    storage: Tensor.Storage = .weights, reader: OperatorKind, role: Tensor.Role = .other, split: Tensor.Split
  ) {
    add(name, suffix, storage, reader, role, rows: rows, columns: columns, split)
    // Partial sums of split inputs are added before the bias.
    if bias { vector(name, rows, .bias, split: split == .inputs ? .replicated : split) }
  }

  /// `width` numbers that are kept at 16 bits or more.
  mutating func vector(
    _ name: String, _ width: Double, _ suffix: Tensor.Suffix = .none, split: Tensor.Split = .replicated
  ) {
    add(name, suffix, .small, nil, .other, rows: width, columns: nil, split)
  }

  /// What a norm over `width` elements has learned.
  mutating func norm(
    _ name: String, _ spec: NormSpec = .rms, width: Double, split: Tensor.Split = .replicated
  ) {
    if spec.weight { vector(name, width, .weight, split: split) }
    if spec.bias { vector(name, width, .bias, split: split) }
  }

  private mutating func add(
    _ name: String, _ suffix: Tensor.Suffix, _ storage: Tensor.Storage, _ reader: OperatorKind?,
    _ role: Tensor.Role, rows: Double, columns: Double?, _ split: Tensor.Split
  ) {
    sink.add(
      Tensor(
        module: module, member: name, suffix: suffix, component: component,
        storage: tower?.component == nil ? storage : .tower, reader: reader,
        role: role, rows: rows, columns: columns, layerKind: layerKind, layers: layers, routed: routed,
        split: split))
  }
}
