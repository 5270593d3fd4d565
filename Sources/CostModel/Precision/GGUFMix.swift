/// llama.cpp's file types: what `llama-quantize` stores each tensor in (`llama_tensor_get_type`).
///
/// What it takes an importance matrix for is taken as made with one, everything else as made without.
public enum GGUFMix: String, CaseIterable, Sendable {
  case q4_0, q4_1, q5_0, q5_1, q8_0
  case q2_k, q2_k_s, q3_k_s, q3_k_m, q3_k_l, q4_k_s, q4_k_m, q5_k_s, q5_k_m, q6_k
  case iq1_s, iq1_m, iq2_xxs, iq2_xs, iq2_s, iq2_m, iq3_xxs, iq3_xs, iq3_s, iq3_m, iq4_nl, iq4_xs
  case tq1_0, tq2_0
  /// Experts in mxfp4, everything else in q8_0.
  case mxfp4_moe

  /// The file type that a block type's name means to `llama-quantize`; nil where it writes none of that name.
  public init?(_ type: GGUFType) {
    switch type {
    case .q3_k: self = .q3_k_m
    case .q4_k: self = .q4_k_m
    case .q5_k: self = .q5_k_m
    default: self.init(rawValue: type.rawValue)
    }
  }

  /// Type of most tensors (`llama_ftype_get_default_type`).
  public var base: GGUFType {
    switch self {
    case .q2_k, .q2_k_s: .q2_k
    case .q3_k_s, .q3_k_m, .q3_k_l: .q3_k
    case .q4_k_s, .q4_k_m: .q4_k
    case .q5_k_s, .q5_k_m: .q5_k
    case .iq2_s: .iq2_xs
    case .iq2_m: .iq2_s
    case .iq3_xs, .iq3_s, .iq3_m: .iq3_s
    case .mxfp4_moe: .q8_0
    default: GGUFType(rawValue: rawValue) ?? .q8_0
    }
  }

  /// Below three bits: rules of their own.
  private var isTiny: Bool {
    switch self {
    case .iq1_s, .iq1_m, .iq2_xxs, .iq2_xs, .iq2_s, .iq2_m: true
    default: false
    }
  }

  /// The larger of the two-bit types.
  private var isUpperTwo: Bool { self == .iq2_s || self == .iq2_m }

  /// The output projection, and the table that it shares.
  var head: GGUFType {
    switch self {
    case .iq3_xxs: .q5_k
    case .q8_0, .mxfp4_moe: .q8_0
    default: isTiny ? .q5_k : .q6_k
    }
  }

  /// The table of embeddings that the head does not share.
  var embedding: GGUFType {
    switch self {
    case .iq3_xxs: .iq3_s
    case .tq1_0, .tq2_0: .q4_k
    default: isUpperTwo ? .iq3_s : isTiny ? .q2_k : base
    }
  }

  /// The first and last eighth of the layers, and every third between.
  static func usesMoreBits(_ layer: Int, of layers: Int) -> Bool {
    layer < layers / 8 || layer >= 7 * layers / 8 || (layer - layers / 8) % 3 == 2
  }
}

/// What the rules ask of a model, and where a tensor stands.
struct GGUFPlace {
  /// Query heads that share a key/value head.
  var queriesPerKey = 1
  /// Routed experts of a layer; 1 without.
  var experts = 1
  /// Layers in all.
  var layers = 1
  /// The tensor's layer, and which of the layers with a value projection it is.
  var layer = 0
  var valueLayer = 0
  var valueLayers = 1

  /// llama.cpp's “70B”: 80 layers whose few key/value heads weigh hardly anything.
  var isSeventy: Bool { layers == 80 && queriesPerKey > 1 }
  var isEarly: Bool { layer < layers / 8 }
  var isMixtral: Bool { experts == 8 }
}

extension GGUFMix {
  /// Type of a layer's matrix.
  func type(of role: Tensor.Role, at place: GGUFPlace) -> GGUFType {
    switch role {
    case .value: isTiny ? tinyValue(place) : value(place)
    case .key, .query: queryOrKey(role, place)
    case .attentionOutput: attentionOutput(place)
    case .up: self == .iq3_xs && !place.isEarly && place.layer < 7 * place.layers / 8 ? .iq3_xxs : base
    case .down: down(place)
    case .other: base
    }
  }

  private func tinyValue(_ place: GGUFPlace) -> GGUFType {
    place.queriesPerKey >= 4 || place.experts >= 4 ? .q4_k : isUpperTwo ? .iq3_s : .q2_k
  }

  private func value(_ place: GGUFPlace) -> GGUFType {
    if self == .mxfp4_moe { return .q8_0 }
    if place.isMixtral { return .q8_0 }
    let grouped = place.queriesPerKey >= 4
    let type: GGUFType
    switch self {
    case .q2_k: type = grouped ? .q4_k : .q3_k
    case .q2_k_s: type = grouped ? .q4_k : base
    case .iq3_xxs: type = grouped ? .q4_k : .iq3_xxs
    case .iq3_xs, .iq3_s: type = grouped ? .q4_k : base
    case .iq3_m: type = .q4_k
    case .q3_k_m: type = place.valueLayer < 2 ? .q5_k : .q4_k
    case .q3_k_l: type = .q5_k
    case .iq4_nl, .iq4_xs: type = grouped ? .q5_k : base
    case .q4_k_s: type = place.valueLayer < 4 ? .q5_k : .q4_k
    case .q4_k_m, .q5_k_m:
      type = Self.usesMoreBits(place.valueLayer, of: place.valueLayers) ? .q6_k : base
    default: type = base
    }
    return place.isSeventy && (type == .q3_k || type == .q4_k) ? .q5_k : type
  }

  private func queryOrKey(_ role: Tensor.Role, _ place: GGUFPlace) -> GGUFType {
    if role == .key && place.isMixtral && self != .mxfp4_moe { return isTiny ? .q4_k : .q8_0 }
    switch self {
    case .iq3_xs: return .iq3_xxs
    case .iq3_xxs: return .iq2_s
    default: return base
    }
  }

  private func attentionOutput(_ place: GGUFPlace) -> GGUFType {
    if place.isMixtral {
      switch self {
      case .q2_k, .iq3_xs, .iq3_xxs, .q3_k_s, .q3_k_m, .iq4_nl, .q4_k_s, .q4_k_m, .iq3_s, .iq3_m, .iq4_xs:
        return .q5_k
      default: return isTiny ? .q5_k : base
      }
    }
    switch self {
    case .iq1_s, .iq1_m: return .iq2_xxs
    case .iq2_s, .iq2_m, .iq3_xxs: return .iq3_s
    case .q2_k: return .q3_k
    case .q3_k_m, .iq3_m: return .q4_k
    case .q3_k_l: return .q5_k
    default: return base
    }
  }

  private func down(_ place: GGUFPlace) -> GGUFType {
    switch self {
    case .iq1_s, .iq1_m, .iq2_xxs, .iq2_xs: place.isEarly ? .q2_k : base
    case .iq2_s, .iq2_m: place.isEarly ? .iq3_s : base
    case .q2_k: .q3_k
    case .q2_k_s: place.isEarly ? .q4_k : base
    case .q3_k_m: place.layer < place.layers / 16 ? .q5_k : .q4_k
    case .iq3_m:
      place.isEarly || (place.isMixtral && Self.usesMoreBits(place.layer, of: place.layers)) ? .q4_k : base
    case .q3_k_l: .q5_k
    case .q4_k_s: place.isEarly ? .q5_k : base
    case .q4_k_m, .q5_k_m: Self.usesMoreBits(place.layer, of: place.layers) ? .q6_k : base
    default: base
    }
  }
}
