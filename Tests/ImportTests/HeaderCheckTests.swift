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
    #expect(result.complaint == "model.safetensors disagrees: feed_forward 6144 computed, 5120 in the file")
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
