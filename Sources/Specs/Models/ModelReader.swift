import CostModel

/// Reads a model spec from YAML.
public enum ModelReader {
  /// The model that a YAML text describes.
  ///
  /// - Throws: `InputError`, 65 with line and column, for what is missing, unknown or contradicts itself, and for more
  ///   than 9e15 parameters.
  public static func read(_ source: SourceFile) throws(InputError) -> ModelSpec {
    try YAMLReader.reading(source, .model) { node throws(InputError) in try read(node, of: source) }
  }

  /// What a spec of the model would be refused for, and the number there: widths that importers multiply may get beyond
  /// what specs hold.
  package static func refusal(of model: ModelSpec) -> (message: String, number: Int?)? {
    let source = SourceFile(name: model.name, text: ModelWriter.yaml(model))
    do throws(InputError) {
      _ = try read(try YAMLReader.read(source), of: source)
      return nil
    } catch {
      // Else writer and reader disagree, which no file is to blame for.
      guard error.fault == .value, let place = error.location else { return nil }
      let line = source.text.split(separator: "\n", omittingEmptySubsequences: false)[place.line - 1]
      return (
        "these sizes are beyond what can be counted: \(error.message)",
        Int(line.dropFirst(place.column - 1).prefix { $0.isNumber })
      )
    }
  }

  /// - Parameters:
  ///   - node: what stands in the file, or what was made of it.
  ///   - depth: how many specs name this one as their base.
  static func read(_ node: YAMLNode, of source: SourceFile, depth: Int = 0) throws(InputError) -> ModelSpec {
    var node = node
    if let keys = node.members?.compactMap(\.key.string) {
      if keys.contains("memory"), keys.contains("peaks") {
        throw InputError(
          .data, at: SourceLocation(file: source.name),
          "this is a hardware profile, which --on takes; a model spec is expected")
      }
      if let name = node.members?.first(where: { $0.key.string == "base" }) {
        guard let base = name.value.string, depth < 8 else {
          throw InputError(
            .data, at: name.value.location(in: source.name),
            "“base” is \(name.value.shown); accepted: the name of a model, at most 8 deep")
        }
        let parent = try Catalogue.modelSource(base)
        var model = try read(try YAMLReader.read(parent), of: parent, depth: depth + 1)
        // What holds for the base alone.
        (model.title, model.source, model.notes) = (model.name, "", [])
        node = try YAMLReader.read(SourceFile(name: parent.name, text: ModelWriter.yaml(model)))
          .overlaid(by: node.mapping(node.members?.filter { $0.key.string != "base" } ?? []))
      }
    }
    let plain = PlainSpec.expanded(node)
    var top = try YAMLFields(plain, .model, file: source.name, path: "")
    _ = try top.string("base")  // Read above.
    var model = try body(&top)
    if !source.isBuiltIn { model.defaults = PlainSpec.defaults(plain, model) }
    try top.finish()
    guard model.parameters.total < 9e15 else {
      throw InputError(
        .data, at: top.location,
        "these dimensions make \(model.parameters.total) parameters; at most 9e15 can be counted exactly")
    }
    return model
  }

  /// A model's keys, at the top or in a tower's block.
  static func body(_ top: inout YAMLFields) throws(InputError) -> ModelSpec {
    let header = try Header(&top)
    guard var block = try top.fields("position", .position) else {
      let types = PositionSpec.types.joined(separator: ", ")
      throw top.missing("position", accepted: "a block with “type”: \(types)")
    }
    let position = try PositionSpec.read(&block)
    let defaults = try LayerReader(&top, header: header, position: position.isEmbedded ? .none : position)
    let (kinds, pattern) = try LayerPattern.read(&top, header: header, defaults: defaults)
    var model = ModelSpec(
      name: header.name, hidden: header.hidden, vocabulary: header.vocabulary, kinds: kinds, pattern: pattern,
      tiedEmbeddings: header.tied, embeddingPosition: position.isEmbedded ? position : .none,
      finalNorm: header.finalNorm)
    model.title = header.title
    model.source = header.source
    model.provenance = header.provenance
    model.notes = header.notes
    model.maxPositions = header.maxPositions
    model.checkpointFormat = header.format
    model.expertFormat = header.expertFormat
    model.lmHeadBias = header.lmHeadBias
    model.logitSoftcap = header.logitSoftcap
    model.embeddingNorm = header.embeddingNorm
    model.tokenTypes = try top.int("type_vocab_size", in: 0...1_000_000) ?? 0
    model.head = try OutputHead.read(&top)
    try ResidualForm.read(&top, into: &model)
    model.predictionLayers = try top.int("num_nextn_predict_layers", in: 0...1_000) ?? 0
    try PrecisionForm.read(&top, into: &model)
    for var block in try top.blocks("towers", .tower) ?? [] {
      model.towers.append(try Tower.read(&block))
      try block.finish()
    }
    return model
  }

  /// What is said once for the whole model.
  struct Header {
    var name, title, source: String
    var provenance: Provenance
    var notes: [String]
    var hidden, layers, vocabulary: Int
    var tied, lmHeadBias, logitSoftcap: Bool
    var maxPositions: Int?
    var format, expertFormat: NumberFormat?
    var norm: NormSpec
    var finalNorm, embeddingNorm: NormSpec?

    init(_ top: inout YAMLFields) throws(InputError) {
      guard let name = try top.label("name") else {
        throw top.missing("name", accepted: "the name that reports show")
      }
      self.name = name
      title = try top.label("title") ?? name
      source = try top.string("source") ?? ""
      provenance = try top.choice("provenance", Provenance.self) ?? .published
      notes = try top.strings("notes") ?? []
      _ = try top.strings("aliases")
      hidden = try top.requiredInt("hidden_size", in: 1...10_000_000)
      layers = try top.requiredInt("num_hidden_layers", in: 1...100_000)
      vocabulary = try top.requiredInt("vocab_size", in: 1...100_000_000)
      maxPositions = try top.int("max_position_embeddings")
      tied = try top.bool("tie_word_embeddings") ?? false
      lmHeadBias = try top.bool("lm_head_bias") ?? false
      logitSoftcap = try top.bool("final_logit_softcapping") ?? false
      norm = try NormReader.read(&top, "norm") ?? .rms
      finalNorm = top.isNone("final_norm") ? nil : try NormReader.read(&top, "final_norm") ?? norm
      embeddingNorm = try NormReader.read(&top, "embedding_norm")
      format = try top.numberFormat("dtype")
      expertFormat = try top.numberFormat("expert_dtype")
    }
  }
}

/// `rms`, `layer`, `layer_no_bias`, `layer_no_weight`.
enum NormReader {
  static let names: [(String, NormSpec)] = [
    ("rms", .rms), ("layer", .layer), ("layer_no_bias", NormSpec(kind: .layer)),
    ("layer_no_weight", NormSpec(kind: .layer, weight: false)),
    ("rms_no_weight", NormSpec(kind: .rms, weight: false)),
  ]

  static func name(of norm: NormSpec) -> String { names.first { $0.1 == norm }?.0 ?? "rms" }

  static func read(_ fields: inout YAMLFields, _ key: String) throws(InputError) -> NormSpec? {
    try fields.value([key], .word(names.map(\.0))) { node in names.first { $0.0 == node.string }?.1 }
  }
}

extension Block {
  /// The whole spec.
  package static let model = Block(
    "model",
    "A model spec. Keys of attention, feed-forward and position may stand at the top, as in a `config.json`.",
    [
      Key("name", "On the command line and in reports.", else: nil),
      Key("title", "As people write it.", else: "`name`"),
      Key("aliases", "Other names that find it.", else: "none"),
      Key("base", "A model of the catalogue: this spec says what is different.", else: "none"),
      Key("source", "Where the figures come from.", else: "not stated"),
      Key("provenance", "How far they can be trusted.", else: "published"),
      Key("notes", "Remarks that reports repeat.", else: "none"),
      Key("hidden_size", "Elements of the residual stream.", else: nil),
      Key("num_hidden_layers", "Layers.", else: nil),
      Key("vocab_size", "Rows of the embedding table.", else: nil),
      Key("type_vocab_size", "Rows of a table of token kinds (BERT).", else: "0"),
      Key("max_position_embeddings", "Longest sequence, tokens.", else: "no limit"),
      Key("tie_word_embeddings", "`lm_head` is the embedding table.", else: "false"),
      Key("lm_head_bias", "A bias on every logit.", else: "false"),
      Key("final_logit_softcapping", "A tanh cap on the logits (Gemma 2).", else: "false"),
      Key("head", "What stands behind the last norm.", else: "`lm_head` alone"),
      Key("num_nextn_predict_layers", "Prediction layers of the checkpoint, run with `--mtp`.", else: "0"),
      Key("norm", "Every layer's norm.", else: "rms"), Key("final_norm", "Before `lm_head`.", else: "`norm`"),
      Key("embedding_norm", "Between embedding and first layer (BLOOM).", else: "none"),
      Key("dtype", "The checkpoint's precision.", else: "bf16, said as an assumption"),
      Key("expert_dtype", "The routed experts' own.", else: "`dtype`"),
    ] + precisionKeys + ResidualForm.keys + mixers + [
      Key("feed_forward", "The token-wise half of a layer.", else: nil),
      Key("position", "How positions enter.", else: "rotary"),
      Key("norm_placement", "Where a layer's norms stand.", else: "pre"),
      Key("parallel_residual", "Mixer and feed-forward read the same input.", else: "false"),
      Key("residual_streams", "Streams that a layer mixes (hyper-connections).", else: "1"),
      Key("layer_kinds", "Kinds of layer and what each has otherwise.", else: "all layers alike"),
      Key(
        "layer_pattern", "Kinds in order, repeated to the last layer; `local*5` is five in a row.",
        else: "all layers alike"),
      Key("towers", "Encoders that run before.", else: "none"),
    ])

  private static let mixers = [
    Key(
      AttentionSpec.block, "The usual mixer; every layer has one of these six, or none.",
      else: "another mixer"),
    Key(StateSpaceSpec.block, "In its place: Mamba.", else: "another mixer"),
    Key(DeltaSpec.block, "In its place: delta-rule linear attention.", else: "another mixer"),
    Key(LightningSpec.block, "In its place: linear attention with a fixed decay.", else: "another mixer"),
    Key(ShortConvolutionSpec.block, "In its place: a gated convolution.", else: "another mixer"),
    Key(CompressedSpec.block, "In its place: compressed attention.", else: "another mixer"),
  ]

  static let layerKinds = Block(
    "layer_kinds", "Each kind by a name of your own; an empty block is the layer as the model has it.",
    names: Key("KIND", "What this kind has otherwise.", else: "as the model's"))

  static let layerKind = Block(
    "kind of layer", "What it does not say is as in the model's own blocks.",
    mixers + [
      Key("feed_forward", "Its feed-forward.", else: "the model's"),
      Key("position", "Its positions: rotary, alibi, relative or none.", else: "the model's"),
      Key("norm_placement", "Where its norms stand.", else: "the model's"),
    ])
}
