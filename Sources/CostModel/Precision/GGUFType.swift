/// llama.cpp's block types; sizes from ggml's block structs (ggml-common.h).
public enum GGUFType: String, CaseIterable, Sendable {
  case q4_0, q4_1, q5_0, q5_1, q8_0, q8_1
  case q2_k, q3_k, q4_k, q5_k, q6_k, q8_k
  case iq1_s, iq1_m, iq2_xxs, iq2_xs, iq2_s, iq3_xxs, iq3_s, iq4_xs, iq4_nl
  case tq1_0, tq2_0, q1_0

  /// Elements that share one block.
  public var blockElements: Double {
    switch self {
    case .q4_0, .q4_1, .q5_0, .q5_1, .q8_0, .q8_1, .iq4_nl: 32
    case .q1_0: 128
    default: 256
    }
  }

  /// Blocks carry a minimum beside the scale.
  var hasMinimum: Bool {
    switch self {
    case .q4_1, .q5_1, .q2_k, .q4_k, .q5_k: true
    default: false
    }
  }

  /// Bytes of one block, scales and minima included.
  public var blockBytes: Double {
    switch self {
    case .q4_0: 18
    case .q4_1: 20
    case .q5_0: 22
    case .q5_1: 24
    case .q8_0: 34
    case .q8_1: 36
    case .q2_k: 84
    case .q3_k: 110
    case .q4_k: 144
    case .q5_k: 176
    case .q6_k: 210
    case .q8_k: 292
    case .iq1_s: 50
    case .iq1_m: 56
    case .iq2_xxs: 66
    case .iq2_xs: 74
    case .iq2_s: 82
    case .iq3_xxs: 98
    case .iq3_s: 110
    case .iq4_xs: 136
    case .iq4_nl: 18
    case .tq1_0: 54
    case .tq2_0: 66
    case .q1_0: 18
    }
  }
}
