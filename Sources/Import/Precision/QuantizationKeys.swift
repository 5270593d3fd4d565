import CostModel
import Specs

/// `quantization_config` of a config, or the `hf_quant_config.json` beside it (TensorRT Model Optimizer).
enum QuantizationKeys {
  /// How to go on where a layout is not read.
  static let wayOn =
    "; `--ignore-key quantization_config --quantization X` takes the sizes and a precision of your choice (X: fp8,"
    + " nvfp4, int4, q4_k_m, …)"

  /// What the block says; nil when it names no format.
  static func read(_ block: inout ConfigFields, remarks: inout [String]) throws(InputError)
    -> StatedPrecision?
  {
    let stated = try block.string("quant_method")
    let method = stated ?? (block.has("quant_algo") ? "modelopt" : block.has("bits") ? "mlx" : "")
    var precision: StatedPrecision?
    switch method {
    case "gptq", "gptq_marlin": precision = try gptq(&block)
    case "auto-round", "autoround", "auto_round": precision = try autoRound(&block)
    case "awq", "awq_marlin": precision = try awq(&block)
    case "fp8", "fbgemm_fp8": precision = try floats(&block)
    case "mxfp4":
      var found = StatedPrecision(.mxfp4, reach: .experts)
      try spare(&block, &found)
      precision = found
    case "bitsandbytes": precision = try bitsAndBytes(&block)
    case "compressed-tensors": precision = try CompressedTensors.read(&block)
    case "modelopt", "modelopt_fp4", "modelopt_mixed", "nvfp4": precision = try ModelOptimizer.read(&block)
    case "mlx": precision = try mlx(&block)
    default: throw unread(block, "quant_method", method)
    }
    try cache(&block, into: &precision)
    try finish(&block, remarks: &remarks)
    return precision
  }

  private static func unread(_ block: ConfigFields, _ key: String, _ value: String) -> InputError {
    let known = [
      "gptq", "awq", "auto-round", "fp8", "fbgemm_fp8", "mxfp4", "bitsandbytes", "compressed-tensors",
      "modelopt",
    ]
    return InputError(
      .data, at: block.location,
      "“\(block.name(key))” is “\(value.prefix(40))”; accepted: \(known.joined(separator: ", "))"
        + Suggestion.phrase(for: value, among: known) + wayOn)
  }

  // MARK: - Keys that several methods share

  /// Modules that were left as they were.
  static func spare(
    _ block: inout ConfigFields, _ precision: inout StatedPrecision, substrings: Bool = false
  ) throws(InputError) {
    for key in [
      "modules_to_not_convert", "ignore", "ignored_layers", "exclude_modules", "llm_int8_skip_modules",
    ] {
      let names = try names(&block, key)
      try precision.spare(names ?? [], substrings: substrings, at: block.location)
    }
  }

  static func names(_ block: inout ConfigFields, _ key: String) throws(InputError) -> [String]? {
    guard let items = try block.value([key], accepted: "a list of module names", \.array) else { return nil }
    return try block.each(items, key, accepted: "module names", \.string)
  }

  /// Keys and values alone may be stored otherwise.
  static func cache(_ block: inout ConfigFields, into precision: inout StatedPrecision?) throws(InputError) {
    guard let format = try cache(&block) else { return }
    if precision == nil { precision = StatedPrecision(.bf16, reach: .nothing) }
    precision?.cache = format
  }

  /// Keys and values: engines take what the checkpoint states.
  private static func cache(_ block: inout ConfigFields) throws(InputError) -> NumberFormat? {
    var found: NumberFormat?
    for key in ["kv_cache_quant_algo", "kv_cache_scheme", "kv_cache_dtype"] {
      if block.members.contains(where: { $0.key == key && $0.value.members != nil }) {
        guard var scheme = try block.fields(key) else { continue }
        found = try CompressedTensors.format(&scheme, groupless: true)
        continue
      }
      guard let text = try block.string(key) else { continue }
      switch text.lowercased() {
      case "fp8", "fp8_e4m3", "fp8_e5m2", "static", "dynamic": found = .fp8
      case "int8": found = .int8
      case "nvfp4": found = .nvfp4
      case "auto", "none", "bfloat16", "float16": break
      default:
        throw InputError(
          .data, at: block.location,
          "“\(block.name(key))” is “\(text.prefix(40))”; accepted: FP8, INT8, NVFP4" + wayOn)
      }
    }
    return found
  }

  /// Keys that nobody read: a remark, unless their names speak of bytes.
  private static func finish(_ block: inout ConfigFields, remarks: inout [String]) throws(InputError) {
    let unread = block.members.filter { !block.asked.contains($0.key) && !$0.value.isNull }
    let weighty = ["bits", "group", "dtype", "sparsity", "transform", "layers", "modules", "dynamic", "algo"]
    for member in unread where !harmless.contains(member.key) {
      if weighty.contains(where: member.key.contains), !harmlessParts.contains(where: member.key.contains) {
        throw InputError(
          .data, at: SourceLocation(file: block.file, line: member.line, column: member.column),
          "“\(block.name(member.key))” may change bytes and is not understood" + wayOn)
      }
      remarks.append("“\(block.name(member.key))” was read over: it changes no sizes that are known")
    }
  }

  private static let harmlessParts = ["compute", "preserve_zero", "block_name"]
  private static let harmless: Set<String> = [
    "version", "meta", "damp_percent", "damp_auto_increment", "desc_act", "static_groups", "true_sequential",
    "model_name_or_path", "model_file_base_name", "checkpoint_format", "pack_dtype", "tokenizer",
    "use_exllama",
    "exllama_config", "use_cuda_fp16", "cache_block_outputs", "dataset", "batch_size",
    "module_name_preceding_first_block",
    "block_name_to_quantize", "max_input_length", "pad_token_id", "backend", "model_seqlen",
    "disable_exllama",
    "do_fuse", "fuse_max_seq_len", "modules_to_fuse", "quantization_status", "global_compression_ratio",
    "fmt",
    "producer", "format", "inner_layers", "bnb_4bit_compute_dtype",
    "bnb_4bit_quant_storage", "llm_int8_enable_fp32_cpu_offload", "llm_int8_has_fp16_weight",
    "llm_int8_threshold", "scale_fmt", "dequantize", "activation_scale_ub", "autoround_version", "iters",
    "amp",
    "nsamples", "seqlen", "lr", "minmax_lr", "enable_quanted_input", "enable_minmax_tuning", "quant_type",
    "dynamic_config_groups", "weight_format", "low_gpu_mem_usage", "gradient_accumulate_steps",
    "supported_types",
    "to_quant_block_names", "quant_block_list", "hyb_act", "scale_dtype",
  ]

  // MARK: - Methods

  /// Packed whole numbers with a zero point in the file, symmetric or not.
  private static func gptq(_ block: inout ConfigFields) throws(InputError) -> StatedPrecision {
    let (bits, group) = try packing(&block)
    _ = try block.bool("sym", or: true)
    let format = try packed(bits, group, at: block.location)
    var found = StatedPrecision(
      format, reach: try block.bool("lm_head", or: false) ? .linearAndHead : .linear)
    found.hasIndex = true
    try spare(&block, &found)
    if let overrides = try block.fields("dynamic") {
      for member in overrides.members { try dynamic(member, bits, group, &found, in: overrides) }
    }
    // Names in lists of those that were quantised together; the rest was left as it was.
    let inside = try block.value(
      ["modules_in_block_to_quantize"], accepted: "lists of module names", \.array)
    for part in inside ?? [] {
      found.reach = .nothing
      for name in try block.each(
        part.array ?? [part], "modules_in_block_to_quantize", accepted: "module names", \.string)
      {
        found.listed += name + "\n"
        found.rules.append((.name(name), format))
      }
    }
    return found
  }

  /// `-:pattern`: left out; `+:pattern` or the pattern alone: other bits or groups (GPTQModel).
  private static func dynamic(
    _ member: JSONMember, _ bits: Int, _ group: Int, _ found: inout StatedPrecision, in block: ConfigFields
  ) throws(InputError) {
    let key = member.key
    let place = member.value.location(in: block.file)
    let text = key.hasPrefix("-:") || key.hasPrefix("+:") ? String(key.dropFirst(2)) : key
    found.listed += text + "\n"
    var format: NumberFormat?
    if !key.hasPrefix("-:") {
      var own = try ConfigFields(member.value, file: block.file, path: block.name(key), family: block.family)
      let ownBits = try own.int("bits", in: 2...16) ?? bits
      format =
        ownBits == 16
        ? nil
        : try packed(ownBits, try own.int("group_size", in: -1...65_536) ?? group, at: place)
    }
    found.rules.append((.regex(try NamePattern(text, at: place)), format))
  }

  private static func autoRound(_ block: inout ConfigFields) throws(InputError) -> StatedPrecision {
    if let type = try block.string("data_type"), type != "int" { throw unread(block, "data_type", type) }
    let layout = try block.string("packing_format") ?? "auto_round:auto_gptq"
    guard ["gptq", "awq", "exllama", "tritonv2"].contains(where: layout.contains) || layout == "auto_round"
    else {
      throw unread(block, "packing_format", layout)
    }
    if let width = try block.int("act_bits", in: 1...32), width < 16 {
      throw unread(block, "act_bits", "\(width)")
    }
    let (bits, group) = try packing(&block)
    _ = try block.bool("sym", or: true)
    var found = StatedPrecision(try packed(bits, group, at: block.location))
    try spare(&block, &found)
    if let extra = try block.fields("extra_config") {
      for member in extra.members {
        var own = try ConfigFields(
          member.value, file: block.file, path: extra.name(member.key), family: block.family)
        let ownBits = try own.int("bits", in: 2...16) ?? bits
        let ownGroup = try own.int("group_size", in: -1...65_536) ?? group
        let format = ownBits == 16 ? nil : try packed(ownBits, ownGroup, at: block.location)
        if member.key.contains(where: "*+?^$()[]{}|\\".contains) {
          // Found anywhere in a name.
          found.listed += member.key + "\n"
          found.rules.append((.regex(try NamePattern(".*(\(member.key))", at: block.location)), format))
        } else {
          try found.store(member.key, format, at: block.location)
        }
      }
    }
    return found
  }

  private static func awq(_ block: inout ConfigFields) throws(InputError) -> StatedPrecision {
    let (bits, group) = try packing(&block)
    let zeroPoint = try block.bool("zero_point", or: true)
    guard (2...8).contains(bits), group == -1 || group >= 8 else {
      throw unread(block, "bits", "\(bits) in groups of \(group)")
    }
    var found = StatedPrecision(
      NumberFormat(
        bits: bits, group: group > 0 ? group : 4096, zeroBits: zeroPoint ? bits : 0))
    try spare(&block, &found, substrings: true)
    return found
  }

  private static func packing(_ block: inout ConfigFields) throws(InputError) -> (bits: Int, group: Int) {
    (
      try block.requiredInt("bits", "w_bit", in: 1...16),
      try block.int("group_size", "q_group_size", in: -1...65_536) ?? 128
    )
  }

  private static func packed(_ bits: Int, _ group: Int, at place: SourceLocation) throws(InputError)
    -> NumberFormat
  {
    guard (2...8).contains(bits), group == -1 || group >= 8 else {
      throw InputError(
        .data, at: place,
        "\(bits) bits in groups of \(group) has no number format; accepted: 2 to 8 bits in groups of 8 or more"
          + wayOn)
    }
    // One scale and zero point a column weigh less than those of the widest group.
    return NumberFormat(bits: bits, group: group > 0 ? group : 4096, zeroBits: bits)
  }

  private static func floats(_ block: inout ConfigFields) throws(InputError) -> StatedPrecision {
    var found = StatedPrecision(.fp8)
    if let size = try block.ints("weight_block_size", in: 1...1_000_000) {
      guard size == [128, 128] else {
        throw InputError(
          .data, at: block.location,
          "“weight_block_size” \(size) has no number format; accepted: [128, 128]" + wayOn)
      }
      found.format = .fp8Block
    }
    found.staticScales = try block.word("activation_scheme", ["static", "dynamic"]) == "static"
    if let experts = try block.word("moe_quant_algo", ["NVFP4", "MXFP4"]) {
      // The lists beside it are about the experts: everything else stays in 8 bits (DeepSeek-V4's NVFP4).
      found.experts = experts == "NVFP4" ? .nvfp4 : .mxfp4
      block.ignore(
        "ignore", "config_groups", "quantized_layers", "quant_algo", "group_size", "modules_to_not_convert")
      return found
    }
    try spare(&block, &found)
    return found
  }

  private static func bitsAndBytes(_ block: inout ConfigFields) throws(InputError) -> StatedPrecision {
    var found: StatedPrecision
    if try block.bool("load_in_8bit", "_load_in_8bit", or: false) {
      found = StatedPrecision(.int8)
      block.ignore("load_in_4bit", "_load_in_4bit", "bnb_4bit_quant_type", "bnb_4bit_use_double_quant")
    } else if try block.bool("load_in_4bit", "_load_in_4bit", or: false) {
      _ = try block.word("bnb_4bit_quant_type", ["nf4", "fp4"])
      found = StatedPrecision(.nf4(doubled: try block.bool("bnb_4bit_use_double_quant", or: false)))
    } else {
      throw InputError(
        .data, at: block.location, "bitsandbytes with neither load_in_8bit nor load_in_4bit" + wayOn)
    }
    try spare(&block, &found)
    return found
  }

  /// MLX: every matrix whose rows groups divide, tables among them; modules of their own under their names.
  static func mlx(_ block: inout ConfigFields) throws(InputError) -> StatedPrecision {
    let standard = try mlxFormat(&block)
    var found = StatedPrecision(standard, reach: .everything)
    found.skipsRagged = true
    for member in block.members where !block.asked.contains(member.key) {
      if member.value.bool == false {
        try found.store(member.key, nil, at: block.location)
      } else if member.value.members != nil {
        var own = try ConfigFields(
          member.value, file: block.file, path: block.name(member.key), family: "mlx")
        try found.store(member.key, try mlxFormat(&own), at: own.location)
      } else if member.value.bool != true {
        continue
      }
      block.ignore(member.key)
    }
    return found
  }

  private static func mlxFormat(_ block: inout ConfigFields) throws(InputError) -> NumberFormat {
    switch try block.word("mode", ["affine", "mxfp4", "mxfp8", "nvfp4"]) {
    case "mxfp4":
      block.ignore("bits", "group_size")
      return .mxfp4
    case "mxfp8":
      block.ignore("bits", "group_size")
      return .mxfp8
    case "nvfp4":
      block.ignore("bits", "group_size")
      return .nvfp4
    default:
      return NumberFormat(
        bits: try block.requiredInt("bits", in: 2...8),
        group: try block.int("group_size", in: 8...65_536) ?? 64, zeroBits: 16)
    }
  }
}
