import CostModel
import Specs

/// Encoders beside a decoder: read where their form is known, else left out by name.
enum TowerKeys {
  private static let beginnings = ["vision_", "image_", "img_", "video_", "audio_", "speech_", "mm_"]
  private static let names = ["embd_layer", "projector_type", "projection_dim", "multi_modal_projector"]

  /// Blocks that describe no module.
  private static let settings: Set<String> = [
    "quantization_config", "compression_config", "generation_config", "text_config", "image_processor_config",
    "tokenizer_config", "kv_cache_config",
  ]

  /// - Parameters:
  ///   - fields: the decoder's keys, where encoders' may stand among them.
  ///   - outer: the keys that stand around them.
  static func read(
    _ fields: inout ConfigFields, of part: TextPart, outer: ConfigFields, into model: inout ModelSpec
  ) throws(InputError) -> [String] {
    let around = part.path.isEmpty ? fields : try outer.inner(part.path)
    var remarks: [String] = []
    for member in around.members where !member.value.isNull {
      let isBlock = member.value.members != nil
      let known = beginnings.contains { member.key.hasPrefix($0) } || names.contains(member.key)
      guard known else {
        // Whatever else stands beside a nested decoder: queries, speakers, further encoders.
        if isBlock, member.key.hasSuffix("_config"), !part.path.hasSuffix(member.key),
          !settings.contains(member.key),
          !part.path.isEmpty
        {
          remarks.append("“\(member.key)” is left out: what it describes is not priced")
        }
        continue
      }
      if part.path.isEmpty { fields.ignore(member.key) }
      guard isBlock && member.key.hasSuffix("_config") || member.key == "vision_tower" else { continue }
      if isBlock, let tower = try tower(member, of: part, outer: around, text: model.hidden) {
        model.towers.append(tower)
      } else {
        remarks.append("“\(member.key)” is left out: its encoder is not priced")
      }
    }
    return remarks
  }

  private static func tower(
    _ member: JSONMember, of part: TextPart, outer: ConfigFields, text: Int
  ) throws(InputError) -> Tower? {
    let whole = outer.members.first { $0.key == "model_type" }?.value.string ?? part.wholeType ?? ""
    var block = try ConfigFields(member.value, file: outer.file, path: member.key, family: whole)
    if member.key.hasPrefix("vision") {
      guard !block.members.isEmpty else { return nil }
      return try VisionTower.read(block, of: whole, text: text, outer: outer)
    }
    let type = block.members.first { $0.key == "model_type" }?.value.string
    let known = [
      "qwen2_audio_encoder", "voxtral_encoder", "whisper", "qwen2_5_omni_audio_encoder",
      "qwen3_omni_moe_audio_encoder",
    ]
    guard type.map(known.contains) ?? true else { return nil }
    return try listening(&block, of: whole, text: text)
  }

  /// Whisper's encoder before a decoder: Qwen2-Audio pools two tokens, Voxtral stacks four.
  private static func listening(
    _ block: inout ConfigFields, of whole: String, text: Int
  ) throws(InputError) -> Tower? {
    var names = DecoderParts.Names()
    names.hidden = ["d_model", "hidden_size"]
    names.layers = ["encoder_layers", "num_hidden_layers"]
    names.heads = ["encoder_attention_heads", "num_attention_heads"]
    names.intermediate = ["encoder_ffn_dim", "intermediate_size"]
    names.activation = ["activation_function"]
    names.positions = ["unused_positions"]
    names.defaultActivation = .gelu
    names.gated = false
    names.keyValueHeads = .unknown
    names.readsHeadDim = false
    names.defaults = [
      "vocab_size": 1, "d_model": 1280, "encoder_layers": 32, "encoder_attention_heads": 20,
      "encoder_ffn_dim": 5120,
    ]
    var copy = ConfigFields.without(["vocab_size", "num_hidden_layers_"], block)
    if copy.has("encoder_layers") { copy = ConfigFields.without(["num_hidden_layers"], copy) }
    var parts = try DecoderParts(&copy, names)
    AudioTower.whisperLayer(&parts)
    let mels = try copy.int("num_mel_bins", or: 128, in: 1...10_000)
    let positions = try copy.int("max_source_positions", or: 1500)
    switch whole {
    case "qwen2_audio":
      return try AudioTower.whisper(
        parts, mels: mels, positions: positions, merge: 2,
        projector: [TowerProduct("linear", inputs: parts.hidden, outputs: text, bias: true, merge: 2)])
    case "voxtral":
      return try AudioTower.whisper(
        parts, mels: mels, positions: positions, merge: 4,
        projector: [
          TowerProduct(
            "linear_1", inputs: parts.dense.intermediate, outputs: text, merge: 4, activation: .gelu),
          TowerProduct("linear_2", inputs: text, outputs: text, merge: 4),
        ])
    case "qwen2_5_omni", "qwen2_5_omni_thinker":
      // Positions are made, not learned; two rows mark beginning and end.
      let out = try copy.int("output_dim", or: 3584)
      var tower = try AudioTower.whisper(
        parts, mels: mels, positions: positions, merge: 2,
        projector: [TowerProduct("proj", inputs: parts.hidden, outputs: out, bias: true, merge: 2)])
      tower.body.embeddingPosition = .none
      tower.extras = Double(2 * out)
      return tower
    case "qwen3_omni_moe", "qwen3_omni_moe_thinker":
      return AudioTower.omni(
        parts, mels: mels, inner: try copy.int("downsample_hidden_size", or: 480, in: 1...100_000),
        half: try copy.int("n_window", or: 50, in: 1...100_000),
        window: try copy.int("n_window_infer", or: 800, in: 1...1_000_000),
        out: try copy.int("output_dim", or: 3584))
    default: return nil
    }
  }
}

extension ConfigFields {
  /// The object that a dotted path's last part stands in.
  func inner(_ path: String) throws(InputError) -> ConfigFields {
    var fields = self
    for key in path.split(separator: ".").dropLast() {
      guard let node = fields.members.first(where: { $0.key == key })?.value else { break }
      fields = try ConfigFields(node, file: file, path: String(key), family: family)
    }
    return fields
  }
}
