import CostModel

/// Reads a model spec from YAML.
public enum ModelReader {
  /// The model that a YAML text describes.
  ///
  /// - Throws: `InputError`, 65 with line and column, for what is missing, unknown or contradicts itself, and for more
  ///   than 9e15 parameters.
  public static func read(_ source: SourceFile) throws(InputError) -> ModelSpec {
    try read(try YAMLReader.read(source), of: source)
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
    var top = try YAMLFields(plain, file: source.name, path: "")
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
    guard var block = try top.fields("position") else {
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
    model.predictionLayers = try top.int("num_nextn_predict_layers", in: 0...1_000) ?? 0
    try PrecisionForm.read(&top, into: &model)
    for var block in try top.blocks("towers") ?? [] {
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
  ]

  static func name(of norm: NormSpec) -> String { names.first { $0.1 == norm }?.0 ?? "rms" }

  static func read(_ fields: inout YAMLFields, _ key: String) throws(InputError) -> NormSpec? {
    guard let node = fields.node([key]) else { return nil }
    guard let found = names.first(where: { $0.0 == node.string }) else {
      throw fields.wrong(node, key, accepted: names.map(\.0).joined(separator: ", "))
    }
    return found.1
  }
}
