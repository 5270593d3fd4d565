import CostModel
import Foundation
import Testing

@testable import Import
@testable import Specs

/// What a file states is what its model weighs, whatever its layout.
@Suite struct GGUFBytesTests {
  /// Bytes of a block and its elements by ggml's numbers of types.
  static let blocks: [UInt32: (elements: UInt64, bytes: UInt64)] = [
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34), 9: (32, 36),
    10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210), 15: (256, 292),
    16: (256, 66), 17: (256, 74), 18: (256, 98), 19: (256, 50), 20: (32, 18), 21: (256, 110), 22: (256, 82),
    23: (256, 136), 29: (256, 56), 30: (1, 2), 34: (256, 54), 35: (256, 66), 39: (32, 17), 40: (64, 36),
    41: (128, 18),
  ]

  static func bytes(_ file: GGUFBuilder) -> Double {
    file.tensors.reduce(0) { sum, tensor in
      guard let block = blocks[tensor.type] else { return .nan }
      return sum + Double(tensor.shape.reduce(1, *) / block.elements * block.bytes)
    }
  }

  /// A file of so many layers, written tensor by tensor.
  static func file(
    _ architecture: String, layers: Int = 2, _ more: [String: UInt32] = [:],
    _ layer: (Int, inout GGUFBuilder, String) -> Void
  ) -> GGUFBuilder {
    var file = GGUFBuilder()
    file.set("general.architecture", architecture)
    var keys: [String: UInt32] = [
      "block_count": UInt32(layers), "embedding_length": 256, "context_length": 4096,
      "attention.head_count": 4,
      "attention.head_count_kv": 2,
    ]
    keys.merge(more) { _, new in new }
    for (key, value) in keys.sorted(by: { $0.key < $1.key }) { file.set("\(architecture).\(key)", value) }
    file.tensor("token_embd.weight", [256, 512], type: 12)
    file.tensor("output_norm.weight", [256])
    file.tensor("output.weight", [256, 512], type: 14)
    for index in 0..<layers { layer(index, &file, "blk.\(index).") }
    return file
  }

  static func attention(_ file: inout GGUFBuilder, _ block: String, type: UInt32 = 12, stored: UInt64 = 2) {
    file.tensor(block + "attn_norm.weight", [256])
    file.tensor(block + "attn_q.weight", [256, 256], type: type)
    file.tensor(block + "attn_k.weight", [256, 64 * stored], type: type)
    file.tensor(block + "attn_v.weight", [256, 64 * stored], type: type)
    file.tensor(block + "attn_output.weight", [256, 256], type: type)
  }

  static func dense(_ file: inout GGUFBuilder, _ block: String, type: UInt32 = 12) {
    file.tensor(block + "ffn_norm.weight", [256])
    for name in ["ffn_gate", "ffn_up"] { file.tensor("\(block)\(name).weight", [256, 512], type: type) }
    file.tensor(block + "ffn_down.weight", [512, 256], type: type)
  }

  static func check(_ file: GGUFBuilder, agrees: Bool = true) throws -> ModelSpec {
    let (imported, check) = try GGUFImport.read(ByteSource(name: "f.gguf", bytes: file.bytes), name: "f")
    let model = imported.model
    let plan = PrecisionRequest().plan(for: model).plan
    #expect(model.weightBytes(plan) == bytes(file), "\(ModelWriter.yaml(imported))")
    #expect(check.agrees == agrees, "\(check.complaint ?? "")")
    let back = try ModelReader.read(SourceFile(name: "f.yaml", text: ModelWriter.yaml(imported)))
    #expect(back == model)
    return model
  }

  @Test(arguments: Self.blocks.keys.sorted())
  func everyType(type: UInt32) throws {
    _ = try Self.check(
      Self.file("llama") { _, file, block in
        Self.attention(&file, block, type: type)
        Self.dense(&file, block, type: type)
      })
  }

  /// Each layer and matrix in a type of its own.
  @Test func everyTensorItsOwn() throws {
    let types: [UInt32] = [12, 14, 8, 23, 10]
    let model = try Self.check(
      Self.file("qwen3", layers: 5) { index, file, block in
        Self.attention(&file, block, type: types[index])
        Self.dense(&file, block, type: types[(index + 2) % 5])
      })
    #expect(model.unreadBytes == 0)
  }

  @Test func headsByLayer() throws {
    var file = Self.file("llama", layers: 3) { index, file, block in
      Self.attention(&file, block, stored: [4, 2, 1][index])
      Self.dense(&file, block)
    }
    file.keys.removeAll { String(decoding: $0, as: UTF8.self).contains("head_count_kv") }
    file.set("llama.attention.head_count_kv", list: [4, 2, 1])
    let model = try Self.check(file)
    #expect(model.cacheBytesPerToken(.fp16) == Double(2 * 2 * 64 * 7))
  }

  @Test(arguments: [false, true])
  func expertsOneByOneOrMerged(merged: Bool) throws {
    let model = try Self.check(
      Self.file("llama", ["expert_count": 4, "expert_used_count": 2]) { _, file, block in
        Self.attention(&file, block)
        file.tensor(block + "ffn_norm.weight", [256])
        file.tensor(block + "ffn_gate_inp.weight", [256, 4])
        if merged {
          file.tensor(block + "ffn_gate_up_exps.weight", [256, 1024, 4], type: 10)
          file.tensor(block + "ffn_down_exps.weight", [512, 256, 4], type: 11)
        } else {
          for expert in 0..<4 {
            for name in ["ffn_gate", "ffn_up"] {
              file.tensor("\(block)\(name).\(expert).weight", [256, 512], type: 10)
            }
            file.tensor("\(block)ffn_down.\(expert).weight", [512, 256], type: 11)
          }
        }
      })
    #expect(model.parameters.routedExperts == 2 * 4 * 3 * 512 * 256)
    #expect(model.parameters.activeExperts == 2 * 2 * 3 * 512 * 256)
  }

  /// Three delta layers to one of gated attention.
  @Test func qwen35() throws {
    let model = try Self.check(
      Self.file(
        "qwen35", layers: 4,
        [
          "attention.key_length": 64, "attention.value_length": 64, "ssm.conv_kernel": 4,
          "ssm.state_size": 32,
          "ssm.group_count": 4, "ssm.time_step_rank": 8, "ssm.inner_size": 256,
        ]
      ) { index, file, block in
        file.tensor(block + "attn_norm.weight", [256])
        file.tensor(block + "post_attention_norm.weight", [256])
        if index == 3 {
          file.tensor(block + "attn_q.weight", [256, 512], type: 12)
          for name in ["attn_k", "attn_v"] { file.tensor("\(block)\(name).weight", [256, 128], type: 14) }
          file.tensor(block + "attn_output.weight", [256, 256], type: 12)
          for name in ["attn_q_norm", "attn_k_norm"] { file.tensor("\(block)\(name).weight", [64]) }
        } else {
          file.tensor(block + "attn_qkv.weight", [256, 512], type: 12)
          file.tensor(block + "attn_gate.weight", [256, 256], type: 12)
          for name in ["ssm_alpha", "ssm_beta"] { file.tensor("\(block)\(name).weight", [256, 8], type: 8) }
          file.tensor(block + "ssm_conv1d.weight", [4, 512])
          file.tensor(block + "ssm_dt.bias", [8])
          file.tensor(block + "ssm_a", [8])
          file.tensor(block + "ssm_norm.weight", [32])
          file.tensor(block + "ssm_out.weight", [256, 256], type: 13)
        }
        for name in ["ffn_gate", "ffn_up"] { file.tensor("\(block)\(name).weight", [256, 512], type: 12) }
        file.tensor(block + "ffn_down.weight", [512, 256], type: 12)
      })
    #expect(model.kinds.map(\.name) == ["recurrent", "attention"])
  }

  /// Mamba-2 blocks, one of attention, one of experts, each a layer.
  @Test func nemotron() throws {
    let model = try Self.check(
      Self.file(
        "nemotron_h_moe", layers: 3,
        [
          "ssm.conv_kernel": 4, "ssm.state_size": 32, "ssm.group_count": 2, "ssm.time_step_rank": 8,
          "ssm.inner_size": 512, "expert_count": 4, "expert_used_count": 2,
        ]
      ) { index, file, block in
        if index == 1 { return Self.attention(&file, block) }
        file.tensor(block + "attn_norm.weight", [256])
        if index == 0 {
          file.tensor(block + "ssm_in.weight", [256, 2 * 512 + 2 * 2 * 32 + 8], type: 12)
          file.tensor(block + "ssm_conv1d.weight", [4, 512 + 2 * 2 * 32])
          file.tensor(block + "ssm_conv1d.bias", [512 + 2 * 2 * 32])
          file.tensor(block + "ssm_dt.bias", [8])
          for name in ["ssm_a", "ssm_d"] { file.tensor("\(block)\(name)", [1, 8]) }
          file.tensor(block + "ssm_norm.weight", [256, 2])
          file.tensor(block + "ssm_out.weight", [512, 256], type: 12)
        } else {
          file.tensor(block + "ffn_gate_inp.weight", [256, 4])
          file.tensor(block + "exp_probs_b.bias", [4])
          file.tensor(block + "ffn_up_exps.weight", [256, 128, 4], type: 12)
          file.tensor(block + "ffn_down_exps.weight", [128, 256, 4], type: 8)
          file.tensor(block + "ffn_up_shexp.weight", [256, 256], type: 12)
          file.tensor(block + "ffn_down_shexp.weight", [256, 256], type: 12)
        }
      })
    #expect(model.kinds.count == 3)
  }

  /// Layers that predict further tokens, and tables of rotations, weigh what they weigh and are read by nobody.
  @Test func whatNobodyReads() throws {
    let model = try Self.check(
      Self.file("glm4moe", layers: 3, ["nextn_predict_layers": 1]) { index, file, block in
        Self.attention(&file, block)
        Self.dense(&file, block)
        if index == 2 { file.tensor(block + "nextn.eh_proj.weight", [512, 256], type: 12) }
        if index == 0 { file.tensor("rope_freqs.weight", [32]) }
      })
    #expect(model.layerCount == 2)
    #expect(model.unreadBytes > Double(32 * 4))
  }

  @Test(arguments: [
    ("lfm2", "shortconv.conv"), ("jamba", "ssm_x"), ("gemma3n", "laurel_l"), ("qwen3next", "ssm_out"),
    ("llama4", "ffn_down_exps"), ("granitehybrid", "ssm_in"),
  ])
  func whatIsMissingIsNamed(architecture: String, tensor: String) {
    let file = Self.file(architecture) { _, file, block in
      Self.attention(&file, block)
      Self.dense(&file, block)
    }
    #expect { try Self.check(file) } throws: { "\($0)".contains(tensor) && "\($0)".contains("is known") }
  }

  @Test func whatCannotBeExpressedIsNamed() {
    let file = Self.file("llama") { _, file, block in
      Self.attention(&file, block)
      Self.dense(&file, block)
      file.tensor(block + "attn_mystery.weight", [256, 256], type: 12)
    }
    #expect { try Self.check(file) } throws: { "\($0)".contains("blk.0.attn_mystery.weight") }
  }

  @Test(arguments: [
    "qwen2vl", "qwen3vl", "smollm3", "seed_oss", "exaone4", "cohere2", "ernie4_5", "olmo", "arcee", "deci",
  ])
  func plainArchitectures(name: String) throws {
    _ = try Self.check(
      Self.file(name) { _, file, block in
        Self.attention(&file, block)
        Self.dense(&file, block)
      }, agrees: name != "olmo")
  }

  /// Parts are put together from any of them, or from their folder; a missing one is named.
  @Test func parts() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    var first = Self.file("llama") { _, _, _ in }
    first.set("split.count", 2)
    first.set("split.tensors.count", UInt32(3 + 2 * 9))
    var second = GGUFBuilder()
    second.set("split.count", 2)
    for layer in 0..<2 {
      Self.attention(&second, "blk.\(layer).")
      Self.dense(&second, "blk.\(layer).")
    }
    let names = ["a-00001-of-00002.gguf", "a-00002-of-00002.gguf"].map { folder.appending(path: $0) }
    try Data(first.bytes).write(to: names[0])
    #expect { try ModelFiles.find(names[0].path()) } throws: { error in
      (error as? InputError)?.kind == .missing && "\(error)".contains("a-00002-of-00002.gguf")
    }
    try Data(second.bytes).write(to: names[1])
    for path in [names[0], names[1], folder] {
      let model = try ModelFiles.find(path.path())
      let plan = PrecisionRequest().plan(for: model).plan
      #expect(model.weightBytes(plan) == Self.bytes(first) + Self.bytes(second))
    }
    try Data(first.bytes).write(to: folder.appending(path: "b.gguf"))
    #expect(throws: InputError.self) { try ModelFiles.find(folder.path()) }
  }
}
