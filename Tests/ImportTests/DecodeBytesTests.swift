import CostModel
import Testing

@testable import Import
@testable import Specs

/// What a decode step reads of weights: packed numbers, scales and zero points of each layout as checkpoints store them,
/// of the experts those that a batch is expected to choose, of the table a row for each sequence.
@Suite struct DecodeBytesTests {
  typealias Entry = HeaderBytesTests.Entry
  /// Outputs, inputs, and how many of it are read in all layers.
  typealias Module = (name: String, out: Int, inside: Int, copies: Double)

  static let batch = 4.0

  struct Shape: Sendable {
    var config: String
    var hidden, vocabulary: Int
    var modules: [Module]
    /// Norms and biases, in elements.
    var vectors: Double
  }

  /// Query, key, value and output projections of `heads` over `keys` of 128.
  static func attention(_ hidden: Int, _ heads: Int, _ keys: Int, layers: Double) -> [Module] {
    [
      ("self_attn.q_proj", heads * 128, hidden, layers), ("self_attn.k_proj", keys * 128, hidden, layers),
      ("self_attn.v_proj", keys * 128, hidden, layers), ("self_attn.o_proj", hidden, heads * 128, layers),
    ]
  }

  static func mlp(_ name: String, _ hidden: Int, _ inner: Int, copies: Double) -> [Module] {
    [
      ("\(name).gate_proj", inner, hidden, copies), ("\(name).up_proj", inner, hidden, copies),
      ("\(name).down_proj", hidden, inner, copies),
    ]
  }

  /// Of `count` experts of which each token takes `used`, those that any token of the batch takes: E(1 − (1 − k/E)^B).
  static func experts(_ count: Double, _ used: Double, _ hidden: Int, _ inner: Int, layers: Double)
    -> [Module]
  {
    let left = (0..<Int(batch)).reduce(1.0) { value, _ in value * (1 - used / count) }
    return [("mlp.gate", Int(count), hidden, layers)]
      + mlp("mlp.experts.0", hidden, inner, copies: layers * count * (1 - left))
  }

  static let shapes = [
    // Grouped queries, a table that the head shares.
    Shape(
      config: "qwen3-1.7b", hidden: 2048, vocabulary: 151_936,
      modules: attention(2048, 16, 8, layers: 28) + mlp("mlp", 2048, 6144, copies: 28),
      vectors: 28 * (2 * 2048 + 2 * 128) + 2048),
    Shape(
      config: "mixtral-8x7b", hidden: 4096, vocabulary: 32_000,
      modules: attention(4096, 32, 8, layers: 32) + experts(8, 2, 4096, 14_336, layers: 32),
      vectors: 32 * 2 * 4096 + 4096),
    // A shared expert behind a gate, biases.
    Shape(
      config: "qwen1.5-moe-a2.7b", hidden: 2048, vocabulary: 151_936,
      modules: attention(2048, 16, 16, layers: 24) + experts(60, 4, 2048, 1408, layers: 24)
        + mlp("mlp.shared_expert", 2048, 5632, copies: 24) + [("mlp.shared_expert_gate", 1, 2048, 24)],
      vectors: 24 * (2 * 2048 + 3 * 2048) + 2048),
    // Latents, a dense first layer, two shared experts.
    Shape(
      config: "deepseek-v2-lite", hidden: 2048, vocabulary: 102_400,
      modules: [
        ("self_attn.q_proj", 16 * 192, 2048, 27), ("self_attn.kv_a_proj_with_mqa", 576, 2048, 27),
        ("self_attn.kv_b_proj", 16 * 256, 512, 27), ("self_attn.o_proj", 2048, 16 * 128, 27),
      ] + mlp("mlp", 2048, 10_944, copies: 1) + experts(64, 6, 2048, 1408, layers: 26)
        + mlp("mlp.shared_experts", 2048, 2 * 1408, copies: 26),
      vectors: 27 * (2 * 2048 + 512) + 2048),
  ]

  struct Layout: Sendable {
    var block: String
    /// A module's tensors.
    var entries: @Sendable (String, Int, Int) -> [Entry]
    /// Tables and routers too.
    var isEverywhere = false
  }

  static func method(_ members: String) -> String { #""quantization_config": {"quant_method": \#(members)}"# }
  static func grouped(_ weights: String) -> String {
    method(
      #""compressed-tensors", "ignore": ["lm_head", "re:.*mlp.gate$"], "config_groups": {"a": {"targets": ["Linear"], "weights": {\#(weights)}}}"#
    )
  }

  static let layouts = [
    Layout(
      block: method(#""modelopt", "quant_algo": "NVFP4", "ignore": ["lm_head", "*.self_attn*"]"#),
      entries: HeaderBytesTests.nvfp4),
    Layout(
      block: method(#""fp8", "activation_scheme": "dynamic", "weight_block_size": [128, 128]"#),
      entries: HeaderBytesTests.fp8Blocks),
    Layout(
      block: grouped(#""num_bits": 8, "type": "float", "strategy": "channel""#),
      entries: HeaderBytesTests.fp8Channels),
    Layout(block: method(#""awq", "bits": 4, "group_size": 128"#), entries: HeaderBytesTests.awq),
    Layout(
      block: method(#""gptq", "bits": 4, "group_size": 128, "desc_act": true"#),
      entries: HeaderBytesTests.gptq),
    Layout(
      block: grouped(#""num_bits": 4, "type": "int", "group_size": 128"#), entries: HeaderBytesTests.packed),
    Layout(
      block: #""quantization": {"bits": 4, "group_size": 64}"#, entries: HeaderBytesTests.mlx,
      isEverywhere: true),
    Layout(
      block: method(#""bitsandbytes", "load_in_4bit": true, "bnb_4bit_use_double_quant": true"#),
      entries: HeaderBytesTests.nf4),
    Layout(
      block: method(#""bitsandbytes", "load_in_8bit": true"#),
      entries: { name, out, inside in
        [(name + ".weight", "I8", [out, inside]), (name + ".SCB", "F32", [out])]
      }),
  ]

  static func bytes(_ entries: [Entry]) -> Double {
    entries.reduce(0) { sum, entry in
      sum + Double(HeaderBytesTests.widths[entry.type] ?? 1) * entry.shape.reduce(1) { $0 * Double($1) }
    }
  }

  /// By hand, over the tensors of the layout; nil: everything in 16 bits.
  static func expected(_ shape: Shape, _ layout: Layout?) -> Double {
    func module(_ name: String, _ out: Int, _ inside: Int, isLinear: Bool) -> Double {
      guard let layout, isLinear || layout.isEverywhere else { return 2 * Double(out) * Double(inside) }
      return bytes(layout.entries(name, out, inside))
    }
    let tables =
      module("lm_head", shape.vocabulary, shape.hidden, isLinear: false)
      + batch * module("embed_tokens", shape.vocabulary, shape.hidden, isLinear: false)
      / Double(shape.vocabulary)
    return shape.modules.reduce(2 * shape.vectors + tables) { sum, one in
      sum + one.copies * module(one.name, one.out, one.inside, isLinear: !one.name.hasSuffix("gate"))
    }
  }

  static func read(_ shape: Shape, _ block: String?) throws -> Double {
    let text = try SourceFile(path: "\(ConfigFiles.folder)/\(shape.config).json").text
    let end = try #require(text.lastIndex(of: "}"))
    let source = block.map { text[..<end] + ", \($0)}" } ?? Substring(text)
    let model = try ConfigImport.read(SourceFile(name: "config.json", text: String(source)), name: "x").model
    let evaluator = try Evaluator(
      model: model, profile: try Catalogue.hardware("h100-sxm"),
      precision: PrecisionRequest().plan(for: model).plan)
    return evaluator.analyze(.decode(batch: batch, contextLength: 1)).operators
      .reduce(0) { $0 + $1.work.traffic.reads[0] * $1.call.layers }
  }

  @Test(arguments: shapes.indices)
  func weightsOfAStep(index: Int) throws {
    let shape = Self.shapes[index]
    // Activations and cache are what is left of the same in 16 bits: next to nothing.
    let rest = try Self.read(shape, nil) - Self.expected(shape, nil)
    #expect(rest > 0 && rest < 0.01 * Self.expected(shape, nil), "\(shape.config)")
    for layout in Self.layouts {
      let weights = try Self.read(shape, layout.block) - rest
      let expected = Self.expected(shape, layout)
      #expect(
        abs(weights / expected - 1) < 0.01, "\(shape.config), \(layout.block): \(weights), \(expected)")
    }
  }
}
