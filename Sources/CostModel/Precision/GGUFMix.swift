/// llama.cpp's file types that mix block types: which tensors get more bits (`llama_tensor_get_type`).
///
/// Output and values are dearer than the rest: lm_head is q6_k, and the value projection and the down
/// projection of some layers get a better type.
public enum GGUFMix: String, CaseIterable, Sendable {
  case q2_k_m = "q2_k_mix"
  case q3_k_s, q3_k_m, q3_k_l, q4_k_s, q4_k_m, q5_k_s, q5_k_m

  /// Type of most tensors.
  public var base: GGUFType {
    switch self {
    case .q2_k_m: .q2_k
    case .q3_k_s, .q3_k_m, .q3_k_l: .q3_k
    case .q4_k_s, .q4_k_m: .q4_k
    case .q5_k_s, .q5_k_m: .q5_k
    }
  }

  /// The first and last eighth of the layers, and every third between.
  static func usesMoreBits(_ layer: Int, of layers: Int) -> Bool {
    layer < layers / 8 || layer >= 7 * layers / 8 || (layer - layers / 8) % 3 == 2
  }

  /// Type of the value projection of a layer; `wide`: eight experts, or so few key/value heads that it hardly
  /// counts (70B), where llama.cpp spends more.
  func value(_ layer: Int, of layers: Int, manyQueriesPerKey: Bool) -> GGUFType {
    let type: GGUFType
    switch self {
    case .q2_k_m: type = manyQueriesPerKey ? .q4_k : .q3_k
    case .q3_k_m: type = layer < 2 ? .q5_k : .q4_k
    case .q3_k_l: type = .q5_k
    case .q4_k_s: type = layer < 4 ? .q5_k : .q4_k
    case .q4_k_m, .q5_k_m: type = Self.usesMoreBits(layer, of: layers) ? .q6_k : base
    case .q3_k_s, .q5_k_s: type = base
    }
    return manyQueriesPerKey && (type == .q3_k || type == .q4_k) ? .q5_k : type
  }

  /// Type of the down projection of a layer.
  func down(_ layer: Int, of layers: Int) -> GGUFType {
    switch self {
    case .q2_k_m: .q3_k
    case .q3_k_m: layer < layers / 16 ? .q5_k : .q4_k
    case .q3_k_l: .q5_k
    case .q4_k_s: layer < layers / 8 ? .q5_k : .q4_k
    case .q4_k_m, .q5_k_m: Self.usesMoreBits(layer, of: layers) ? .q6_k : base
    case .q3_k_s, .q5_k_s: base
    }
  }

  /// Type of the output projection of attention.
  var attentionOutput: GGUFType {
    switch self {
    case .q2_k_m: .q3_k
    case .q3_k_m: .q4_k
    case .q3_k_l: .q5_k
    default: base
    }
  }
}

extension GGUFMix {
  /// Type of a quantized tensor in one layer.
  func type(of role: Tensor.Role, layer: Int, of layers: Int) -> GGUFType {
    switch role {
    case .value(let queriesPerKey):
      value(layer, of: layers, manyQueriesPerKey: queriesPerKey >= 8 && layers >= 80)
    case .attentionOutput: attentionOutput
    case .down: down(layer, of: layers)
    case .other: base
    }
  }
}

extension ModelSpec {
  /// Mean bytes per weight of the dense products and of the routed experts under a mix, layer by layer; the
  /// mix's base type where there are none.
  public func bytesPerWeight(_ mix: GGUFMix) -> (products: Double, experts: Double) {
    var sum = MixBytes(mix, pattern: pattern)
    tensors(into: &sum)
    let base = mix.base.blockBytes / mix.base.blockElements
    return (sum.products.mean ?? base, sum.experts.mean ?? base)
  }
}

/// Sums bytes of quantized matrices, each layer's in its own type.
private struct MixBytes: TensorSink {
  struct Sum {
    var elements = 0.0
    var bytes = 0.0

    /// Bytes per element.
    var mean: Double? { elements > 0 ? bytes / elements : nil }
  }

  let mix: GGUFMix
  /// Kind of layer 0, 1, …
  let pattern: [Int]
  var products = Sum()
  var experts = Sum()

  init(_ mix: GGUFMix, pattern: [Int]) {
    self.mix = mix
    self.pattern = pattern
  }

  mutating func add(_ tensor: Tensor) {
    switch tensor.storage {
    case .weights: add(tensor, to: &products)
    case .experts: add(tensor, to: &experts)
    case .embedding, .lmHead, .small: break
    }
  }

  private func add(_ tensor: Tensor, to sum: inout Sum) {
    let elements = tensor.storedElements / tensor.layers
    for (layer, kind) in pattern.enumerated() where kind == tensor.layerKind {
      let type = mix.type(of: tensor.role, layer: layer, of: pattern.count)
      sum.elements += elements
      sum.bytes += elements * type.blockBytes / type.blockElements
    }
  }
}
