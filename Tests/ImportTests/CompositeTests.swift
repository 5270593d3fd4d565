import CostModel
import Testing

@testable import Import
@testable import Specs

/// Decoders inside image and sound models, and behind heads other than a vocabulary's.
@Suite struct CompositeTests {
  private func read(_ text: String) throws -> ImportedModel {
    try ConfigImport.read(SourceFile(name: "config.json", text: text), name: "x")
  }

  static let sizes =
    #""hidden_size": 384, "intermediate_size": 1000, "num_attention_heads": 6, "num_hidden_layers": 3, "num_key_value_heads": 2, "vocab_size": 5000"#

  /// 2 · 5000 · 384 of embedding and head, 3 layers of 393,856 of attention with its biases and 1,152,000 of
  /// feed-forward, 7 norms.
  static let qwen2Parameters = 8_480_256.0

  /// As published before composites nested their decoders: everything at the top.
  @Test(arguments: ["qwen2_vl", "qwen2_5_vl"])
  func flat(type: String) throws {
    let model = try read(
      """
      {"model_type": "\(type)", \(Self.sizes), "vision_token_id": 7, "rope_theta": 1e6,
       "rope_scaling": {"type": "mrope", "mrope_section": [8, 12, 12]}, "vision_start_token_id": 5}
      """
    ).model
    #expect(model.parameters.total == Self.qwen2Parameters)
  }

  /// The class of the part says its family where no `model_type` does.
  @Test func byArchitecture() throws {
    let imported = try read(
      """
      {"architectures": ["InternVLChatModel"], "model_type": "internvl_chat",
       "llm_config": {"architectures": ["Qwen2ForCausalLM"], \(Self.sizes)}}
      """)
    #expect(imported.family == "qwen2")
    #expect(imported.model.parameters.total == Self.qwen2Parameters)
  }

  /// What equals the class's default is left out of files: Llama's is Llama 7B, Mistral's has 32 heads over 8.
  @Test func byDefaults() throws {
    let llama = try read(
      #"{"model_type": "llava", "text_config": {"model_type": "llama", "vocab_size": 32128}}"#)
    #expect(llama.model.parameters.total == 6_738_415_616 + 2 * 128 * 4096)
    #expect(llama.origins.contains { $0.key == "text_config.hidden_size" && $0.line == nil })
    let mistral = try read(
      #"{"model_type": "mistral3", "text_config": {"model_type": "mistral", "head_dim": 64, "hidden_size": 512, "num_hidden_layers": 2}}"#
    )
    guard case .attention(let attention) = mistral.model.kinds[0].layer.mixer else {
      Issue.record("no attention")
      return
    }
    #expect(attention.heads == 32 && attention.keyValueHeads == 8 && attention.headDim == 64)
    #expect(attention.span == .sliding(window: 4096))
  }

  /// A size at the top has no default: leaving it out is a mistake there.
  @Test func topLevelIsNotFilled() {
    #expect(throws: InputError.self) { try read(#"{"model_type": "llama", "vocab_size": 32128}"#) }
  }

  /// A tensor for each class, none for embedding models; their passes end where the product would stand.
  @Test func heads() throws {
    let qwen = "\"model_type\": \"qwen2\", \(Self.sizes)"
    let embedding = try read("{\"architectures\": [\"Qwen2Model\"], \(qwen)}").model
    #expect(embedding.parameters.total == Self.qwen2Parameters - 5000 * 384)
    #expect(embedding.parameters.lmHead == 0)
    let classes = try read(
      "{\"architectures\": [\"Qwen2ForSequenceClassification\"], \"id2label\": {\"0\": \"a\", \"1\": \"b\", \"2\": \"c\"}, \(qwen)}"
    ).model
    #expect(classes.parameters.lmHead == 3 * 384)
    // Qwen2ForRewardModel: two products with biases, ReLU between.
    let reward = try read(
      "{\"architectures\": [\"Qwen2ForRewardModel\"], \"num_labels\": 1, \(qwen)}"
    ).model
    #expect(reward.parameters.lmHead == 384 * 384 + 384 + 384 + 1)
    for model in [embedding, classes, reward] {
      let yaml = ModelWriter.yaml(model)
      #expect(try ModelReader.read(SourceFile(name: "x.yaml", text: yaml)) == model)
    }
  }
}

/// Prediction layers: read, left out, and run when asked.
@Suite struct PredictionTests {
  @Test func deepSeek() throws {
    var model = try ConfigFiles.read("deepseek-v3").model
    model.predictionLayers = 1
    let asked = model.predicting
    #expect(asked.layerCount == 62)
    // A layer like the last, a product of two states into one, three norms of 7,168.
    guard let last = model.pattern.last else { return }
    var one = model
    (one.kinds, one.pattern) = ([model.kinds[last]], [0])
    var none = one
    none.pattern = []
    let layer = one.parameters.total - none.parameters.total
    #expect(asked.parameters.total - model.parameters.total == layer + 2 * 7168 * 7168 + 3 * 7168)
    let yaml = ModelWriter.yaml(model)
    #expect(try ModelReader.read(SourceFile(name: "x.yaml", text: yaml)) == model)

    // One more token through the same layer, the product and the head.
    var request = ScenarioRequest(model: "x", device: "h100-sxm", phase: .decode, contextLength: 0)
    func products(_ model: ModelSpec) throws -> Double {
      let scenario = try request.resolve(model, on: try Catalogue.hardware("h100-sxm"))
      return scenario.evaluator.totals(scenario.workload).matmulFLOPs
    }
    let own = try products(one) - products(none)
    let usual = try products(model)
    request.predicts = true
    #expect(try products(model) - usual == own + 2 * 2 * 7168 * 7168 + 2 * 7168 * 129_280)
    model.predictionLayers = 0
    #expect(throws: InputError.self) { try products(model) }
  }
}
