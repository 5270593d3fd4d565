/// One stored tensor of a model, and how many of it there are: what parameters, weight bytes, file mixes and
/// header checks add up.
///
/// Sizes of one copy; layers of a kind and routed experts are copies. Holds no text that has to be made: names
/// are put together when asked for.
public struct Tensor: Hashable, Sendable {
  /// The module that holds it within a layer (`self_attn`, `mlp.experts.{expert}`), or within the model.
  public var module: String
  /// Its name within the module (`q_proj`).
  public var member: String
  /// What follows the name.
  public var suffix: Suffix
  /// Part of the model that its parameters are reported under.
  public var component: Component
  /// Which of a plan's formats it is stored in.
  public var storage: Storage
  /// The operator whose product it is in; nil for vectors, which ride along.
  public var reader: OperatorKind?
  /// What llama.cpp's mixes tell apart.
  public var role: Role
  /// Outputs of a product; the length of a vector.
  public var rows: Double
  /// Inputs of a product, taps of a convolution; nil for a vector.
  public var columns: Double?
  /// Index into the model's kinds of layer; nil outside the layers.
  public var layerKind: Int?
  /// Layers that have it; 1 outside the layers.
  public var layers: Double
  /// Routed experts that have one each; nil for what every token uses.
  public var routed: RoutedExperts?
  /// How tensor parallelism cuts it; routed experts can also be dealt out whole.
  public var split: Split

  /// Elements of one copy.
  public var elements: Double { rows * (columns ?? 1) }
  /// Elements of all layers and experts.
  public var storedElements: Double { layers * (routed?.experts ?? 1) * elements }
  /// Of those, what one token uses.
  public var activeElements: Double { layers * (routed?.used ?? 1) * elements }

  /// Its name as Hugging Face checkpoints have it, with `{layer}` and `{expert}` where a number stands.
  ///
  /// Names go by mechanism: families that call the same tensor otherwise are not told apart.
  public var name: String {
    [layerKind == nil ? "" : "model.layers.{layer}", module, member, suffix.rawValue]
      .filter { !$0.isEmpty }.joined(separator: ".")
  }
}

extension Tensor {
  /// Parts of a model, as parameters are reported; raw values as in reports and JSON.
  public enum Component: String, CaseIterable, Hashable, Sendable {
    /// Token and position tables.
    case embedding
    /// Softmax attention, its biases and inner norms among it.
    case attention
    /// State-space and linear-attention layers with their convolutions and inner norms.
    case recurrent
    /// Dense and shared feed-forwards and all routed experts.
    case feedForward = "feed_forward"
    /// What picks the experts.
    case router
    /// Norms around mixer and feed-forward, and outside the layers.
    case norm
    /// Towers that read images, with what brings their tokens to the decoder.
    case vision
    /// Towers that read sound, likewise.
    case audio
    /// The output projection; its table is the embedding's where they are tied.
    case lmHead = "lm_head"
  }

  /// The classes of tensors that a precision plan tells apart.
  public enum Storage: Hashable, Sendable {
    /// Token and position tables.
    case embedding
    /// The output projection.
    case lmHead
    /// Matrices of projections and dense or shared feed-forwards.
    case weights
    /// Matrices of routed experts.
    case experts
    /// Norms, biases, routers, convolutions and decays: never quantized with the rest.
    case small
    /// Towers of pixels and sound: left as activations are.
    case tower
  }

  /// What follows a tensor's name.
  public enum Suffix: String, Hashable, Sendable {
    /// The matrix of a product, the scale of a norm.
    case weight
    /// Added after it.
    case bias
    /// Nothing: a tensor that is no module of its own (`A_log`).
    case none = ""
  }

  /// Tensors that a llama.cpp mix may store in a better type than the rest.
  public enum Role: Hashable, Sendable {
    /// Value projection of attention whose stored heads serve so many query heads each.
    case value(queriesPerKey: Int)
    /// Query and key projections.
    case query, key
    /// Output projection of attention.
    case attentionOutput
    /// Matrices of a feed-forward; the gate goes with the first.
    case up, down
    /// Everything else.
    case other
  }

  /// How tensor parallelism deals a tensor out to ranks.
  public enum Split: Hashable, Sendable {
    /// By rows: each rank makes a part of the outputs (column parallel in Megatron's words).
    case outputs
    /// By columns: each rank takes a part of the inputs, and the results are added (row parallel).
    case inputs
    /// By rows in whole key/value heads; more ranks than heads share one.
    case keyValueHeads(Int)
    /// Whole on every rank.
    case replicated
  }

  /// Experts that a router chooses among.
  public struct RoutedExperts: Hashable, Sendable {
    /// Experts of a layer.
    public var experts: Double
    /// How many of them a token uses.
    public var used: Double
  }
}

/// Takes a model's tensors one after the other.
public protocol TensorSink {
  /// Called once for each tensor of each kind of layer, with the number of its copies.
  mutating func add(_ tensor: Tensor)
}
