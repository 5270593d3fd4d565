import CostModel
import Specs

/// `compressed-tensors` (vLLM's llm-compressor): groups of targets with a scheme each, and an ignore list.
enum CompressedTensors {
  static func read(_ block: inout ConfigFields) throws(InputError) -> StatedPrecision? {
    if var sparsity = try block.fields("sparsity_config"),
      let layout = try sparsity.string("format"), layout != "dense"
    {
      throw InputError(
        .data, at: sparsity.location,
        "“sparsity_config.format” “\(layout)” leaves out zeros, which no number format says; accepted: dense"
          + QuantizationKeys.wayOn)
    }
    // Rotations that are folded into the weights store nothing.
    if let transform = try block.fields("transform_config"), !transform.members.isEmpty {
      throw InputError(
        .data, at: transform.location,
        "“transform_config” adds matrices that no number format says" + QuantizationKeys.wayOn)
    }
    guard var groups = try block.fields("config_groups") else { return nil }
    var found: StatedPrecision?
    var spared = StatedPrecision(.bf16)
    try QuantizationKeys.spare(&block, &spared)
    var untargeted: NumberFormat?
    // Of several targets that fit a module names hold before its class.
    var classes: [(format: NumberFormat, place: SourceLocation)] = []
    for name in groups.members.map(\.key) {
      guard var group = try groups.fields(name), var weights = try group.fields("weights") else { continue }
      let format = try format(&weights)
      var precision = found ?? StatedPrecision(format, reach: .nothing)
      if found == nil {
        (precision.rules, precision.exact, precision.listed) = (spared.rules, spared.exact, spared.listed)
      }
      if let targets = try QuantizationKeys.names(&group, "targets") {
        for target in targets {
          // What is ignored is not stored, whatever group names it.
          guard precision.exact[target] == nil else { continue }
          if target == "Linear" {
            classes.append((format, group.location))
          } else if target.first?.isUppercase == true {
            throw InputError(
              .data, at: group.location,
              "“targets” names the class “\(target.prefix(40))”; accepted: Linear, modules by name or re:pattern"
                + QuantizationKeys.wayOn)
          } else {
            try precision.store(target, format, at: group.location)
          }
        }
      } else {
        guard untargeted == nil || untargeted == format else {
          throw InputError(
            .data, at: group.location,
            "“config_groups” hold layers in different formats and name no “targets”" + QuantizationKeys.wayOn)
        }
        untargeted = format
        precision.reach = .linear
      }
      // Groups in the order of activations have their indices beside them; “weight” reorders for good.
      if try weights.node(["actorder"]).map({ $0.bool == true || ["group", "dynamic"].contains($0.string) })
        == true
      {
        precision.hasIndex = true
      }
      try inputs(&group, &precision)
      found = precision
    }
    for (format, place) in classes { try found?.store("Linear", format, at: place) }
    return found
  }

  /// `input_activations`: null leaves products' inputs as they are.
  private static func inputs(_ group: inout ConfigFields, _ precision: inout StatedPrecision)
    throws(InputError)
  {
    guard var inputs = try group.fields("input_activations") else {
      if group.saysNull("input_activations") { precision.operand = .bf16 }
      return
    }
    precision.operand = try format(&inputs, groupless: true)
    // nvfp4 has a scale in the file for all and finds those of its blocks anew (“local”).
    precision.staticScales = try inputs.node(["dynamic"])?.bool == false && precision.operand != .nvfp4
  }

  /// A scheme's number format.
  ///
  /// - Parameter groupless: activations or cache, whose scales weigh nothing.
  static func format(_ scheme: inout ConfigFields, groupless: Bool = false) throws(InputError) -> NumberFormat
  {
    let bits = try scheme.requiredInt("num_bits", in: 1...16)
    let type = try scheme.string("type") ?? "int"
    let size = try scheme.int("group_size", in: -1...1_000_000)
    switch (type, bits, size) {
    case ("float", 8, 32) where !groupless: return .mxfp8
    case ("float", 8, _) where groupless || (size ?? -1) < 0 || scheme.has("block_structure"):
      guard !groupless, let block = try scheme.ints("block_structure", in: 1...1_000_000) else {
        return groupless && size == 128 ? .fp8Block : .fp8
      }
      guard block == [128, 128] else {
        throw InputError(
          .data, at: scheme.location,
          "“block_structure” \(block) has no number format; accepted: [128, 128]" + QuantizationKeys.wayOn)
      }
      return .fp8Block
    case ("float", 4, 32): return .mxfp4
    case ("float", 4, 16), ("float", 4, nil): return .nvfp4
    case ("int", 8, _) where groupless: return .int8
    case ("int", 2...8, _) where size.map { $0 == -1 || (8...65_536).contains($0) } ?? true:
      let symmetric = try scheme.bool("symmetric", or: true)
      // One scale a column weighs less than those of the widest group.
      let group = size ?? -1
      return NumberFormat(
        bits: bits, group: bits < 8 && group < 0 ? 4096 : group, zeroBits: symmetric ? 0 : bits)
    default:
      throw InputError(
        .data, at: scheme.location,
        "\(bits)-bit \(type)\(size.map { " in groups of \($0)" } ?? "") has no number format"
          + QuantizationKeys.wayOn)
    }
  }
}
