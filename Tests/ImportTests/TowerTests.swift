import CostModel
import Testing

@testable import Import
@testable import Specs

/// Encoders: counted beside their decoders, and their passes' products against sums by hand.
@Suite struct TowerTests {
  private func model(_ text: String) throws -> ModelSpec {
    try ConfigImport.read(SourceFile(name: "config.json", text: text), name: "x").model
  }

  /// Products' FLOPs of one pass, asked for as a user asks.
  private func products(_ model: ModelSpec, _ change: (inout ScenarioRequest) -> Void) throws -> Double {
    var request = ScenarioRequest(model: "x", device: "h100-sxm")
    change(&request)
    let scenario = try request.resolve(model, on: try Catalogue.hardware("h100-sxm"))
    return scenario.evaluator.totals(scenario.workload).matmulFLOPs
  }

  /// Totals of small models of every form, instantiated with transformers 5.24 on the meta device; of these the tower.
  static let counted: [(config: String, total: Double, tower: Double)] = [
    (
      #"{"model_type": "qwen2_vl", "text_config": {"model_type": "qwen2_vl_text", \#(text)}, "vision_config": {"depth": 3, "embed_dim": 96, "hidden_size": 256, "num_heads": 4, "mlp_ratio": 4}}"#,
      2_304_736, 695_008
    ),
    (
      #"{"model_type": "qwen2_5_vl", "text_config": {"model_type": "qwen2_5_vl_text", \#(text)}, "vision_config": {"depth": 4, "hidden_size": 96, "intermediate_size": 220, "num_heads": 4, "out_hidden_size": 256, "fullatt_block_indexes": [1, 3], "window_size": 112}}"#,
      2_374_464, 764_736
    ),
    (
      #"{"model_type": "qwen3_vl", "text_config": {"model_type": "qwen3_vl_text", "head_dim": 32, \#(text)}, "vision_config": {"depth": 4, "hidden_size": 96, "intermediate_size": 220, "num_heads": 4, "out_hidden_size": 256, "num_position_embeddings": 144, "deepstack_visual_indexes": [1, 2]}}"#,
      2_832_144, 1_223_056
    ),
    (
      #"{"model_type": "llava", "text_config": {"model_type": "llama", \#(text)}, "vision_config": {"model_type": "clip_vision_model", \#(seer), "image_size": 56, "patch_size": 14}}"#,
      1_987_128, 378_168
    ),
    (
      #"{"model_type": "gemma3", "mm_tokens_per_image": 4, "text_config": {"model_type": "gemma3_text", "head_dim": 32, "sliding_window": 64, \#(text)}, "vision_config": {"model_type": "siglip_vision_model", \#(seer), "image_size": 56, "patch_size": 14, "vision_use_head": false}}"#,
      1_666_040, 311_928
    ),
    (
      #"{"model_type": "paligemma", "text_config": {"model_type": "gemma", "head_dim": 32, \#(text)}, "vision_config": {"model_type": "siglip_vision_model", \#(seer), "image_size": 56, "patch_size": 14, "vision_use_head": false}}"#,
      1_665_048, 312_088
    ),
    (
      #"{"model_type": "llava", "text_config": {"model_type": "mistral", "head_dim": 32, "sliding_window": null, \#(text)}, "vision_config": {"model_type": "pixtral", \#(seer), "image_size": 56, "patch_size": 14}}"#,
      2_040_096, 431_136
    ),
    (
      #"{"model_type": "bert", "architectures": ["BertForMaskedLM"], "vocab_size": 1000, "max_position_embeddings": 64, \#(seer)}"#,
      342_016, 0
    ),
    (
      #"{"model_type": "whisper", "vocab_size": 1000, "d_model": 96, "encoder_layers": 3, "decoder_layers": 2, "encoder_attention_heads": 4, "decoder_attention_heads": 4, "encoder_ffn_dim": 300, "decoder_ffn_dim": 200, "num_mel_bins": 128, "max_target_positions": 64, "is_encoder_decoder": true}"#,
      824_980, 495_492
    ),
    (
      #"{"model_type": "t5", "vocab_size": 1000, "d_model": 96, "d_kv": 16, "d_ff": 300, "num_layers": 3, "num_decoder_layers": 4, "num_heads": 4, "feed_forward_proj": "gated-gelu", "tie_word_embeddings": false, "is_encoder_decoder": true}"#,
      // The library ties the head whatever the file says; T5 v1.1's checkpoints have one of their own.
      973_312 + 96_000, 0
    ),
  ]
  static let text =
    #""vocab_size": 1000, "num_attention_heads": 8, "num_key_value_heads": 2, "hidden_size": 256, "intermediate_size": 500, "num_hidden_layers": 2"#
  static let seer =
    #""hidden_size": 96, "intermediate_size": 200, "num_hidden_layers": 3, "num_attention_heads": 4"#

  @Test(arguments: counted)
  func counts(config: String, total: Double, tower: Double) throws {
    let model = try model(config)
    #expect(model.parameters.total == total)
    #expect(model.parameters.vision + model.parameters.audio == tower)
    let yaml = ModelWriter.yaml(model)
    #expect(try ModelReader.read(SourceFile(name: "x.yaml", text: yaml)) == model)
  }

  /// An image of more tokens than a spec can say is left out with its tower.
  @Test func hugeImages() throws {
    for config in Self.counted.map(\.config) where config.contains("\"image_size\": 56") {
      let model = try model(config.replacing("\"image_size\": 56", with: "\"image_size\": 65537"))
      let yaml = ModelWriter.yaml(model)
      #expect(try ModelReader.read(SourceFile(name: "x.yaml", text: yaml)) == model)
    }
  }

  /// BERT-large, 512 tokens: 24 layers of 4·h² + 2·h·4h a token and 2·s² a pair of products; over all positions the
  /// transform and the vocabulary.
  @Test func bertLarge() throws {
    let bert = try model(
      #"{"model_type": "bert", "architectures": ["BertForMaskedLM"], "vocab_size": 30522, "hidden_size": 1024, "num_hidden_layers": 24, "num_attention_heads": 16, "intermediate_size": 4096, "max_position_embeddings": 512}"#
    )
    #expect(bert.parameters.total == 335_174_458)
    let (s, h) = (512.0, 1024.0)
    let layers = 24 * (2 * s * 12 * h * h + 4 * s * s * h)
    let head = 2 * s * h * (h + 30_522)
    #expect(try products(bert) { $0.inputLength = 512 } == layers + head)
  }

  /// T5 v1.1 XXL, 512 tokens in, the decoder's first token: heads of 64 × 64, gated feed-forwards of 10,240.
  @Test func t5XXL() throws {
    let t5 = try model(
      #"{"model_type": "t5", "vocab_size": 32128, "d_model": 4096, "d_kv": 64, "d_ff": 10240, "num_layers": 24, "num_decoder_layers": 24, "num_heads": 64, "feed_forward_proj": "gated-gelu", "tie_word_embeddings": false, "is_encoder_decoder": true}"#
    )
    #expect(t5.parameters.total == 11_135_332_352)
    let (s, h, f) = (512.0, 4096.0, 10_240.0)
    let square = 2 * h * h
    let encoder = 24 * (s * 4 * square + 4 * s * s * h + s * 3 * 2 * h * f)
    // Self attention sees itself; the other takes q and o of one token, k and v of all.
    let decoder = 24 * (4 * square + 4 * h + 2 * square + s * 2 * square + 4 * s * h + 3 * 2 * h * f)
    #expect(try products(t5) { $0.inputLength = 512 } == encoder + decoder + 2 * h * 32_128)
  }

  /// Qwen3-Omni's ear, 30 seconds: 13 tokens a second, three convolutions of nine taps, 32 layers each token of which sees
  /// 52 to either side.
  @Test func omniHears() throws {
    let text =
      #""vocab_size": 1000, "hidden_size": 256, "moe_intermediate_size": 100, "num_experts": 8, "num_experts_per_tok": 2, "num_hidden_layers": 2, "num_attention_heads": 8, "num_key_value_heads": 2, "head_dim": 32, "intermediate_size": 300"#
    let omni = try model(
      #"{"model_type": "qwen3_omni_moe_thinker", "text_config": {"model_type": "qwen3_omni_moe_text", \#(text)}, "audio_config": {"model_type": "qwen3_omni_moe_audio_encoder", "output_dim": 256}}"#
    )
    let (h, tokens): (Double, Double) = (1280, 390)
    let convolved: Double = 2 * 480 * 9 * 30 * (3200 + 480 * 800 + 480 * 208)
    let layers: Double = 32 * tokens * (2 * 4 * h * h + 2 * 2 * h * 5120)
    let seen: Double = tokens * 105 - 52 * 53
    let attention: Double = 32 * 4 * h * seen
    let ends: Double = tokens * (2 * 7680 * h + 2 * h * h + 2 * h * 256)
    let hearing = try products(omni) {
      $0.inputLength = 16
      $0.audioSeconds = 30
    }
    // The decoder reads 390 tokens of sound before 16 of text.
    let heard = try hearing - products(omni) { $0.inputLength = 406 }
    #expect(abs(heard / (convolved + layers + attention + ends) - 1) < 1e-6)
  }

  /// Whisper large-v3, half a minute: 3,000 frames of 128 bands, 1,500 tokens, 4 of the decoder.
  @Test func whisperLarge() throws {
    let whisper = try model(
      #"{"model_type": "whisper", "vocab_size": 51866, "d_model": 1280, "encoder_layers": 32, "decoder_layers": 32, "encoder_attention_heads": 20, "decoder_attention_heads": 20, "encoder_ffn_dim": 5120, "decoder_ffn_dim": 5120, "num_mel_bins": 128, "is_encoder_decoder": true}"#
    )
    #expect(whisper.parameters.total == 1_543_490_560)
    let (s, q, h) = (1500.0, 4.0, 1280.0)
    let square = 2 * h * h
    let convolutions = 2 * 3000 * h * 3 * 128 + s * 3 * square
    let encoder = 32 * (s * 12 * square + 4 * s * s * h)
    // Causal pairs of four tokens: 10.
    let decoder =
      32 * (q * 4 * square + 4 * 10 * h + q * 2 * square + s * 2 * square + 4 * q * s * h + q * 8 * square)
    #expect(
      try products(whisper) { $0.audioSeconds = 30 } == convolutions + encoder + decoder + 2 * h * 51_866)
  }

  /// Qwen2.5-VL 7B, one picture of 1,024²: 74 × 74 patches, windows of 8 × 8 (nine and a quarter on a side), four layers
  /// over all; 37 × 37 tokens before 16 of text.
  @Test func qwenVision() throws {
    let qwen = try model(
      #"{"model_type": "qwen2_5_vl", "hidden_size": 3584, "intermediate_size": 18944, "num_attention_heads": 28, "num_key_value_heads": 4, "num_hidden_layers": 28, "vocab_size": 152064, "tie_word_embeddings": false, "vision_config": {"depth": 32, "hidden_size": 1280, "intermediate_size": 3420, "num_heads": 16, "out_hidden_size": 3584, "fullatt_block_indexes": [7, 15, 23, 31], "window_size": 112}}"#
    )
    #expect(qwen.parameters.total == 8_292_166_656)
    let (p, v) = (74.0 * 74, 1280.0)
    let windows = (9 * 64 + 4.0) * (9 * 64 + 4.0)
    let tower =
      2 * p * 1176 * v + 32 * p * 2 * (4 * v * v + 3 * v * 3420) + 28 * 4 * windows * v + 4 * 4 * p * p * v
      + 2 * (p / 4) * 5120 * (5120 + 3584)
    let (s, h) = (37.0 * 37 + 16, 3584.0)
    let decoder = 28 * (2 * s * h * (2 * h + 2 * 512 + 3 * 18_944) + 4 * (s * (s + 1) / 2) * h)
    let found = try products(qwen) { ($0.images, $0.imageSize, $0.inputLength) = (1, "1024x1024", 16) }
    #expect(found == tower + decoder + 2 * h * 152_064)
  }

  /// Tokens that processors make of a picture of 640 × 480: smart_resize to 644 × 476; nearest grid of tiles 4 × 3 with
  /// the whole beside them; patches of 16 with a break behind each row.
  @Test func promptTokens() {
    let size = SIMD2(480.0, 640)
    let native = ImageTokens(resize: .native(fewestPixels: 3136, mostPixels: 12_845_056), patch: 14, merge: 2)
    #expect(native.promptTokens(size) == 23 * 17)
    #expect(
      ImageTokens(resize: .tiles(side: 448, most: 12), patch: 14, fixed: 256).promptTokens(size) == 13 * 256)
    #expect(ImageTokens(resize: .longest(side: 1024), patch: 16, perRow: 1).promptTokens(size) == 30 * 41)
    #expect(
      ImageTokens(resize: .square(side: 336), patch: 14, extra: 1, fixed: 576).promptTokens(size) == 576)
  }

  /// What a model does not read is refused, an encoder generates nothing.
  @Test func refusals() throws {
    let text = try model(#"{"model_type": "llama", \#(Self.text)}"#)
    #expect(throws: InputError.self) { try products(text) { $0.images = 1 } }
    #expect(throws: InputError.self) { try products(text) { $0.audioSeconds = 3 } }
    let bert = try model(
      #"{"model_type": "bert", "vocab_size": 1000, "max_position_embeddings": 64, \#(Self.seer)}"#)
    #expect(throws: InputError.self) { try products(bert) { $0.phase = .decode } }
  }
}
