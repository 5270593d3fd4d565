import CostModel
import Testing

@testable import Import
@testable import Specs

/// Formats by module: lists as tools write them, against sums done by hand.
@Suite struct ModulePrecisionTests {
  /// Three layers of 256, four heads of 64 over two; untied; bf16.
  static let dense =
    #""model_type": "llama", "hidden_size": 256, "num_hidden_layers": 3, "num_attention_heads": 4, "num_key_value_heads": 2, "intermediate_size": 512, "vocab_size": 1000, "tie_word_embeddings": false, "torch_dtype": "bfloat16""#
  static let tables = 2.0 * 1000 * 256
  static let attention = 2.0 * 256 * 256 + 2 * 128 * 256
  static let mlp = 3.0 * 512 * 256
  static let norms = 7.0 * 256

  static func model(_ shape: String, _ more: String) throws -> ModelSpec {
    let text = "{\(shape), \(more)}"
    return try ConfigImport.read(SourceFile(name: "config.json", text: text), name: "x").model
  }

  static func bytes(_ model: ModelSpec) throws -> Double {
    // What is written reads back, and holds the same bytes.
    let yaml = ModelWriter.yaml(model)
    #expect(try ModelReader.read(SourceFile(name: "x.yaml", text: yaml)) == model, "\(yaml)")
    let plan = PrecisionRequest().plan(for: model).plan
    let total = model.weightBytes(plan)
    #expect(model.weightBytesByComponent(plan).reduce(model.unreadBytes) { $0 + $1.bytes } == total)
    return total
  }

  /// Everything at 16 bits but the products, which take `attention` and `mlp` bytes an element, layer by layer.
  static func sum(_ layers: [(attention: Double, mlp: Double)], tables each: Double = 2) -> Double {
    layers.reduce(each * tables + 2 * norms) { $0 + $1.attention * attention + $1.mlp * mlp }
  }

  struct Case {
    var block: String
    var layers: [(attention: Double, mlp: Double)]
    var tables = 2.0
    static let packed = 0.5 + 2.5 / 128
  }

  static let cases: [Case] = [
    // Globs that spare a layer, and full names of modules.
    Case(
      block:
        #""quantization_config": {"quant_method": "modelopt", "quant_algo": "NVFP4", "ignore": ["lm_head", "model.layers.1.self_attn*", "model.layers.2.mlp.up_proj", "model.layers.2.mlp.gate_proj", "model.layers.2.mlp.down_proj"]}"#,
      layers: [(0.5625, 0.5625), (2, 0.5625), (0.5625, 2)]),
    // An ignore list of regular expressions.
    Case(
      block:
        #""quantization_config": {"quant_method": "compressed-tensors", "ignore": ["lm_head", "re:.*\\.(0|2)\\.self_attn\\..*"], "config_groups": {"a": {"targets": ["Linear"], "weights": {"num_bits": 8, "type": "float"}}}}"#,
      layers: [(2, 1), (1, 1), (2, 1)]),
    // Two groups with targets of their own.
    Case(
      block:
        #""quantization_config": {"quant_method": "compressed-tensors", "ignore": ["lm_head"], "config_groups": {"a": {"targets": ["re:.*self_attn.*"], "weights": {"num_bits": 8, "type": "float"}}, "b": {"targets": ["re:.*mlp.*"], "weights": {"num_bits": 4, "type": "int", "group_size": 32}}}}"#,
      layers: [(1, 0.5625), (1, 0.5625), (1, 0.5625)]),
    // GPTQ: one layer left out, one with more bits.
    Case(
      block:
        #""quantization_config": {"quant_method": "gptq", "bits": 4, "group_size": 128, "dynamic": {"-:.*layers\\.1\\..*mlp.*": {}, "+:.*layers\\.[2-9]\\..*self_attn": {"bits": 8, "group_size": 64}}}"#,
      layers: [(Case.packed, Case.packed), (Case.packed, 2), (1 + 3.0 / 64, Case.packed)]),
    // AutoAWQ: anywhere in the name.
    Case(
      block:
        #""quantization_config": {"quant_method": "awq", "bits": 4, "group_size": 128, "zero_point": true, "modules_to_not_convert": ["self_attn"]}"#,
      layers: [(2, Case.packed), (2, Case.packed), (2, Case.packed)]),
    // bitsandbytes: parts of names between dots.
    Case(
      block:
        #""quantization_config": {"quant_method": "bitsandbytes", "load_in_4bit": true, "bnb_4bit_use_double_quant": true, "llm_int8_skip_modules": ["lm_head", "model.layers.0.mlp", "layers.2.self_attn"]}"#,
      layers: [(8452.0 / 16384, 2), (8452.0 / 16384, 8452.0 / 16384), (2, 8452.0 / 16384)]),
    // Model Optimizer, layer by layer.
    Case(
      block:
        #""quantization_config": {"quant_method": "modelopt", "quant_algo": "MIXED_PRECISION", "quantized_layers": {"model.layers.0.mlp.gate_proj": {"quant_algo": "FP8"}, "model.layers.0.mlp.up_proj": {"quant_algo": "FP8"}, "model.layers.0.mlp.down_proj": {"quant_algo": "FP8"}, "model.layers.2.self_attn*": {"quant_algo": "NVFP4", "group_size": 16}}}"#,
      layers: [(2, 1), (2, 2), (0.5625, 2)]),
    // MLX: all matrices, one module with more bits, one left alone.
    Case(
      block:
        #""quantization": {"group_size": 64, "bits": 4, "model.layers.1.self_attn.q_proj": {"bits": 8, "group_size": 64}, "lm_head": true}"#,
      layers: [
        (0.5625, 0.5625), (0.5625 + (1.0625 - 0.5625) * 256 * 256 / attention, 0.5625), (0.5625, 0.5625),
      ], tables: 0.5625),
    // The same without a method under the other key.
    Case(
      block: #""quantization_config": {"group_size": 32, "bits": 8, "mode": "affine"}"#,
      layers: [(1.125, 1.125), (1.125, 1.125), (1.125, 1.125)], tables: 1.125),
    // auto-round packs as GPTQ does.
    Case(
      block:
        #""quantization_config": {"quant_method": "auto-round", "bits": 4, "group_size": 128, "sym": true, "packing_format": "auto_round:auto_gptq", "extra_config": {"model.layers.0.mlp.down_proj": {"bits": 16}, "model.layers.0.mlp.gate_proj": {"bits": 16}, "model.layers.0.mlp.up_proj": {"bits": 16}}}"#,
      layers: [(Case.packed, 2), (Case.packed, Case.packed), (Case.packed, Case.packed)]),
    // Its keys may be expressions, found anywhere in a name.
    Case(
      block:
        #""quantization_config": {"quant_method": "auto-round", "bits": 4, "group_size": 128, "extra_config": {"layers\\.[01]\\.mlp": {"bits": 8}}}"#,
      layers: [(Case.packed, 1 + 3.0 / 128), (Case.packed, 1 + 3.0 / 128), (Case.packed, Case.packed)]),
    // A name holds before the class, whichever group comes first; one scale a column is next to nothing.
    Case(
      block:
        #""quantization_config": {"quant_method": "compressed-tensors", "ignore": ["lm_head"], "config_groups": {"a": {"targets": ["Linear"], "weights": {"num_bits": 4, "type": "int", "strategy": "channel"}}, "b": {"targets": ["re:.*layers\\.1\\.mlp"], "weights": {"num_bits": 8, "type": "float"}}}}"#,
      layers: [
        (0.5 + 2.0 / 4096, 0.5 + 2.0 / 4096), (0.5 + 2.0 / 4096, 1), (0.5 + 2.0 / 4096, 0.5 + 2.0 / 4096),
      ]),
    // Shell patterns with one letter, and with some.
    Case(
      block:
        #""quantization_config": {"quant_method": "modelopt", "quant_algo": "NVFP4", "ignore": ["lm_head", "model.layers.[02].self_att?", "layers.?.mlp.[!d]*_proj", "*.mlp.down_proj"]}"#,
      layers: [(2, 2), (0.5625, 2), (2, 2)]),
    // Names from a beginning of the model's own; those of a tower are others.
    Case(
      block:
        #""quantization_config": {"quant_method": "fp8", "modules_to_not_convert": ["thinker.model.layers.0.mlp", "thinker.visual.layers.1.mlp", "thinker.model.layers.2.self_attn"]}"#,
      layers: [(1, 2), (1, 1), (2, 1)]),
    // GPTQ of some modules alone.
    Case(
      block:
        #""quantization_config": {"quant_method": "gptq", "bits": 4, "group_size": 128, "modules_in_block_to_quantize": [["mlp.gate_proj", "mlp.up_proj"], ["mlp.down_proj"]]}"#,
      layers: [(2, Case.packed), (2, Case.packed), (2, Case.packed)]),
  ]

  @Test(arguments: cases.indices)
  func weights(index: Int) throws {
    let one = Self.cases[index]
    let model = try Self.model(Self.dense, one.block)
    #expect(try Self.bytes(model) == Self.sum(one.layers, tables: one.tables), "\(one.block)")
  }

  /// Decode reads each matrix once: traffic follows the tensors, not the class.
  @Test(arguments: cases.indices)
  func decodeFollows(index: Int) throws {
    let model = try Self.model(Self.dense, Self.cases[index].block)
    let plan = PrecisionRequest().plan(for: model).plan
    let profile = try Catalogue.hardware("h100-sxm")
    let evaluator = try Evaluator(model: model, profile: profile, precision: plan)
    let analysis = evaluator.analyze(.decode(batch: 1, contextLength: 1))
    let kinds: Set<OperatorKind> = [
      .qkvProjection, .outputProjection, .gateUpProjection, .downProjection, .lmHead,
    ]
    var read = 0.0
    for entry in analysis.operators where kinds.contains(entry.call.kind) {
      guard case .product(let shape) = entry.call.shape else { continue }
      let activations = shape.rows * shape.inputs * entry.call.formats.input.bytesPerElement
      read += (entry.work.traffic.reads[0] - activations) * entry.call.layers
    }
    // All matrices but the table of embeddings, of which a row is read.
    let table = 1000.0 * 256 * Self.cases[index].tables
    let stored = try Self.bytes(model) - table - 2 * Self.norms
    #expect(abs(read - stored) <= 64, "\(read) \(stored)")
  }

  /// A router is called gate; Mixtral's experts have no gate_proj, others' are not meant.
  @Test(arguments: ["mixtral", "qwen3_moe"])
  func awqSubstringsMeetTheFamilysNames(type: String) throws {
    let shape =
      #""model_type": "\#(type)", \#(type == "mixtral" ? "" : "\"moe_intermediate_size\": 512,") "hidden_size": 256, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "intermediate_size": 512, "vocab_size": 1000, "num_local_experts": 4, "num_experts_per_tok": 2, "torch_dtype": "float16""#
    let model = try Self.model(
      shape,
      #""quantization_config": {"quant_method": "awq", "bits": 4, "group_size": 128, "zero_point": true, "modules_to_not_convert": ["gate"]}"#
    )
    #expect(model.precision.isEmpty)
    #expect(model.checkpointFormat == .int4(group: 128, zeroPoint: true))
  }

  /// GPTQ's index of groups beside each narrow expert: 4 bytes an input, of 256, 256 and 64.
  @Test func gptqIndices() throws {
    func bytes(_ block: String) throws -> Double {
      let shape =
        #""model_type": "qwen3_moe", "hidden_size": 256, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "intermediate_size": 512, "moe_intermediate_size": 64, "vocab_size": 1000, "num_experts": 4, "num_experts_per_tok": 2, "torch_dtype": "float16""#
      return try Self.bytes(
        Self.model(
          shape, #""quantization_config": {\#(block)}"#))
    }
    func packed(_ method: String) -> String { #""quant_method": "\#(method)", "bits": 4, "group_size": 64"# }
    func grouped(_ order: String) -> String {
      #""quant_method": "compressed-tensors", "ignore": ["lm_head"], "config_groups": {"a": {"targets": ["Linear"], "weights": {"num_bits": 4, "group_size": 64, "actorder": \#(order)}}}"#
    }
    let indices = 2.0 * 4 * 4 * (256 + 256 + 64)
    #expect(try bytes(packed("gptq")) - bytes(packed("awq")) == indices)
    #expect(try bytes(grouped(#""group""#)) - bytes(grouped("null")) == indices)
    #expect(try bytes(grouped(#""weight""#)) == bytes(grouped("null")))
  }

  @Test(arguments: [
    (#""kv_cache_scheme": {"num_bits": 8, "type": "float"}"#, NumberFormat.fp8),
    (#""kv_cache_scheme": {"num_bits": 8, "type": "int"}"#, .int8),
    (#""kv_cache_quant_algo": "NVFP4""#, .nvfp4), (#""kv_cache_scheme": "static""#, .fp8),
  ])
  func cache(key: String, format: NumberFormat) throws {
    let model = try Self.model(
      Self.dense, #""quantization_config": {"quant_method": "modelopt", "quant_algo": "FP8", \#(key)}"#)
    #expect(model.cacheFormat == format)
    #expect(PrecisionRequest().plan(for: model).plan.kvCache == format)
    #expect(PrecisionRequest(cache: .bf16).plan(for: model).plan.kvCache == .bf16)
    _ = try Self.bytes(model)
  }

  /// A cache of 8 bits beside weights that were left as they were.
  @Test(arguments: [
    #"{"quant_method": "modelopt", "quant_algo": null, "kv_cache_quant_algo": "FP8"}"#,
    #"{"quant_method": "compressed-tensors", "kv_cache_scheme": {"num_bits": 8, "type": "float"}}"#,
  ])
  func cacheAlone(block: String) throws {
    let model = try Self.model(Self.dense, #""quantization_config": \#(block)"#)
    #expect(model.cacheFormat == .fp8 && model.checkpointFormat == .bf16 && model.precision.isEmpty)
    let beside = SourceFile(
      name: "hf_quant_config.json",
      text: #"{"quantization": {"quant_algo": null, "kv_cache_quant_algo": "FP8"}}"#)
    let config = SourceFile(name: "config.json", text: "{\(Self.dense)}")
    let other = try ConfigImport.read(config, name: "x", quantization: beside).model
    #expect(other.cacheFormat == .fp8 && other.checkpointFormat == .bf16)
  }

  /// Scales in the file spare the search for the largest; weights alone leave inputs as they are.
  @Test func inputs() throws {
    func plan(_ inputs: String) throws -> PrecisionPlan {
      let model = try Self.model(
        Self.dense,
        #""quantization_config": {"quant_method": "compressed-tensors", "ignore": ["lm_head"], "config_groups": {"a": {"targets": ["Linear"], "weights": {"num_bits": 8, "type": "float"}, "input_activations": \#(inputs)}}}"#
      )
      _ = try Self.bytes(model)
      return PrecisionRequest().plan(for: model).plan
    }
    #expect(try plan("null").operand == .bf16)
    let dynamic = try plan(#"{"num_bits": 8, "type": "float", "dynamic": true}"#)
    let fixed = try plan(#"{"num_bits": 8, "type": "float", "dynamic": false}"#)
    #expect(dynamic.operand == .fp8 && !dynamic.staticScales)
    #expect(fixed.operand == .fp8 && fixed.staticScales)
  }

  @Test(arguments: [
    #"{"quant_method": "exl3", "bits": 4.0}"#, #"{"quant_method": "torchao", "quant_type": {"default": {}}}"#,
    #"{"quant_method": "fp8", "weight_block_size": [64, 64]}"#,
    #"{"quant_method": "awq", "bits": 4, "extra_bits": 3}"#,
    #"{"quant_method": "compressed-tensors", "transform_config": {"R1": {}}, "config_groups": {}}"#,
    #"{"quant_method": "modelopt", "quant_algo": "W2A16"}"#, #"{"quant_method": "modelopt"}"#,
    #"{"quant_method": "compressed-tensors", "config_groups": {"a": {"targets": ["Linear"], "weights": {"num_bits": 8, "type": "float", "group_size": 128}}}}"#,
    #"{"quant_method": "compressed-tensors", "config_groups": {"a": {"targets": ["LlamaMLP"], "weights": {"num_bits": 8, "type": "float"}}}}"#,
  ])
  func refusalsShowTheWayOn(block: String) throws {
    #expect {
      try Self.model(Self.dense, #""quantization_config": \#(block)"#)
    } throws: { "\($0)".contains("--ignore-key quantization_config --quantization") }
  }

  /// What a key names tells whether it can change sizes.
  @Test func harmlessKeysAreRemarks() throws {
    let text =
      "{\(Self.dense), \"output_gate_type\": \"swish\", \"thinking_token\": 7, \"init_scheme\": 2, \"variant_name\": \"x\"}"
    let imported = try ConfigImport.read(SourceFile(name: "config.json", text: text), name: "x")
    #expect(imported.remarks.count == 4)
    for key in [#""router_hidden_size": 8"#, #""num_memory_tokens": 3"#, #""extra_layers": 2"#] {
      #expect(throws: InputError.self) { try Self.model(Self.dense, key) }
    }
  }

  /// Lists name modules as the family's own code does; with all of them spared nothing is narrow.
  @Test(arguments: [
    ("gpt-neox-20b", "gpt_neox.layers", "attention", "query_key_value|dense|dense_h_to_4h|dense_4h_to_h"),
    ("bloom-7b1", "transformer.h", "self_attention", "query_key_value|dense|dense_h_to_4h|dense_4h_to_h"),
    ("falcon-40b", "transformer.h", "self_attention", "query_key_value|dense|dense_h_to_4h|dense_4h_to_h"),
    ("gpt2-xl", "transformer.h", "attn", "c_attn|c_proj|c_fc"),
    ("gpt-j-6b", "transformer.h", "attn", "q_proj|k_proj|v_proj|out_proj|fc_in|fc_out"),
    ("starcoder-15.5b", "transformer.h", "attn", "c_attn|c_proj|c_fc"),
    ("starcoder2-7b", "model.layers", "self_attn", "q_proj|k_proj|v_proj|o_proj|c_fc|c_proj"),
    ("mpt-7b", "transformer.blocks", "attn", "Wqkv|out_proj|up_proj|down_proj"),
    (
      "dbrx", "transformer.blocks", "norm_attn_norm.attn",
      "Wqkv|out_proj|ffn.experts.mlp.w1|ffn.experts.mlp.v1|ffn.experts.mlp.w2"
    ),
    ("opt-6.7b", "model.decoder.layers", "self_attn", "q_proj|k_proj|v_proj|out_proj|fc1|fc2"),
    ("phi-2", "model.layers", "self_attn", "q_proj|k_proj|v_proj|dense|fc1|fc2"),
    ("phi-4-mini", "model.layers", "self_attn", "qkv_proj|o_proj|gate_up_proj|down_proj"),
    ("mamba-2.8b", "backbone.layers", "mixer", "in_proj|x_proj|dt_proj|out_proj"),
    ("mamba-codestral-7b", "backbone.layers", "mixer", "in_proj|out_proj"),
    (
      "qwen3-next-80b-a3b", "model.layers", "self_attn",
      "linear_attn.*|q_proj|k_proj|v_proj|o_proj|mlp.experts.*|mlp.shared_expert.*"
    ),
  ])
  func namesOfFamilies(config: String, stack: String, attention: String, modules: String) throws {
    let text = try SourceFile(path: "\(ConfigFiles.folder)/\(config).json").text
    func narrow(_ ignored: String) throws -> ModelSpec {
      let block =
        #""quantization_config": {"quant_method": "compressed-tensors", "ignore": ["re:.*lm_head", \#(ignored)], "config_groups": {"a": {"targets": ["Linear"], "weights": {"num_bits": 8, "type": "float"}}}}"#
      let end = try #require(text.lastIndex(of: "}"))
      return try ConfigImport.read(
        SourceFile(name: "config.json", text: text[..<end] + ", \(block)}"), name: "x"
      ).model
    }
    let pattern = modules.replacing(".", with: #"\\."#).replacing(#"\\.*"#, with: #"\\..*"#)
    let spared = try narrow(#""re:.*\\.(\#(pattern))$""#)
    #expect(spared.checkpointFormat?.isNarrow != true && spared.expertFormat == nil, "\(spared.precision)")
    // A path from the beginning to one layer's attention.
    let layer = try ConfigFiles.read(config).model.layerCount - 1
    let path = "\(stack).\(layer).\(attention)".replacing(".", with: #"\\."#)
    let one = try narrow(#""re:^\#(path)\\..*""#)
    #expect(!one.precision.isEmpty && one.precision.allSatisfy { $0.format == .bf16 })
    #expect(one.precision.allSatisfy { $0.layers == [layer...layer] })
  }

  @Test func rulesOfASpec() throws {
    var model = try Self.model(Self.dense, #""use_cache": true"#)
    model.checkpointFormat = .fp8
    model.precision = [
      PrecisionRule(.named("self_attn.*"), layers: [0...1], format: .bf16),
      PrecisionRule(.component(.lmHead), format: .fp8),
    ]
    #expect(
      try Self.bytes(model) == Self.sum([(2, 1), (2, 1), (1, 1)]) - Self.tables / 2)
    model.precision = [PrecisionRule(.named("self_attn.w_pack"), format: .bf16)]
    let yaml = ModelWriter.yaml(model)
    #expect(throws: InputError.self) { try ModelReader.read(SourceFile(name: "x.yaml", text: yaml)) }
  }
}

/// What would take minutes is refused.
@Test func tooManyPatterns() throws {
  let rules = (0..<500).map { #""re:.*layers\\.\#($0)\\..*(q|k)_proj""# }.joined(separator: ",")
  let text =
    #"{"model_type": "llama", "vocab_size": 99, "num_attention_heads": 2, "num_key_value_heads": 2, "hidden_size": 32, "intermediate_size": 9, "num_hidden_layers": 9999, "quantization_config": {"quant_method": "fp8", "modules_to_not_convert": [\#(rules)]}}"#
  let error = #expect(throws: InputError.self) {
    try ConfigImport.read(SourceFile(name: "config.json", text: text), name: "x")
  }
  #expect(error?.message.contains("500 patterns") == true)
}

/// Regular expressions as quantisation tools use them.
@Suite struct NamePatternTests {
  @Test(arguments: [
    (#".*mlp.*_proj"#, "model.layers.0.mlp.up_proj", true), (#"mlp"#, "model.mlp", false),
    (#"model\.layers\.(0|1)\..*"#, "model.layers.1.mlp", true),
    (#"model\.layers\.(0|1)\..*"#, "model.layers.2.mlp", false),
    (#"^model\.layers\.\d{2}\.mlp$"#, "model.layers.12.mlp", true),
    (#"^model\.layers\.\d{2}\.mlp$"#, "model.layers.1.mlp", false),
    (#"(?!.*self_attn).*"#, "model.layers.1.self_attn.q_proj", false),
    (#".*(?!mlp)"#, "model.layers.1.mlp", true), (#"[^a-f]+x?"#, "xyz", true),
    (#".*\b(gate|up)_proj\b"#, "a.up_proj", true), (#"a{2,3}$"#, "aaa", true),
    (#"(a|b)*?c+"#, "ababcc", true),
    (#"[-a]b"#, "-b", true),
  ])
  func matches(pattern: String, text: String, fits: Bool) throws {
    let found = try NamePattern(pattern, at: SourceLocation(file: "x"))
    #expect(found.matchesStart(of: Array(text.utf8)) == fits)
  }

  @Test(arguments: ["(", "a)", "*a", "[a", "a{3,1}", "a{9999}", "(?<n>a)", "\\q", "((a{1000}){1000}){1000}"])
  func refused(pattern: String) {
    #expect(throws: InputError.self) { try NamePattern(pattern, at: SourceLocation(file: "x")) }
  }

  /// Patterns that ruin matchers which try one way after the other.
  @Test func hostilePatternsTakeNoTime() throws {
    let text = Array(String(repeating: "a", count: 200).utf8)
    for pattern in ["(a*)*b", "(a|a)*b", "(a?){50}a{50}b", "(.*)(.*)(.*)(.*)(.*)b"] {
      #expect(try !NamePattern(pattern, at: SourceLocation(file: "x")).matchesStart(of: text))
    }
  }
}
