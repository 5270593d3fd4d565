import CostModel
import Specs

/// Hugging Face `config.json` → `ModelSpec`.
public enum ConfigImport {
  /// Quantised mixtures list every layer that was left alone: megabytes.
  static let largestBytes = 4 << 20

  /// - Parameters:
  ///   - name: what the model shall be called.
  ///   - ignoring: keys that the user knows to leave the architecture alone.
  /// - Throws: `InputError` for an unknown `model_type` and for any key that is not understood.
  public static func read(
    _ source: SourceFile, name: String, ignoring: Set<String> = [], quantization: SourceFile? = nil
  ) throws(InputError) -> ImportedModel {
    let root = try JSONNode.read(source)
    var outer = try ConfigFields(root, file: source.name, path: "", family: "unknown")
    let text = try TextPart.find(&outer, file: source.name)
    let modelType = text.modelType
    if let mechanism = Inexpressible.mechanism(of: modelType) {
      throw InputError(
        .data, at: text.place, "model_type “\(modelType)” has \(mechanism), which cannot be expressed")
    }
    guard let family = ConfigFamily.named(modelType) else { throw unknown(modelType, at: text.place) }
    var remarks: [String] = []
    var fields = try ConfigFields(text.node, file: source.name, path: text.path, family: modelType)
    if !text.path.isEmpty {
      fields = fields.inheriting(
        outer,
        [
          "tie_word_embeddings", "torch_dtype", "dtype", "quantization_config", "quantization",
          "compression_config",
        ])
      fields.fill(ClassDefaults.of(modelType, in: text.wholeType))
    }
    let head = try HeadKeys.read(&fields, whole: root, nested: !text.path.isEmpty)
    var model = try family.read(&fields)
    if let head { model.head = head.output(behind: model.head) }
    if head?.bias == true { model.lmHeadBias = true }
    remarks += try TowerKeys.read(&fields, of: text, outer: outer, into: &model)
    if root["architectures"]?.array?.first?.string?.hasSuffix("EncoderModel") == true {
      model = try encoderAlone(model, at: fields.location)
    }
    try format(&fields, &model, &remarks, quantization: quantization, ignoring: ignoring)
    fields.ignore("num_nextn_predict_layers", "mtp_num_hidden_layers", "num_mtp_layers", "num_mtp_modules")
    for key in ["add_cross_attention", "is_encoder_decoder"] where !fields.asked.contains(key) {
      try fields.only(key, false, because: "decoders have no encoder to look at")
    }
    remarks += try fields.finish(ignoring: ignoring)
    let predicting = ["num_nextn_predict_layers", "mtp_num_hidden_layers", "num_mtp_layers"]
    if let count = fields.members.first(where: { predicting.contains($0.key) && ($0.value.int ?? 0) > 0 })?
      .value
      .int
    {
      let known = predictors.contains(modelType)
      if known { model.predictionLayers = min(count, 1_000) }
      remarks.append(
        "the \(count) prediction layers are left out, as engines run without them"
          + (known ? "; `--mtp` runs them" : ""))
    }
    guard model.parameters.total < 9e15 else {
      throw InputError(.data, at: fields.location, "these sizes make more than 9e15 parameters")
    }
    model.name = name
    model.title = name
    model.source = "imported from \(source.name)"
    model.notes = remarks
    if let beyond = ModelReader.refusal(of: model) {
      throw InputError(.data, at: fields.place(of: beyond.number), beyond.message)
    }
    return ImportedModel(
      model: model, format: "config.json", family: modelType, origins: fields.origins, remarks: remarks)
  }

  /// Families whose prediction layers are each like the last of the others.
  private static let predictors = [
    "deepseek_v3", "deepseek_v32", "kimi_k2", "glm4_moe", "glm4v_moe_text", "glm4_moe_lite", "glm_moe_dsa",
    "mimo",
    "qwen3_5_text", "qwen3_5_moe_text",
  ]

  /// The text encoder of an encoder–decoder, as image generators use it.
  private static func encoderAlone(_ whole: ModelSpec, at place: SourceLocation) throws(InputError)
    -> ModelSpec
  {
    guard let tower = whole.towers.first(where: { $0.input == .text }) else {
      throw InputError(.data, at: place, "this family has no encoder of text that could stand alone")
    }
    var model = tower.body
    model.vocabulary = whole.vocabulary
    model.maxPositions = whole.maxPositions
    model.head = OutputHead(.hidden)
    return model
  }

  private static func unknown(_ modelType: String, at place: SourceLocation) -> InputError {
    InputError(
      .data, at: place,
      "model_type “\(modelType)” is not known\(Suggestion.phrase(for: modelType, among: ConfigFamily.modelTypes))"
        + "; write the spec by hand: `rooftree import` of a known family shows the shape, and what is needed is"
        + " hidden_size, num_hidden_layers, vocab_size, and each kind of layer's attention and feed_forward"
        + " (known: \(ConfigFamily.modelTypes.joined(separator: ", ")))")
  }

  /// What the checkpoint is stored in.
  private static func format(
    _ fields: inout ConfigFields, _ model: inout ModelSpec, _ remarks: inout [String],
    quantization: SourceFile?, ignoring: Set<String>
  ) throws(InputError) {
    let text = try fields.string("torch_dtype", "dtype")
    let spelled = text.map { $0.hasPrefix("torch.") ? String($0.dropFirst(6)) : $0 }
    model.checkpointFormat = spelled.flatMap { NumberFormat(name: $0) }
    let blocks = ["quantization_config", "compression_config", "quantization"]
    fields.ignore(blocks)
    if ignoring.contains("quantization_config") { return }
    let place = fields.location
    var stated: StatedPrecision?
    if let key = blocks.first(where: { fields.hasObject($0) }), var block = try fields.fields(key) {
      stated = try QuantizationKeys.read(&block, remarks: &remarks)
      fields.absorb(block)
    } else if let key = blocks.first(where: { fields.has($0) && !fields.says($0, false) }) {
      _ = try fields.fields(key)
    } else if let quantization {
      let root = try JSONNode.read(quantization)
      var top = try ConfigFields(root, file: quantization.name, path: "", family: "modelopt")
      stated = try ModelOptimizer.read(&top)
    }
    // DeepSeek-V4 states its experts' format beside the block.
    if try fields.word("expert_dtype", ["fp4", "fp8", "bf16"]) == "fp4", stated?.experts == nil {
      stated?.experts = .mxfp4
    }
    try stated?.apply(to: &model, family: fields.family, at: place)
    if let experts = model.expertFormat {
      remarks.append(
        "\(experts.name) holds the routed experts alone; attention is listed as left unquantised")
    }
  }
}

extension ConfigFields {
  /// With `keys` of the surrounding object where this one has none; whether the head is tied is the whole file's word.
  func inheriting(_ outer: ConfigFields, _ keys: [String]) -> ConfigFields {
    let ties = "tie_word_embeddings"
    var copy = outer.has(ties) ? ConfigFields.without([ties], self) : self
    let own = Set(members.map(\.key))
    let precise = own.contains("dtype") || own.contains("torch_dtype")
    let taken = outer.members.filter { member in
      guard keys.contains(member.key) else { return false }
      if member.key.hasSuffix("dtype") { return !precise }
      return member.key == ties && !member.value.isNull || !own.contains(member.key)
    }
    copy.append(taken)
    return copy
  }
}
