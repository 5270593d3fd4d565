import CostModel
import Testing

@testable import Import
@testable import Specs

/// What is not understood is refused, at its line and column; nothing imports wrongly.
@Suite struct RefusalTests {
  static let llama = """
    {
      "model_type": "llama",
      "hidden_size": 4096,
      "intermediate_size": 14336,
      "num_attention_heads": 32,
      "num_hidden_layers": 32,
      "num_key_value_heads": 8,
      "vocab_size": 128256,
      "use_cache": true
    }
    """

  private func problem(_ text: String) -> String {
    do {
      _ = try ConfigImport.read(SourceFile(name: "config.json", text: text), name: "x")
      return "imported"
    } catch {
      return "\(error)"
    }
  }

  /// The Llama config with a member put in front.
  private func with(_ member: String, without key: String = "-") -> String {
    var lines = Self.llama.split(separator: "\n").map(String.init).filter { !$0.contains("\"\(key)\"") }
    lines.insert("  " + member + ",", at: 1)
    return lines.joined(separator: "\n")
  }

  @Test func theConfigItselfImports() { #expect(problem(Self.llama) == "imported") }

  @Test(arguments: [
    ("\"model_type\": \"lama\"", "model_type", "config.json:2:17", "did you mean “llama”"),
    ("\"model_type\": \"reader\"", "model_type", "config.json:2:17", "write the spec by hand"),
    ("\"hidden_sise\": 3", "-", "config.json:2:3", "did you mean “hidden_size”"),
    ("\"use_sparse_memory\": true", "-", "config.json:2:3", "--ignore-key use_sparse_memory"),
    ("\"hidden_size\": -1", "hidden_size", "config.json:2:18", "a whole number from 1"),
    ("\"hidden_size\": 1e99", "hidden_size", "config.json:2:18", "a whole number from 1"),
    ("\"hidden_size\": \"4096\"", "hidden_size", "config.json:2:18", "a whole number from 1"),
    ("\"num_key_value_heads\": 5", "num_key_value_heads", "config.json:1:1", "do not divide"),
    (
      "\"max_position_embeddings\": 9223372036854775807", "-", "config.json:2:30", "up to 500000000"
    ),
    ("\"head_dim\": 0", "-", "config.json:2:15", "a whole number"),
    ("\"hidden_act\": \"sine\"", "-", "config.json:2:17", "silu"),
    ("\"rope_scaling\": {\"rope_type\": \"spiral\"}", "-", "config.json:2:33", "longrope"),
    ("\"rope_scaling\": {\"rope_type\": \"yarn\"}", "-", "config.json:2:19", "factor"),
    (
      "\"rope_scaling\": {\"rope_type\": \"linear\", \"factor\": 2, \"bend\": 1}", "-", "config.json:2:56",
      "bend"
    ),
    ("\"tie_word_embeddings\": \"no\"", "-", "config.json:2:26", "true or false"),
    ("\"architectures\": [\"LlamaForDepthEstimation\"]", "-", "config.json:2:21", "head that is not known"),
    ("\"add_cross_attention\": true", "-", "config.json:2:26", "false"),
    ("\"quantization_config\": {\"quant_method\": \"magic\"}", "-", "config.json:2:26", "gptq"),
    (
      "\"quantization_config\": {\"quant_method\": \"gptq\", \"bits\": 12, \"group_size\": 128}", "-",
      "config.json:2:26", "12 bits"
    ),
    ("\"hidden_size\": 4096", "-", "config.json:4:3", "duplicate key"),
  ])
  func isRefused(member: String, replacing: String, place: String, says: String) {
    let found = problem(with(member, without: replacing))
    #expect(found.contains(place) && found.contains(says), "\(found)")
  }

  @Test(arguments: [
    "hidden_size", "num_hidden_layers", "num_attention_heads", "vocab_size", "intermediate_size",
  ])
  func noSizeIsGuessed(key: String) {
    let found = problem(with("\"bos_token_id\": 1", without: key))
    #expect(found.contains(key) && found.contains("missing"), "\(found)")
  }

  /// Numbers that would overflow, or make widths that no spec can state: refused, never counted wrongly.
  @Test(arguments: [
    #""falcon_h1", "intermediate_size": 9, "mamba_d_ssm": 64, "mamba_n_heads": 2, "mamba_d_head": 9223372036854775807"#,
    #""lfm2", "intermediate_size": 1, "block_multiple_of": 1"#,
    #""lfm2", "intermediate_size": 1000000000, "block_ffn_dim_multiplier": 1000"#,
    #""dots1", "intermediate_size": 9, "n_routed_experts": 4, "num_experts_per_tok": 1, "moe_intermediate_size": 100000000, "n_shared_experts": 999"#,
  ])
  func sizesBeyondCounting(rest: String) {
    let found = problem(
      #"{"vocab_size": 99, "num_attention_heads": 2, "num_key_value_heads": 2, "hidden_size": 32, "num_hidden_layers": 2, "model_type": "#
        + rest + "}")
    #expect(found.hasPrefix("config.json:1:") && found.contains("a whole number from 1 to"), "\(found)")
  }

  /// The refusal stands at the size that was too large, or was multiplied.
  @Test(arguments: [
    (#""lfm2", "intermediate_size": 1, "block_multiple_of": 1"#, 1),
    (
      "\"dots1\", \"intermediate_size\": 9, \"n_routed_experts\": 4, \"num_experts_per_tok\": 1,\n"
        + "  \"moe_intermediate_size\": 100000000, \"n_shared_experts\": 999", 2
    ),
  ])
  func beyondCountingStandsAtItsKey(rest: String, line: Int) {
    let found = problem(
      #"{"vocab_size": 99, "num_attention_heads": 2, "num_key_value_heads": 2, "hidden_size": 32, "num_hidden_layers": 2, "model_type": "#
        + rest + "}")
    #expect(found.hasPrefix(line == 2 ? "config.json:2:28: " : "config.json:1:"), "\(found)")
  }

  /// A table of tiles, their number among its sizes, is counted or refused, whatever they are.
  @Test func tablesOfTilesAreCounted() throws {
    let shapes = Array(repeating: "[1, 1]", count: 12).joined(separator: ", ")
    let tower =
      #"{"patch_size": 1, "image_size": 1000, "max_num_tiles": 1000000, "hidden_size": 1000000, "attention_heads": 10, "supported_aspect_ratios": [\#(shapes)]}"#
    let found = problem(
      #"{"model_type": "mllama", "text_config": {"vocab_size": 1000, "hidden_size": 192, "num_hidden_layers": 5, "num_attention_heads": 4, "num_key_value_heads": 2, "intermediate_size": 700, "model_type": "mllama_text_model"}, "vision_config": \#(tower)}"#
    )
    #expect(found.contains("more than 9e15 parameters"), "\(found)")
  }

  /// So are those of towers.
  @Test(arguments: [#""patch_size": 65537"#, #""mlp_ratio": 1000000, "embed_dim": 10000, "num_heads": 10"#])
  func towersBeyondCounting(rest: String) {
    let found = problem(
      #"{"vocab_size": 99, "num_attention_heads": 2, "num_key_value_heads": 2, "hidden_size": 32, "intermediate_size": 9, "num_hidden_layers": 2, "model_type": "qwen2_vl", "vision_config": {\#(rest)}}"#
    )
    #expect(found.contains("a whole number from 1 to"), "\(found)")
  }

  @Test func windowlessMistralHasToSaySo() {
    let mistral = Self.llama.replacing("llama", with: "mistral")
    #expect(problem(mistral).contains("sliding_window"))
    #expect(
      problem(mistral.replacing("\"vocab_size\"", with: "\"sliding_window\": null, \"vocab_size\""))
        == "imported")
  }

  @Test func twoSpellingsThatContradict() {
    let text = """
      {"model_type": "gpt2", "n_embd": 64, "hidden_size": 128, "n_layer": 2, "n_head": 2, "n_positions": 8,
       "vocab_size": 100}
      """
    #expect(problem(text).contains("mean the same and differ"))
  }

  @Test func userMayVouchForAKey() throws {
    let source = SourceFile(name: "config.json", text: with("\"use_sparse_memory\": true"))
    let imported = try ConfigImport.read(source, name: "x", ignoring: ["use_sparse_memory"])
    #expect(imported.model.parameters.total == 8_030_261_248)
  }

  /// Architectures that look like known ones and are not.
  @Test(arguments: [
    "chatglm", "openelm",
  ])
  func unknownFamilies(modelType: String) {
    let found = problem(Self.llama.replacing("\"llama\"", with: "\"\(modelType)\""))
    #expect(found.hasPrefix("config.json:2:17: model_type “\(modelType)” is not known"), "\(found)")
  }

  /// Families that are known by name and have what no spec can say: the refusal names it.
  @Test(arguments: [
    ("zamba2", "blocks that several layers share"), ("persimmon", "queries and keys"),
    ("ernie4_5_moe_vl", "tokens of images"), ("recurrent_gemma", "RG-LRU"), ("rwkv", "RWKV"),
  ])
  func inexpressibleFamilies(modelType: String, mechanism: String) {
    let found = problem(Self.llama.replacing("\"llama\"", with: "\"\(modelType)\""))
    #expect(
      found.hasPrefix("config.json:2:17: model_type “\(modelType)” has ") && found.contains(mechanism),
      "\(found)")
  }

  /// A key whose value would change the architecture is refused even where the family knows the key.
  @Test(arguments: [
    ("phi-2", "\"qk_layernorm\":", "\"qk_layernorm\": true, \"x\":"),
    ("opt-125m", "\"word_embed_proj_dim\": 768", "\"word_embed_proj_dim\": 512"),
    ("minimax-m2.5", "\"shared_intermediate_size\": 0", "\"shared_intermediate_size\": 512"),
    ("mpt-30b", "\"prefix_lm\": false", "\"prefix_lm\": true"),
    ("command-r7b", "\"use_gated_activation\": true", "\"use_gated_activation\": false"),
    ("jamba-v0.1", "\"mamba_dt_rank\": 256", "\"mamba_dt_rank\": -3"),
    ("nemotron-h-56b", "\"hybrid_override_pattern\": \"M-", "\"hybrid_override_pattern\": \"M?"),
    ("glm-5", "\"topk_group\": 1", "\"topk_group\": 2"),
    ("nemotron-3-nano-30b-a3b", "\"attention_bias\": false", "\"attention_bias\": true"),
    ("deepseek-v3", "\"moe_layer_freq\": 1", "\"moe_layer_freq\": 2"),
    ("mpt-7b", "\"expansion_ratio\": 4", "\"expansion_ratio\": 8"),
    ("gpt2-small", "\"n_layer\": 12", "\"head_dim\": 32, \"n_layer\": 12"),
    ("olmoe-1b-7b", "\"hidden_size\": 2048", "\"head_dim\": 64, \"hidden_size\": 2048"),
    ("qwen3.5-27b", "\"attn_output_gate\": true", "\"attn_output_gate\": false"),
    ("qwen2-7b", "\"num_key_value_heads\": 4, ", ""),
  ])
  func changedArchitecturesAreRefused(name: String, from: String, to: String) throws {
    let text = try SourceFile(path: "\(ConfigFiles.folder)/\(name).json").text
    try #require(text.contains(from))
    #expect(problem(text) == "imported")
    #expect(problem(text.replacing(from, with: to)).hasPrefix("config.json:"))
  }
}
