import CostModel

/// How a GGUF tensor is stored: elements and bytes of one block (ggml's type table).
struct GGMLType: Hashable, Sendable {
  let name: String
  let blockElements: Int
  let blockBytes: Int
  /// The number format it is priced as; nil for integers that hold no weights.
  let format: NumberFormat?

  static func number(_ id: UInt32) -> GGMLType? { table[id] }

  private static func quantised(_ type: GGUFType) -> GGMLType {
    GGMLType(
      name: type.rawValue, blockElements: Int(type.blockElements), blockBytes: Int(type.blockBytes),
      format: .gguf(type))
  }

  private static func plain(_ name: String, _ bytes: Int, _ format: NumberFormat?) -> GGMLType {
    GGMLType(name: name, blockElements: 1, blockBytes: bytes, format: format)
  }

  /// Layouts of their own time, sorted for some processor: as many bytes as what they come from.
  private static func repacked(_ name: String, _ type: GGUFType) -> GGMLType {
    GGMLType(
      name: name, blockElements: Int(type.blockElements), blockBytes: Int(type.blockBytes),
      format: .gguf(type))
  }

  private static let table: [UInt32: GGMLType] = [
    0: plain("f32", 4, .fp32), 1: plain("f16", 2, .fp16), 2: quantised(.q4_0), 3: quantised(.q4_1),
    6: quantised(.q5_0), 7: quantised(.q5_1), 8: quantised(.q8_0), 9: quantised(.q8_1), 10: quantised(.q2_k),
    11: quantised(.q3_k), 12: quantised(.q4_k), 13: quantised(.q5_k), 14: quantised(.q6_k),
    15: quantised(.q8_k), 16: quantised(.iq2_xxs), 17: quantised(.iq2_xs), 18: quantised(.iq3_xxs),
    19: quantised(.iq1_s), 20: quantised(.iq4_nl), 21: quantised(.iq3_s), 22: quantised(.iq2_s),
    23: quantised(.iq4_xs), 24: plain("i8", 1, nil), 25: plain("i16", 2, nil), 26: plain("i32", 4, nil),
    27: plain("i64", 8, nil), 28: plain("f64", 8, nil), 29: quantised(.iq1_m), 30: plain("bf16", 2, .bf16),
    31: repacked("q4_0_4_4", .q4_0), 32: repacked("q4_0_4_8", .q4_0), 33: repacked("q4_0_8_8", .q4_0),
    34: quantised(.tq1_0), 35: quantised(.tq2_0), 36: repacked("iq4_nl_4_4", .iq4_nl),
    37: repacked("iq4_nl_4_8", .iq4_nl), 38: repacked("iq4_nl_8_8", .iq4_nl),
    40: GGMLType(name: "nvfp4", blockElements: 64, blockBytes: 36, format: .nvfp4), 41: quantised(.q1_0),
    39: GGMLType(name: "mxfp4", blockElements: 32, blockBytes: 17, format: .mxfp4),
  ]
}
