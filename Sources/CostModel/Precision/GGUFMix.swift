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

extension ModelSpec {
  /// Mean bytes per weight of the dense products and of the routed experts under a mix, layer by layer.
  public func bytesPerWeight(_ mix: GGUFMix) -> (products: Double, experts: Double) {
    let hidden = Double(self.hidden)
    let layers = pattern.count
    var products = (elements: 0.0, bytes: 0.0)
    var experts = (elements: 0.0, bytes: 0.0)
    func add(_ elements: Double, _ type: GGUFType, to sum: inout (elements: Double, bytes: Double)) {
      sum.elements += elements
      sum.bytes += elements * type.blockBytes / type.blockElements
    }
    for (layer, index) in pattern.enumerated() {
      let spec = kinds[index].layer
      switch spec.mixer {
      case .attention(let attention):
        let value =
          attention.sharesCache ? 0 : Double(attention.keyValueHeads) * Double(attention.valueHeadDim)
        let output = Double(attention.heads) * Double(attention.valueHeadDim)
        let group = attention.heads / max(1, attention.keyValueHeads)
        add(hidden * (attention.projectionWidth - value), mix.base, to: &products)
        add(
          hidden * value, mix.value(layer, of: layers, manyQueriesPerKey: group >= 8 && layers >= 80),
          to: &products)
        add(hidden * output, mix.attentionOutput, to: &products)
      case .latent, .stateSpace, .delta:
        add(spec.mixer.matrixParameters(hidden: hidden), mix.base, to: &products)
      case .none: break
      }
      func feedForward(_ dense: DenseSpec, copies: Double, to sum: inout (elements: Double, bytes: Double)) {
        add(copies * hidden * dense.projectionWidth, mix.base, to: &sum)
        add(copies * hidden * Double(dense.intermediate), mix.down(layer, of: layers), to: &sum)
      }
      switch spec.feedForward {
      case .dense(let dense): feedForward(dense, copies: 1, to: &products)
      case .mixture(let mixture):
        feedForward(mixture.expert, copies: Double(mixture.experts), to: &experts)
        if let shared = mixture.shared { feedForward(shared, copies: 1, to: &products) }
      case .none: break
      }
    }
    let base = mix.base.blockBytes / mix.base.blockElements
    return (
      products.elements > 0 ? products.bytes / products.elements : base,
      experts.elements > 0 ? experts.bytes / experts.elements : base
    )
  }
}

extension MixerSpec {
  /// Weights of the mixer's products, without what is kept unquantised.
  func matrixParameters(hidden: Double) -> Double {
    let all: Double =
      switch self {
      case .attention(let spec): spec.parameters(hidden: hidden)
      case .latent(let spec): spec.parameters(hidden: hidden)
      case .stateSpace(let spec): spec.parameters(hidden: hidden)
      case .delta(let spec): spec.parameters(hidden: hidden)
      case .none: 0
      }
    return all - unquantised(hidden: hidden)
  }
}
