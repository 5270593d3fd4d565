import CostModel
import Specs

/// TensorRT Model Optimizer: `quant_algo` for all, or layer by layer (`MIXED_PRECISION`).
enum ModelOptimizer {
  /// Weights, products' inputs (nil: as engines do with such weights), scales in the file.
  private static let algorithms: [(String, format: NumberFormat, operand: NumberFormat?, fixed: Bool)] = [
    ("FP8", .fp8, nil, true), ("FP8_PER_CHANNEL_PER_TOKEN", .fp8, nil, false),
    ("FP8_PB_WO", .fp8Block, nil, false),
    ("FP8_PB_REAL", .fp8Block, nil, false), ("NVFP4", .nvfp4, nil, false), ("NVFP4_AWQ", .nvfp4, nil, false),
    ("W4A16_NVFP4", .nvfp4, .bf16, false), ("NVFP4_A16", .nvfp4, .bf16, false),
    ("W4A8_NVFP4_FP8", .nvfp4, .fp8, false),
    ("W4A8_MXFP4_FP8", .mxfp4, .fp8, false), ("MXFP8", .mxfp8, nil, false),
    ("W4A16_AWQ", .int4(group: 128, zeroPoint: false), nil, false),
    ("W4A8_AWQ", .int4(group: 128, zeroPoint: false), .fp8, false),
    ("W4A16", .int4(group: 128, zeroPoint: false), nil, false), ("W8A16", .int8, .bf16, false),
    ("W8A16_GPTQ", .int8, .bf16, false), ("INT8", .int8, nil, false),
    ("W8A8_SQ_PER_CHANNEL", .int8, nil, false), ("W8A8_SQ_PER_CHANNEL_PER_TOKEN_PLUGIN", .int8, nil, false),
    ("MXFP4", .mxfp4, nil, false),
  ]

  static func read(_ block: inout ConfigFields) throws(InputError) -> StatedPrecision? {
    // The file beside the config holds its keys one level down.
    if var inner = try block.fields("quantization") {
      var found = try read(&inner)
      try QuantizationKeys.cache(&inner, into: &found)
      return found
    }
    block.ignore(
      "producer", "config_groups", "group_size", "has_zero_point", "pre_quant_scale", "awq_block_size")
    guard let algorithm = try algorithm(&block, or: ["MIXED_PRECISION"]) else {
      // Keys and values alone.
      if block.saysNull("quant_algo") || block.has("kv_cache_quant_algo") || block.has("kv_cache_scheme") {
        block.ignore("exclude_modules", "modules_to_not_convert")
        return nil
      }
      return try byGroups(&block)
    }
    guard let known = algorithms.first(where: { $0.0 == algorithm }) else { return try mixed(&block) }
    var found = StatedPrecision(try grouped(known.format, &block))
    found.operand = known.operand
    found.staticScales = known.fixed
    try QuantizationKeys.spare(&block, &found)
    return found
  }

  private static func algorithm(_ block: inout ConfigFields, or more: [String] = []) throws(InputError)
    -> String?
  {
    do throws(InputError) {
      return try block.word("quant_algo", algorithms.map(\.0) + more)
    } catch {
      throw InputError(error.kind, at: error.location, error.message + QuantizationKeys.wayOn)
    }
  }

  /// Groups that the file states, where the format has any choice.
  private static func grouped(_ format: NumberFormat, _ block: inout ConfigFields) throws(InputError)
    -> NumberFormat
  {
    guard case .int4 = format else { return format }
    guard let size = try block.int("group_size", "awq_block_size", in: 8...65_536) else { return format }
    return .int4(group: size, zeroPoint: false)
  }

  /// Each quantised layer by name; what is not listed was left as it was.
  private static func mixed(_ block: inout ConfigFields) throws(InputError) -> StatedPrecision {
    guard let layers = try block.fields("quantized_layers"), !layers.members.isEmpty else {
      return try byGroups(&block)
    }
    var found = StatedPrecision(.bf16, reach: .nothing)
    try QuantizationKeys.spare(&block, &found)
    for member in layers.members {
      var own = try ConfigFields(
        member.value, file: block.file, path: layers.name(member.key), family: block.family)
      guard let algorithm = try algorithm(&own),
        let known = algorithms.first(where: { $0.0 == algorithm })
      else { continue }
      try found.store(member.key, try grouped(known.format, &own), at: own.location)
    }
    return found
  }

  private static func byGroups(_ block: inout ConfigFields) throws(InputError) -> StatedPrecision {
    guard let found = try CompressedTensors.read(&block) else {
      throw block.missing(
        block.has("quant_algo") ? "quantized_layers" : "quant_algo",
        accepted: "or “config_groups” in its place" + QuantizationKeys.wayOn)
    }
    return found
  }
}
