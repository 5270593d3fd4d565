import CostModel
import Testing

@testable import Import
@testable import Specs

/// GGUF headers, read without the weights.
@Suite struct GGUFTests {
  /// Two layers, four heads over two, rows of 64.
  static func llama(type: UInt32 = 8, heads: UInt32 = 4) -> GGUFBuilder {
    var file = GGUFBuilder()
    file.set("general.architecture", "llama")
    file.set("general.name", "Tiny")
    file.set("llama.block_count", 2)
    file.set("llama.embedding_length", 64)
    file.set("llama.context_length", 512)
    file.set("llama.attention.head_count", heads)
    file.set("llama.attention.head_count_kv", 2)
    file.set("llama.rope.freq_base", real: 500_000)
    file.set("tokenizer.ggml.tokens", texts: ["a", "b", "c"])
    file.tensor("token_embd.weight", [64, 96], type: type)
    for layer in 0..<2 {
      let block = "blk.\(layer)"
      file.tensor("\(block).attn_norm.weight", [64])
      file.tensor("\(block).attn_q.weight", [64, 64], type: type)
      file.tensor("\(block).attn_k.weight", [64, 32], type: type)
      file.tensor("\(block).attn_v.weight", [64, 32], type: type)
      file.tensor("\(block).attn_output.weight", [64, 64], type: type)
      file.tensor("\(block).ffn_norm.weight", [64])
      file.tensor("\(block).ffn_gate.weight", [64, 160], type: type)
      file.tensor("\(block).ffn_up.weight", [64, 160], type: type)
      file.tensor("\(block).ffn_down.weight", [160, 64], type: type)
    }
    file.tensor("output_norm.weight", [64])
    file.tensor("output.weight", [64, 96], type: type)
    return file
  }

  static func read(_ file: GGUFBuilder) throws -> (ImportedModel, HeaderCheck) {
    try GGUFImport.read(ByteSource(name: "tiny.gguf", bytes: file.bytes), name: "tiny")
  }

  @Test func denseModel() throws {
    let (imported, check) = try Self.read(Self.llama())
    #expect(check.agrees, "\(check.complaint ?? "")")
    let model = imported.model
    #expect(
      model.parameters.total
        == Double(2 * 96 * 64 + 64 + 2 * (2 * 64 + 64 * 64 * 2 + 2 * 64 * 32 + 3 * 64 * 160)))
    #expect(model.checkpointFormat == .gguf(.q8_0))
    #expect(model.maxPositions == 512)
    #expect(!model.tiedEmbeddings)
    guard case .attention(let attention) = model.kinds[0].layer.mixer else {
      Issue.record("no attention")
      return
    }
    #expect(attention.position.rotary?.theta == 500_000)
    #expect(check.tally.totalBytes == check.tally.bytesByType.values.reduce(0, +))
    // 32 numbers take 34 bytes.
    #expect(
      check.tally.bytesByType["q8_0"]
        == Double(34 * (2 * 96 * 64 + 2 * (64 * 64 * 2 + 2 * 64 * 32 + 3 * 64 * 160)) / 32))
    #expect(try ModelReader.read(SourceFile(name: "t.yaml", text: ModelWriter.yaml(imported))) == model)
  }

  /// Gemma 4 E2B in small: the last two of six layers look at earlier caches, wider heads see all, each layer has
  /// embeddings of its own; experts beside a dense feed-forward in A4B's.
  @Test(arguments: [false, true])
  func gemma4(experts: Bool) throws {
    var file = GGUFBuilder()
    file.set("general.architecture", "gemma4")
    for (key, value) in [
      ("block_count", 6), ("embedding_length", 64), ("context_length", 8192), ("attention.head_count", 2),
      ("attention.key_length", 64), ("attention.value_length", 64), ("attention.key_length_swa", 32),
      ("attention.value_length_swa", 32), ("attention.sliding_window", 512), ("rope.dimension_count", 64),
      ("attention.shared_kv_layers", 2), ("expert_used_count", 2),
    ] { file.set("gemma4.\(key)", UInt32(value)) }
    file.set("gemma4.attention.head_count_kv", list: [1, 1, 1, 1, 1, 1])
    file.set("gemma4.attention.sliding_window_pattern", list: [1, 1, 0, 1, 1, 0])
    file.tensor("token_embd.weight", [64, 128], type: 1)
    file.tensor("per_layer_token_embd.weight", [48, 128], type: 1)
    file.tensor("per_layer_model_proj.weight", [64, 48], type: 1)
    file.tensor("per_layer_proj_norm.weight", [8])
    file.tensor("rope_freqs.weight", [32])
    for layer in 0..<6 {
      let (block, width): (String, UInt64) = ("blk.\(layer)", layer % 3 == 2 ? 64 : 32)
      for norm in ["attn_norm", "post_attention_norm", "ffn_norm", "post_ffw_norm", "post_norm"] {
        file.tensor("\(block).\(norm).weight", [64])
      }
      file.tensor("\(block).attn_q.weight", [64, 2 * width], type: 1)
      file.tensor("\(block).attn_q_norm.weight", [width])
      if layer < 4 {
        file.tensor("\(block).attn_k.weight", [64, width], type: 1)
        file.tensor("\(block).attn_v.weight", [64, width], type: 1)
        file.tensor("\(block).attn_k_norm.weight", [width])
      }
      file.tensor("\(block).attn_output.weight", [2 * width, 64], type: 1)
      let inner: UInt64 = layer < 4 ? 96 : 192
      file.tensor("\(block).ffn_gate.weight", [64, inner], type: 1)
      file.tensor("\(block).ffn_up.weight", [64, inner], type: 1)
      file.tensor("\(block).ffn_down.weight", [inner, 64], type: 1)
      file.tensor("\(block).layer_output_scale.weight", [1])
      file.tensor("\(block).inp_gate.weight", [64, 8], type: 1)
      file.tensor("\(block).proj.weight", [8, 64], type: 1)
      guard experts else { continue }
      for norm in ["pre_ffw_norm_2", "post_ffw_norm_1", "post_ffw_norm_2"] {
        file.tensor("\(block).\(norm).weight", [64])
      }
      file.tensor("\(block).ffn_gate_inp.weight", [64, 4])
      file.tensor("\(block).ffn_gate_inp.scale", [64])
      file.tensor("\(block).ffn_gate_up_exps.weight", [64, 80, 4], type: 1)
      file.tensor("\(block).ffn_down_exps.weight", [40, 64, 4], type: 1)
      file.tensor("\(block).ffn_down_exps.scale", [4])
    }
    file.tensor("output_norm.weight", [64])
    let (imported, check) = try Self.read(file)
    #expect(check.agrees, "\(check.complaint ?? "")")
    let model = imported.model
    #expect(model.layerEmbedding == LayerEmbeddingSpec(width: 8, vocabulary: 128, layers: 6))
    guard case .attention(let far) = model.kinds[model.pattern[5]].layer.mixer,
      case .attention(let near) = model.kinds[model.pattern[0]].layer.mixer
    else { return #expect(Bool(false)) }
    #expect(far.sharesCache && far.headDim == 64 && far.span == .full)
    #expect(far.position.rotary == RotarySpec(theta: 1_000_000, partialFactor: 0.25))
    #expect(!near.sharesCache && near.headDim == 32 && near.span == .sliding(window: 512))
    #expect(near.position.rotary == RotarySpec(theta: 10_000))
    #expect(model.cacheBytesPerToken(.bf16) == 2 * (3 * 64 + 128))
    #expect(try ModelReader.read(SourceFile(name: "t.yaml", text: ModelWriter.yaml(imported))) == model)
  }

  /// Gemma 3n in small: its files hold keys and values of layers that have no use for them.
  @Test func gemma3n() throws {
    var file = GGUFBuilder()
    file.set("general.architecture", "gemma3n")
    for (key, value) in [
      ("block_count", 5), ("embedding_length", 64), ("context_length", 8192), ("attention.head_count", 2),
      ("attention.head_count_kv", 1), ("attention.key_length", 32), ("attention.value_length", 32),
      ("attention.sliding_window", 512), ("attention.shared_kv_layers", 2),
    ] { file.set("gemma3n.\(key)", UInt32(value)) }
    file.set("gemma3n.attention.sliding_window_pattern", list: [1, 1, 0, 1, 0])
    file.tensor("token_embd.weight", [64, 128], type: 1)
    file.tensor("per_layer_token_embd.weight", [40, 120], type: 1)
    file.tensor("per_layer_model_proj.weight", [64, 40], type: 1)
    file.tensor("per_layer_proj_norm.weight", [8])
    file.tensor("altup_proj.weight", [64, 64, 3], type: 1)
    file.tensor("altup_unembd_proj.weight", [64, 64, 3], type: 1)
    for layer in 0..<5 {
      let block = "blk.\(layer)"
      for norm in [
        "attn_norm", "post_attention_norm", "ffn_norm", "post_ffw_norm", "post_norm", "altup_router_norm",
        "altup_correct_scale", "laurel_post_norm",
      ] { file.tensor("\(block).\(norm).weight", [64]) }
      for norm in ["attn_q_norm", "attn_k_norm"] { file.tensor("\(block).\(norm).weight", [32]) }
      for (name, rows, columns) in [
        ("attn_q", 64, 64), ("attn_k", 64, 32), ("attn_v", 64, 32), ("attn_output", 64, 64),
        ("ffn_gate", 64, 96), ("ffn_up", 64, 96), ("ffn_down", 96, 64), ("inp_gate", 64, 8), ("proj", 8, 64),
        ("laurel_l", 64, 16), ("laurel_r", 16, 64),
      ] { file.tensor("\(block).\(name).weight", [UInt64(rows), UInt64(columns)], type: 1) }
      file.tensor("\(block).altup_router.weight", [64, 4])
      file.tensor("\(block).altup_predict_coef.weight", [4, 16])
      file.tensor("\(block).altup_correct_coef.weight", [4, 4])
    }
    file.tensor("output_norm.weight", [64])
    let (imported, check) = try Self.read(file)
    #expect(check.rows.allSatisfy(\.agrees) && check.tally.unknown.isEmpty, "\(check.complaint ?? "")")
    let model = imported.model
    #expect(model.alternating == AlternatingSpec(streams: 4, lowRank: 16))
    #expect(model.layerEmbedding == LayerEmbeddingSpec(width: 8, vocabulary: 120, layers: 5))
    // Two layers' keys, values and norms at 16 and 32 bits.
    #expect(model.unreadBytes >= 2 * (2 * 2 * 32 * 64 + 4 * 32))
    guard case .dense(let first) = model.kinds[model.pattern[0]].layer.feedForward else {
      return #expect(Bool(false))
    }
    #expect(first.sparsity == 0.95)
    #expect(try ModelReader.read(SourceFile(name: "t.yaml", text: ModelWriter.yaml(imported))) == model)
  }

  /// Gemma 3: tied, norms before and after, five local layers to one.
  @Test func gemma3() throws {
    var file = GGUFBuilder()
    file.set("general.architecture", "gemma3")
    for (key, value) in [
      ("block_count", 6), ("embedding_length", 64), ("context_length", 8192), ("attention.head_count", 2),
      ("attention.head_count_kv", 1), ("attention.key_length", 64), ("attention.value_length", 64),
      ("attention.sliding_window", 512), ("rope.dimension_count", 64),
    ] { file.set("gemma3.\(key)", UInt32(value)) }
    file.tensor("token_embd.weight", [64, 128], type: 1)
    for layer in 0..<6 {
      for norm in [
        "attn_norm", "post_attention_norm", "ffn_norm", "post_ffw_norm", "attn_q_norm", "attn_k_norm",
      ] {
        file.tensor("blk.\(layer).\(norm).weight", [64])
      }
      file.tensor("blk.\(layer).attn_q.weight", [64, 128], type: 1)
      file.tensor("blk.\(layer).attn_k.weight", [64, 64], type: 1)
      file.tensor("blk.\(layer).attn_v.weight", [64, 64], type: 1)
      file.tensor("blk.\(layer).attn_output.weight", [128, 64], type: 1)
      file.tensor("blk.\(layer).ffn_gate.weight", [64, 96], type: 1)
      file.tensor("blk.\(layer).ffn_up.weight", [64, 96], type: 1)
      file.tensor("blk.\(layer).ffn_down.weight", [96, 64], type: 1)
    }
    file.tensor("output_norm.weight", [64])
    let (imported, check) = try Self.read(file)
    #expect(check.agrees, "\(check.complaint ?? "")")
    #expect(imported.model.tiedEmbeddings)
    #expect(imported.model.kinds.map(\.name) == ["local", "global"])
    #expect(imported.model.kindCounts == [5, 1])
    #expect(imported.model.kinds.map(\.layer.norms) == [.sandwich, .sandwich])
  }

  /// Experts stacked in one tensor, a shared one beside them, one dense layer in front (DeepSeek's shape).
  @Test func latentMixture() throws {
    var file = GGUFBuilder()
    file.set("general.architecture", "deepseek2")
    for (key, value) in [
      ("block_count", 2), ("embedding_length", 64), ("attention.head_count", 2),
      ("attention.head_count_kv", 2),
      ("attention.kv_lora_rank", 32), ("attention.key_length", 48), ("attention.value_length", 32),
      ("rope.dimension_count", 16), ("expert_used_count", 2), ("context_length", 4096),
    ] { file.set("deepseek2.\(key)", UInt32(value)) }
    file.tensor("token_embd.weight", [64, 96])
    for layer in 0..<2 {
      let block = "blk.\(layer)"
      for norm in ["attn_norm", "ffn_norm"] { file.tensor("\(block).\(norm).weight", [64]) }
      file.tensor("\(block).attn_kv_a_norm.weight", [32])
      file.tensor("\(block).attn_q.weight", [64, 96])
      file.tensor("\(block).attn_kv_a_mqa.weight", [64, 48])
      file.tensor("\(block).attn_kv_b.weight", [32, 128])
      file.tensor("\(block).attn_output.weight", [64, 64])
      if layer == 0 {
        for name in ["ffn_gate", "ffn_up"] { file.tensor("\(block).\(name).weight", [64, 96]) }
        file.tensor("\(block).ffn_down.weight", [96, 64])
      } else {
        file.tensor("\(block).ffn_gate_inp.weight", [64, 8])
        file.tensor("\(block).exp_probs_b.bias", [8])
        for name in ["ffn_gate_exps", "ffn_up_exps"] { file.tensor("\(block).\(name).weight", [64, 32, 8]) }
        file.tensor("\(block).ffn_down_exps.weight", [32, 64, 8])
        for name in ["ffn_gate_shexp", "ffn_up_shexp"] { file.tensor("\(block).\(name).weight", [64, 32]) }
        file.tensor("\(block).ffn_down_shexp.weight", [32, 64])
      }
    }
    file.tensor("output_norm.weight", [64])
    file.tensor("output.weight", [64, 96])
    let (imported, check) = try Self.read(file)
    #expect(check.agrees, "\(check.complaint ?? "")")
    #expect(imported.model.kinds.map(\.name) == ["dense", "moe"])
    // kv_lora_rank + qk_rope_head_dim, two layers.
    #expect(imported.model.cacheBytesPerToken(.bf16) == Double(2 * 2 * (32 + 16)))
  }

  @Test func differenceIsReportedByComponent() throws {
    var file = Self.llama()
    file.tensors.removeAll { $0.name == "blk.1.ffn_norm.weight" }
    let (imported, check) = try Self.read(file)
    #expect(!check.agrees)
    #expect(check.complaint?.contains("norm 320 computed, 256 in the file") == true)
    #expect(imported.model.notes.contains { $0.contains("disagrees") })
  }
}

/// File types that mix block types are priced as such, not as their most frequent one.
@Suite struct GGUFFormatTests {
  /// 256 wide, since K-quants take 256 numbers a block.
  private func file(type: UInt32?) -> GGUFBuilder {
    var file = GGUFBuilder()
    file.set("general.architecture", "llama")
    if let type { file.set("general.file_type", type) }
    for (key, value) in [
      ("block_count", 1), ("embedding_length", 256), ("attention.head_count", 4),
      ("attention.head_count_kv", 4),
    ] { file.set("llama.\(key)", UInt32(value)) }
    file.tensor("token_embd.weight", [256, 64], type: 12)
    for norm in ["attn_norm", "ffn_norm"] { file.tensor("blk.0.\(norm).weight", [256]) }
    for name in ["attn_q", "attn_k", "attn_v", "attn_output"] {
      file.tensor("blk.0.\(name).weight", [256, 256], type: 12)
    }
    for name in ["ffn_gate", "ffn_up"] { file.tensor("blk.0.\(name).weight", [256, 512], type: 12) }
    file.tensor("blk.0.ffn_down.weight", [512, 256], type: 14)
    file.tensor("output_norm.weight", [256])
    file.tensor("output.weight", [256, 64], type: 14)
    return file
  }

  @Test func mixesAreNamed() throws {
    let (named, check) = try GGUFTests.read(file(type: 15))
    #expect(check.agrees)
    #expect(named.model.checkpointFormat?.name == "q4_k_m")
    let yaml = ModelWriter.yaml(named)
    #expect(yaml.contains("dtype: q4_k_m"))
    #expect(try ModelReader.read(SourceFile(name: "x.yaml", text: yaml)) == named.model)
    #expect(try GGUFTests.read(file(type: nil)).0.model.checkpointFormat == .gguf(.q4_k))
  }

  @Test func exactBytes() throws {
    let (_, check) = try GGUFTests.read(file(type: 15))
    let q4 = Double(64 * 256 + 4 * 256 * 256 + 2 * 256 * 512) / 256 * 144
    let q6 = Double(256 * 512 + 64 * 256) / 256 * 210
    #expect(check.tally.bytesByType == ["q4_k": q4, "q6_k": q6, "f32": 3 * 256 * 4])
  }
}
