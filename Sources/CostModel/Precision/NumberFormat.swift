/// How numbers are stored: bits per element and the scales that ride along.
///
/// `blockBytes / blockElements` is the true storage cost, scales and zero points included.
public enum NumberFormat: Hashable, Sendable {
  case fp32, tf32, bf16, fp16
  /// 8-bit float, one fp32 scale per tensor (the scale is below one part in a million: not counted).
  case fp8
  /// 8-bit float, one fp32 scale per 128 × 128 block (DeepSeek-V3, arXiv:2412.19437 §3.3).
  case fp8Block
  /// 8-bit integer, one fp16 scale per output channel (not counted: below 0.1 %).
  case int8
  /// 4-bit integer in groups (GPTQ, AWQ): one fp16 scale per group, and a 4-bit zero point if asymmetric.
  case int4(group: Int, zeroPoint: Bool)
  /// OCP MX: 32 elements share one 8-bit scale.
  case mxfp4
  /// NVIDIA: 16 elements share one fp8 scale.
  case nvfp4
  /// A block type of llama.cpp.
  case gguf(GGUFType)
  /// A llama.cpp file type that mixes block types, at its mean over a model's weights.
  case mixed(GGUFMix, bytesPerElement: Double)

  /// Elements that share one set of scales.
  public var blockElements: Double {
    switch self {
    case .fp32, .tf32, .bf16, .fp16, .fp8, .int8: 1
    case .fp8Block: 128 * 128
    case .int4(let group, _): Double(group)
    case .mxfp4: 32
    case .nvfp4: 16
    case .gguf(let type): type.blockElements
    case .mixed: 1
    }
  }

  /// Bytes of one block, scales and zero points included.
  public var blockBytes: Double {
    switch self {
    case .fp32, .tf32: 4
    case .bf16, .fp16: 2
    case .fp8, .int8: 1
    case .fp8Block: 128 * 128 + 4
    case .int4(let group, let zeroPoint): Double(group) / 2 + 2 + (zeroPoint ? 0.5 : 0)
    case .mxfp4: 17
    case .nvfp4: 9
    case .gguf(let type): type.blockBytes
    case .mixed(_, let bytes): bytes
    }
  }

  /// Bytes per element with scales amortised.
  public var bytesPerElement: Double { blockBytes / blockElements }

  /// FLOPs to bring one element to 16 bits: a conversion, and a scale where several share one, and a zero
  /// point or minimum where there is one.
  var expansionFLOPs: Double {
    switch self {
    case .fp32, .tf32, .bf16, .fp16: 1
    case .fp8, .int8: 1
    case .fp8Block, .mxfp4, .nvfp4, .int4(_, false): 2
    case .int4(_, true): 3
    case .gguf(let type): type.hasMinimum ? 3 : 2
    case .mixed(let mix, _): mix.base.hasMinimum ? 3 : 2
    }
  }
}

/// llama.cpp's block types; sizes from ggml's block structs (ggml-common.h).
public enum GGUFType: String, CaseIterable, Sendable {
  case q4_0, q4_1, q5_0, q5_1, q8_0
  case q2_k, q3_k, q4_k, q5_k, q6_k, q8_k
  case iq1_s, iq1_m, iq2_xxs, iq2_xs, iq2_s, iq3_xxs, iq3_s, iq4_xs, iq4_nl

  /// Elements that share one block.
  public var blockElements: Double {
    switch self {
    case .q4_0, .q4_1, .q5_0, .q5_1, .q8_0, .iq4_nl: 32
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
    }
  }
}

extension NumberFormat {
  /// Every spelling accepted on the command line and in files, canonical first.
  public static let spellings: [(names: [String], format: NumberFormat)] =
    [
      (["fp32", "float32", "f32"], .fp32),
      (["tf32"], .tf32),
      (["bf16", "bfloat16"], .bf16),
      (["fp16", "float16", "f16", "half"], .fp16),
      (["fp8", "fp8_e4m3", "fp8_e5m2", "float8_e4m3fn"], .fp8),
      (["fp8_block", "fp8-block"], .fp8Block),
      (["int8", "w8a8"], .int8),
      (["int4", "gptq", "int4_g128"], .int4(group: 128, zeroPoint: false)),
      (["int4_g32"], .int4(group: 32, zeroPoint: false)),
      (["int4_g64"], .int4(group: 64, zeroPoint: false)),
      (["awq", "int4_g128_zp"], .int4(group: 128, zeroPoint: true)),
      (["int4_g64_zp"], .int4(group: 64, zeroPoint: true)),
      (["int4_g32_zp"], .int4(group: 32, zeroPoint: true)),
      (["mxfp4"], .mxfp4),
      (["nvfp4"], .nvfp4),
    ] + GGUFType.allCases.map { ([$0.rawValue], .gguf($0)) }
    + GGUFMix.allCases.map {
      ([$0.rawValue], .mixed($0, bytesPerElement: $0.base.blockBytes / $0.base.blockElements))
    }

  /// The format of that name, if there is one; case does not matter.
  public init?(name: String) {
    let wanted = name.lowercased()
    guard let found = Self.spellings.first(where: { $0.names.contains(wanted) }) else { return nil }
    self = found.format
  }

  /// Canonical name.
  public var name: String {
    if case .mixed(let mix, _) = self { return mix.rawValue }
    return Self.spellings.first { $0.format == self }?.names.first ?? "\(self)"
  }
}
