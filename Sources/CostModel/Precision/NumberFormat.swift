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
  /// Whole numbers of 2 to 8 bits in groups that share an fp16 scale and a zero point of `zeroBits` (0: none;
  /// 16: MLX's bias).
  case grouped(bits: Int, group: Int, zeroBits: Int)
  /// bitsandbytes' 4-bit normal float: 64 elements share an fp32 maximum, or an 8-bit one of which 256 share an
  /// fp32 (“double quantisation”, arXiv:2305.14314 §3).
  case nf4(doubled: Bool)
  /// OCP MX: 32 elements share one 8-bit scale.
  case mxfp4, mxfp8
  /// NVIDIA: 16 elements share one fp8 scale.
  case nvfp4
  /// A block type of llama.cpp.
  case gguf(GGUFType)
  /// A llama.cpp file type: each tensor in a block type by its rules.
  case mixed(GGUFMix)

  /// Elements that share one set of scales.
  public var blockElements: Double {
    switch self {
    case .fp32, .tf32, .bf16, .fp16, .fp8, .int8: 1
    case .fp8Block: 128 * 128
    case .int4(let group, _): Double(group)
    case .grouped(_, let group, _): Double(group)
    case .nf4(let doubled): doubled ? 64 * 256 : 64
    case .mxfp4, .mxfp8: 32
    case .nvfp4: 16
    case .gguf(let type): type.blockElements
    case .mixed(let mix): mix.base.blockElements
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
    case .grouped(let bits, let group, let zeroBits): Double(bits * group + 16 + zeroBits) / 8
    case .nf4(let doubled): doubled ? 256 * (32 + 1) + 4 : 32 + 4
    case .mxfp4: 17
    case .mxfp8: 33
    case .nvfp4: 9
    case .gguf(let type): type.blockBytes
    case .mixed(let mix): mix.base.blockBytes
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
    case .fp8Block, .mxfp4, .mxfp8, .nvfp4, .nf4, .int4(_, false), .grouped(_, _, 0): 2
    case .int4(_, true), .grouped: 3
    case .gguf(let type): type.hasMinimum ? 3 : 2
    case .mixed(let mix): mix.base.hasMinimum ? 3 : 2
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
      (["nf4"], .nf4(doubled: false)),
      (["nf4_double"], .nf4(doubled: true)),
      (["mxfp4"], .mxfp4),
      (["mxfp8"], .mxfp8),
      (["nvfp4"], .nvfp4),
    ] + GGUFType.allCases.map { ([$0.rawValue], .gguf($0)) }
    + GGUFMix.allCases.filter { GGUFType(rawValue: $0.rawValue) == nil }.map { ([$0.rawValue], .mixed($0)) }

  /// The format of that name, if there is one; case does not matter.
  public init?(name: String) {
    let wanted = name.lowercased()
    guard let found = Self.spellings.first(where: { $0.names.contains(wanted) })?.format ?? Self.group(wanted)
    else { return nil }
    self = found
  }

  /// Whole numbers in groups; the plain and the AWQ layout of 4 bits go by names of their own.
  public init(bits: Int, group: Int, zeroBits: Int) {
    switch (bits, group, zeroBits) {
    case (4, 1..., 0), (4, 1..., 4): self = .int4(group: group, zeroPoint: zeroBits == 4)
    // One scale a column: below 0.1 %.
    case (8, ...0, _): self = .int8
    default: self = .grouped(bits: bits, group: group > 0 ? group : 4096, zeroBits: zeroBits)
    }
  }

  /// `int4_g64_zp`, `int3_g128`, `int4_g64_bias`.
  private static func group(_ name: String) -> NumberFormat? {
    let parts = name.split(separator: "_")
    guard (2...3).contains(parts.count), parts[0].hasPrefix("int"), parts[1].hasPrefix("g"),
      let bits = Int(parts[0].dropFirst(3)), (2...8).contains(bits), let group = Int(parts[1].dropFirst()),
      (8...65_536).contains(group)
    else { return nil }
    switch parts.count == 3 ? parts[2] : "" {
    case "": return NumberFormat(bits: bits, group: group, zeroBits: 0)
    case "zp": return NumberFormat(bits: bits, group: group, zeroBits: bits)
    case "bias": return NumberFormat(bits: bits, group: group, zeroBits: 16)
    default: return nil
    }
  }

  /// Canonical name.
  public var name: String {
    if let known = Self.spellings.first(where: { $0.format == self })?.names.first { return known }
    switch self {
    case .int4(let group, let zeroPoint): return "int4_g\(group)" + (zeroPoint ? "_zp" : "")
    case .grouped(let bits, let group, let zeroBits):
      return "int\(bits)_g\(group)" + (zeroBits == 0 ? "" : zeroBits == bits ? "_zp" : "_bias")
    default: return "\(self)"
    }
  }
}

extension NumberFormat {
  /// Below 16 bits: only products' weights and inputs are kept in it.
  public var isNarrow: Bool { bytesPerElement < 2 }

  /// What engines bring products' inputs to beside weights in this format: the same 8 bits (or nvfp4), and
  /// nothing where weights alone are compressed.
  public func operand(beside activations: NumberFormat) -> NumberFormat {
    switch self {
    case .fp8, .fp8Block, .mxfp8, .int8, .nvfp4: self
    default: activations
    }
  }
}
