import CostModel
import Foundation
import Testing

@testable import Import
@testable import Specs

/// Parameters computed from a config, beside the tensors of a header.
@Suite struct HeaderCheckTests {
  static let config = """
    {"model_type": "qwen3_moe", "hidden_size": 64, "num_hidden_layers": 1, "num_attention_heads": 4,
     "num_key_value_heads": 2, "head_dim": 32, "intermediate_size": 96, "moe_intermediate_size": 16,
     "num_experts": 2, "num_experts_per_tok": 1, "vocab_size": 100, "tie_word_embeddings": false}
    """

  /// As the released checkpoints name them: one tensor for each expert's matrix.
  static let tensors: [(String, [Int])] =
    [
      ("model.embed_tokens.weight", [100, 64]), ("lm_head.weight", [100, 64]), ("model.norm.weight", [64]),
      ("model.layers.0.input_layernorm.weight", [64]),
      ("model.layers.0.post_attention_layernorm.weight", [64]),
      ("model.layers.0.self_attn.q_proj.weight", [128, 64]),
      ("model.layers.0.self_attn.k_proj.weight", [64, 64]),
      ("model.layers.0.self_attn.v_proj.weight", [64, 64]),
      ("model.layers.0.self_attn.o_proj.weight", [64, 128]),
      ("model.layers.0.self_attn.q_norm.weight", [32]), ("model.layers.0.self_attn.k_norm.weight", [32]),
      ("model.layers.0.mlp.gate.weight", [2, 64]),
    ]
    + (0..<2).flatMap { expert in
      [("gate_proj", [16, 64]), ("up_proj", [16, 64]), ("down_proj", [64, 16])].map {
        ("model.layers.0.mlp.experts.\(expert).\($0.0).weight", $0.1)
      }
    }

  private func check(_ tensors: [(String, [Int])]) throws -> HeaderCheck {
    let model = try ConfigImport.read(SourceFile(name: "config.json", text: Self.config), name: "x").model
    var tally = HeaderTally()
    let source = ByteSource(name: "model.safetensors", bytes: SafetensorsBuilder.file(tensors))
    try SafetensorsFolder.add(source, model, to: &tally)
    return HeaderCheck(model, tally, source: "model.safetensors")
  }

  @Test func agrees() throws {
    let result = try check(Self.tensors)
    #expect(result.agrees, "\(result.complaint ?? "")")
    #expect(result.tally.totalBytes == 2 * result.rows.reduce(0) { $0 + $1.computed })
  }

  @Test func aMissingExpertIsNamed() throws {
    let result = try check(Self.tensors.filter { !$0.0.contains("experts.1.up") })
    #expect(
      result.complaint?.hasPrefix("model.safetensors disagrees: feed_forward 6144 computed, 5120 in the file")
        == true)
    #expect(result.differences.map(\.module) == ["mlp.experts.{expert}.up_proj"])
  }

  @Test func aStrayTensorVoidsTheComparison() throws {
    let result = try check(Self.tensors + [("model.layers.0.mystery.weight", [3])])
    #expect(!result.agrees)
    #expect(result.complaint?.contains("mystery") == true)
  }

  /// What belongs to no decoder layer is listed, not counted.
  @Test func encodersPredictionsAndScalesStandApart() throws {
    let result = try check(
      Self.tensors + [
        ("model.layers.1.mlp.gate.weight", [2, 64]), ("visual.blocks.0.attn.qkv.weight", [4, 4]),
        ("model.layers.0.self_attn.q_proj.weight_scale_inv", [1, 1]),
        ("model.layers.0.self_attn.rotary_emb.inv_freq", [16]),
      ])
    #expect(result.agrees, "\(result.complaint ?? "")")
    #expect(result.tally.elements["prediction"] == 128)
    #expect(result.tally.elements["encoder"] == 16)
    #expect(result.tally.elements["scales"] == 1)
    #expect(result.tally.elements["buffer"] == 16)
  }

  /// Llama 3 8B's released index: 16,060,522,496 bytes, two for each parameter.
  @Test func indexAloneComparesBytes() throws {
    let text =
      #"{"metadata": {"total_size": 16060522496}, "weight_map": {"a": "model-00001-of-00004.safetensors"}}"#
    let index = try SafetensorsIndex.read(ByteSource(name: "index.json", bytes: Array(text.utf8)))
    var model = try ConfigFiles.read("llama-3-8b").model
    #expect(index.remark(model, missing: 1).hasSuffix("16060522496 computed at bf16: they agree"))
    model.checkpointFormat = .fp32
    #expect(index.remark(model, missing: 1).hasSuffix("they differ"))
  }

  /// One shard named on the command line means the model that its index describes.
  @Test func aShardBringsTheOthers() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let shards = [Array(Self.tensors.prefix(5)), Array(Self.tensors.dropFirst(5))]
    var map: [String] = []
    for (number, tensors) in shards.enumerated() {
      let name = "model-\(number).safetensors"
      try Data(SafetensorsBuilder.file(tensors)).write(to: folder.appending(path: name))
      map += tensors.map { "\"\($0.0)\": \"\(name)\"" }
    }
    try Data("{\"weight_map\": {\(map.joined(separator: ", "))}}".utf8)
      .write(to: folder.appending(path: "model.safetensors.index.json"))
    try Data(Self.config.utf8).write(to: folder.appending(path: "config.json"))
    let shard = folder.appending(path: "model-0.safetensors").path()
    let check = try #require(try ModelFiles.readWithCheck(shard).check)
    #expect(check.rows.filter { !$0.agrees } == [])
  }
}

/// Bytes of checkpoints in the layouts of quantisation tools.
@Suite struct HeaderBytesTests {
  static let shape =
    #"{"model_type": "llama", "hidden_size": 256, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "intermediate_size": 512, "vocab_size": 1024, "tie_word_embeddings": false, "torch_dtype": "bfloat16", "#
  static let linear: [(String, Int, Int)] = [
    ("self_attn.q_proj", 256, 256), ("self_attn.k_proj", 128, 256), ("self_attn.v_proj", 128, 256),
    ("self_attn.o_proj", 256, 256), ("mlp.gate_proj", 512, 256), ("mlp.up_proj", 512, 256),
    ("mlp.down_proj", 256, 512),
  ]
  typealias Entry = (name: String, type: String, shape: [Int])
  static let widths = [
    "BF16": 2, "I8": 1, "F32": 4, "U8": 1, "U32": 4, "I32": 4, "F8_E4M3": 1, "F16": 2, "I64": 8,
  ]

  static func plain(_ name: String, _ out: Int, _ inside: Int) -> [Entry] {
    [(name + ".weight", "BF16", [out, inside])]
  }
  static func mlx(_ name: String, _ out: Int, _ inside: Int) -> [Entry] {
    [
      (name + ".weight", "U32", [out, inside / 8]), (name + ".scales", "BF16", [out, inside / 64]),
      (name + ".biases", "BF16", [out, inside / 64]),
    ]
  }
  static func nf4(_ name: String, _ out: Int, _ inside: Int) -> [Entry] {
    let blocks = out * inside / 64
    return [
      (name + ".weight", "U8", [out * inside / 2, 1]), (name + ".weight.absmax", "U8", [blocks]),
      (name + ".weight.nested_absmax", "F32", [blocks / 256]), (name + ".weight.quant_map", "F32", [16]),
      (name + ".weight.quant_state.bitsandbytes__nf4", "U8", [80]),
    ]
  }
  static func nvfp4(_ name: String, _ out: Int, _ inside: Int) -> [Entry] {
    name.contains("self_attn")
      ? plain(name, out, inside)
      : [
        (name + ".weight", "U8", [out, inside / 2]), (name + ".weight_scale", "F8_E4M3", [out, inside / 16]),
        (name + ".weight_scale_2", "F32", []), (name + ".input_scale", "F32", []),
      ]
  }
  static func gptq(_ name: String, _ out: Int, _ inside: Int) -> [Entry] {
    [
      (name + ".qweight", "I32", [inside / 8, out]), (name + ".qzeros", "I32", [inside / 128, out / 8]),
      (name + ".scales", "F16", [inside / 128, out]), (name + ".g_idx", "I32", [inside]),
    ]
  }

  static func awq(_ name: String, _ out: Int, _ inside: Int) -> [Entry] {
    [
      (name + ".qweight", "I32", [inside, out / 8]), (name + ".qzeros", "I32", [inside / 128, out / 8]),
      (name + ".scales", "F16", [inside / 128, out]),
    ]
  }
  static func fp8Blocks(_ name: String, _ out: Int, _ inside: Int) -> [Entry] {
    [
      (name + ".weight", "F8_E4M3", [out, inside]),
      (name + ".weight_scale_inv", "F32", [(out + 127) / 128, (inside + 127) / 128]),
    ]
  }
  /// compressed-tensors: packed whole numbers, and 8-bit floats with a scale a channel.
  static func packed(_ name: String, _ out: Int, _ inside: Int) -> [Entry] {
    [
      (name + ".weight_packed", "I32", [out, inside / 8]),
      (name + ".weight_scale", "BF16", [out, inside / 128]),
      (name + ".weight_shape", "I64", [2]),
    ]
  }
  static func ordered(_ name: String, _ out: Int, _ inside: Int) -> [Entry] {
    packed(name, out, inside) + [(name + ".weight_g_idx", "I32", [inside])]
  }
  static func fp8Channels(_ name: String, _ out: Int, _ inside: Int) -> [Entry] {
    [(name + ".weight", "F8_E4M3", [out, inside]), (name + ".weight_scale", "BF16", [out, 1])]
  }

  static func header(_ body: (String, Int, Int) -> [Entry], tables: (String, Int, Int) -> [Entry]) -> [UInt8]
  {
    var list = tables("model.embed_tokens", 1024, 256) + tables("lm_head", 1024, 256)
    list.append(("model.norm.weight", "BF16", [256]))
    for layer in 0..<2 {
      let block = "model.layers.\(layer)."
      for norm in ["input_layernorm", "post_attention_layernorm"] {
        list.append(("\(block)\(norm).weight", "BF16", [256]))
      }
      for (name, out, inside) in linear { list += body(block + name, out, inside) }
    }
    var offset = 0
    let members = list.map { entry in
      let end = offset + (widths[entry.type] ?? 0) * entry.shape.reduce(1, *)
      defer { offset = end }
      return
        "\"\(entry.name)\": {\"dtype\": \"\(entry.type)\", \"shape\": \(entry.shape), \"data_offsets\": [\(offset), \(end)]}"
    }
    return SafetensorsBuilder.bytes("{" + members.joined(separator: ", ") + "}", data: offset)
  }

  static func check(_ block: String, _ bytes: [UInt8]) throws -> HeaderCheck {
    let model = try ConfigImport.read(SourceFile(name: "config.json", text: shape + block + "}"), name: "x")
      .model
    let tally = try ModelFiles.tallySafetensors(bytes: bytes, name: "f", model: model)
    return HeaderCheck(model, tally, source: "f")
  }

  static let modelopt =
    #""quantization_config": {"quant_method": "modelopt", "quant_algo": "NVFP4", "ignore": ["lm_head", "model.layers.*.self_attn*"]}"#

  @Test func layoutsAgree() throws {
    let layouts: [(String, [UInt8])] = [
      (#""quantization": {"group_size": 64, "bits": 4}"#, Self.header(Self.mlx, tables: Self.mlx)),
      (
        #""quantization_config": {"quant_method": "bitsandbytes", "load_in_4bit": true, "bnb_4bit_use_double_quant": true, "llm_int8_skip_modules": ["lm_head"]}"#,
        Self.header(Self.nf4, tables: Self.plain)
      ),
      (Self.modelopt, Self.header(Self.nvfp4, tables: Self.plain)),
      (
        #""quantization_config": {"quant_method": "gptq", "bits": 4, "group_size": 128}"#,
        Self.header(Self.gptq, tables: Self.plain)
      ),
      (
        #""quantization_config": {"quant_method": "awq", "bits": 4, "group_size": 128, "zero_point": true}"#,
        Self.header(Self.awq, tables: Self.plain)
      ),
      (
        #""quantization_config": {"quant_method": "fp8", "activation_scheme": "dynamic", "weight_block_size": [128, 128]}"#,
        Self.header(Self.fp8Blocks, tables: Self.plain)
      ),
      (
        #""quantization_config": {"quant_method": "compressed-tensors", "format": "pack-quantized", "config_groups": {"group_0": {"targets": ["Linear"], "weights": {"num_bits": 4, "type": "int", "symmetric": true, "strategy": "group", "group_size": 128}}}, "ignore": ["lm_head"]}"#,
        Self.header(Self.packed, tables: Self.plain)
      ),
      (
        #""quantization_config": {"quant_method": "compressed-tensors", "config_groups": {"group_0": {"targets": ["Linear"], "weights": {"num_bits": 4, "type": "int", "group_size": 128, "actorder": "group"}}}, "ignore": ["lm_head"]}"#,
        Self.header(Self.ordered, tables: Self.plain)
      ),
      (
        #""quantization_config": {"quant_method": "compressed-tensors", "format": "float-quantized", "config_groups": {"group_0": {"targets": ["Linear"], "weights": {"num_bits": 8, "type": "float", "symmetric": true, "strategy": "channel"}, "input_activations": {"num_bits": 8, "type": "float", "dynamic": true, "strategy": "token"}}}, "ignore": ["lm_head"]}"#,
        Self.header(Self.fp8Channels, tables: Self.plain)
      ),
    ]
    for (block, bytes) in layouts {
      let check = try Self.check(block, bytes)
      #expect(check.agrees, "\(check.complaint ?? "")")
      #expect(abs(check.computedBytes / check.storedBytes - 1) < 0.005)
    }
  }

  /// The same elements in other bytes are named, module by module.
  @Test func bytesThatDifferAreNamed() throws {
    let check = try Self.check(
      Self.modelopt.replacing("\"model.layers.*.self_attn*\"", with: "\"model.layers.0.self_attn*\""),
      Self.header(Self.nvfp4, tables: Self.plain))
    #expect(!check.agrees && check.rows.allSatisfy(\.agrees))
    #expect(Set(check.differences.map(\.module)).contains("self_attn.q_proj"))
    #expect(check.differences.allSatisfy { $0.module.hasPrefix("self_attn") })
  }
}
