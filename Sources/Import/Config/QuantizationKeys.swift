import CostModel
import Specs

/// `quantization_config` of a config, or the `hf_quant_config.json` beside it (TensorRT Model Optimizer).
enum QuantizationKeys {
  /// The format of the quantised linear layers; nil when the file names none.
  static func read(_ block: inout ConfigFields) throws(InputError) -> NumberFormat? {
    let stated = try block.string("quant_method")
    let method = stated ?? (block.has("quant_algo") ? "modelopt" : "")
    switch method {
    case "gptq", "awq": return try integer(&block, zeroPoint: method == "awq")
    case "fp8":
      if let size = try block.ints("weight_block_size", in: 1...1_000_000) {
        guard size == [128, 128] else {
          throw InputError(
            .data, at: block.location,
            "“weight_block_size” \(size) has no number format; accepted: [128, 128]")
        }
        return .fp8Block
      }
      return .fp8
    case "fbgemm_fp8": return .fp8
    case "mxfp4": return .mxfp4
    case "bitsandbytes":
      if try block.bool("load_in_8bit", "_load_in_8bit", or: false) { return .int8 }
      if try block.bool("load_in_4bit", "_load_in_4bit", or: false) {
        return .int4(group: 64, zeroPoint: false)
      }
      throw InputError(.data, at: block.location, "bitsandbytes with neither load_in_8bit nor load_in_4bit")
    case "compressed-tensors": return try compressed(&block)
    case "modelopt": return try modelOptimizer(&block)
    default:
      let known = [
        "gptq", "awq", "fp8", "fbgemm_fp8", "mxfp4", "bitsandbytes", "compressed-tensors", "modelopt",
      ]
      throw InputError(
        .data, at: block.location,
        "“\(block.name("quant_method"))” is “\(method)”; accepted: \(known.joined(separator: ", "))"
          + Suggestion.phrase(for: method, among: known))
    }
  }

  /// The file lists attention among what was left alone (gpt-oss, Kimi K2.5).
  static func sparesAttention(_ block: ConfigFields) -> Bool {
    ["modules_to_not_convert", "ignore", "exclude_modules", "ignored_layers"].contains { key in
      let items = block.members.first { $0.key == key }?.value.array ?? []
      let names = items.compactMap(\.string)
      // A few skipped layers spare some attention, a pattern all of it.
      return names.contains { $0.contains("self_attn") && ($0.contains("*") || $0 == "self_attn") }
    }
  }

  private static func integer(_ block: inout ConfigFields, zeroPoint: Bool) throws(InputError) -> NumberFormat
  {
    let bits = try block.requiredInt("bits", "w_bit", in: 1...16)
    let group = try block.int("group_size", "q_group_size", in: -1...1_000_000) ?? 128
    let symmetric = try block.bool("sym", or: !zeroPoint)
    let asymmetric = try block.bool("zero_point", or: !symmetric)
    return try format(bits: bits, group: group, zeroPoint: asymmetric, at: block.location)
  }

  private static func format(
    bits: Int, group: Int, zeroPoint: Bool, at location: SourceLocation
  ) throws(InputError) -> NumberFormat {
    switch (bits, group) {
    case (8, _): return .int8
    case (4, 32), (4, 64), (4, 128): return .int4(group: group, zeroPoint: zeroPoint)
    // One scale a column weighs less than one per 128 rows.
    case (4, -1): return .int4(group: 128, zeroPoint: zeroPoint)
    default:
      throw InputError(
        .data, at: location,
        "\(bits) bits in groups of \(group) has no number format; accepted: 8 bits, or 4 bits in groups of 32, 64, 128"
      )
    }
  }

  private static func compressed(_ block: inout ConfigFields) throws(InputError) -> NumberFormat? {
    if var sparsity = try block.fields("sparsity_config"),
      let layout = try sparsity.string("format"), layout != "dense"
    {
      throw InputError(
        .data, at: sparsity.location,
        "“sparsity_config.format” “\(layout)” leaves out zeros, which no number format says; accepted: dense")
    }
    guard var groups = try block.fields("config_groups") else { return nil }
    var found: NumberFormat?
    for name in groups.members.map(\.key) {
      guard var group = try groups.fields(name), var weights = try group.fields("weights") else { continue }
      let format = try compressedWeights(&weights)
      guard found == nil || found == format else {
        throw InputError(
          .data, at: group.location,
          "“config_groups” hold layers in different formats, which one “dtype” cannot say;"
            + " `rooftree import … --ignore-key quantization_config` takes the sizes and leaves the precision to you"
        )
      }
      found = format
    }
    return found
  }

  private static func compressedWeights(_ weights: inout ConfigFields) throws(InputError) -> NumberFormat {
    let bits = try weights.requiredInt("num_bits", in: 1...16)
    let type = try weights.string("type") ?? "int"
    let size = try weights.int("group_size", in: -1...1_000_000)
    switch (type, bits, size) {
    case ("float", 8, _):
      guard let block = try weights.ints("block_structure", in: 1...1_000_000) else { return .fp8 }
      guard block == [128, 128] else {
        throw InputError(
          .data, at: weights.location, "“block_structure” \(block) has no number format; accepted: [128, 128]"
        )
      }
      return .fp8Block
    case ("float", 4, 32): return .mxfp4
    case ("float", 4, 16), ("float", 4, nil): return .nvfp4
    case ("int", _, _):
      let symmetric = try weights.bool("symmetric", or: true)
      return try format(
        bits: bits, group: size ?? 128, zeroPoint: !symmetric, at: weights.location)
    default:
      throw InputError(
        .data, at: weights.location,
        "weights of \(bits)-bit \(type)\(size.map { " in groups of \($0)" } ?? "") have no number format")
    }
  }

  /// `quant_algo` of TensorRT Model Optimizer.
  static func modelOptimizer(_ block: inout ConfigFields) throws(InputError) -> NumberFormat? {
    let formats: [(String, NumberFormat)] = [
      ("FP8", .fp8), ("FP8_PER_CHANNEL_PER_TOKEN", .fp8), ("FP8_PB_WO", .fp8Block), ("NVFP4", .nvfp4),
      ("NVFP4_AWQ", .nvfp4), ("W4A16_AWQ", .int4(group: 128, zeroPoint: false)),
      ("W4A8_AWQ", .int4(group: 128, zeroPoint: false)), ("W8A16", .int8), ("INT8", .int8), ("MXFP4", .mxfp4),
    ]
    if block.members.contains(where: { $0.key == "quant_algo" && $0.value.string == "MIXED_PRECISION" }) {
      throw InputError(
        .data, at: block.location,
        "“quant_algo” MIXED_PRECISION holds layers in different formats, which one “dtype” cannot say;"
          + " `rooftree import … --ignore-key quantization_config` takes the sizes and leaves the precision to you"
      )
    }
    guard let algorithm = try block.word("quant_algo", formats.map(\.0)) else { return nil }
    return formats.first { $0.0 == algorithm }?.1
  }
}
