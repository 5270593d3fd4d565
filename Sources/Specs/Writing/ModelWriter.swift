import CostModel

/// `ModelSpec` → YAML that `ModelReader` reads back to the same model.
public enum ModelWriter {
  /// - Parameters:
  ///   - aliases: other names the catalogue shall know it by.
  ///   - comments: lines put in front, such as where each figure comes from.
  public static func yaml(_ model: ModelSpec, aliases: [String] = [], comments: [String] = []) -> String {
    var out = YAMLText()
    for line in comments { out.comment(line) }
    write(model, aliases: aliases, into: &out)
    return out.text
  }

  /// A model's keys, at the top or in a tower's block.
  static func write(_ model: ModelSpec, aliases: [String] = [], into out: inout YAMLText) {
    header(model, aliases: aliases, into: &out)
    let first = model.kinds.first?.layer
    if let first {
      first.mixer.write(into: &out)
      // The default for all kinds; a kind whose attention differs says so itself.
      out.block("position") { out in
        let embedded = model.embeddingPosition.isEmbedded
        (embedded ? model.embeddingPosition : defaultPosition(model)).write(into: &out)
      }
      first.feedForward.write(into: &out)
    }
    if model.kinds.count > 1 || model.kinds.first?.name != "decoder" {
      kinds(model, into: &out)
    }
    if !model.towers.isEmpty { out.blocks("towers", model.towers) { $0.write(into: &$1) } }
  }

  private static func header(_ model: ModelSpec, aliases: [String], into out: inout YAMLText) {
    out.put("name", text: model.name)
    if model.title != model.name { out.put("title", text: model.title) }
    if !aliases.isEmpty { out.list("aliases", aliases) }
    if !model.source.isEmpty { out.put("source", text: model.source) }
    out.raw("provenance", model.provenance.rawValue)
    if let format = model.checkpointFormat { out.raw("dtype", format.name) }
    if let format = model.expertFormat { out.raw("expert_dtype", format.name) }
    PrecisionForm.write(model, into: &out)
    out.put("hidden_size", model.hidden)
    out.put("num_hidden_layers", model.layerCount)
    out.put("vocab_size", model.vocabulary)
    if let longest = model.maxPositions { out.put("max_position_embeddings", longest) }
    out.put("tie_word_embeddings", model.tiedEmbeddings)
    if model.lmHeadBias { out.put("lm_head_bias", true) }
    if model.predictionLayers > 0 { out.put("num_nextn_predict_layers", model.predictionLayers) }
    if model.tokenTypes > 0 { out.put("type_vocab_size", model.tokenTypes) }
    if model.head != OutputHead() { out.block("head") { model.head.write(into: &$0) } }
    if model.logitSoftcap { out.put("final_logit_softcapping", true) }
    let layer = model.kinds.first?.layer
    let norm = layer?.norm ?? .rms
    out.raw("norm", name(of: norm))
    if let final = model.finalNorm {
      if final != norm { out.raw("final_norm", name(of: final)) }
    } else {
      out.raw("final_norm", "none")
    }
    if let embedding = model.embeddingNorm { out.raw("embedding_norm", name(of: embedding)) }
    if let layer, layer.norms != .pre { out.raw("norm_placement", layer.norms.rawValue) }
    if let layer, layer.parallel { out.put("parallel_residual", true) }
    if let layer, layer.streams > 1 { out.put("residual_streams", layer.streams) }
    ResidualForm.write(model, into: &out)
    if !model.notes.isEmpty { out.texts("notes", model.notes) }
  }

  private static func name(of norm: NormSpec) -> String { NormReader.name(of: norm) }

  private static func kinds(_ model: ModelSpec, into out: inout YAMLText) {
    out.block("layer_kinds") { out in
      for kind in model.kinds {
        out.block(kind.name) { difference(model, kind.layer, into: &$0) }
      }
    }
    out.list("layer_pattern", pattern(model))
  }

  /// What a kind of layer says beside the model's default, which is the first kind.
  private static func difference(_ model: ModelSpec, _ layer: LayerSpec, into out: inout YAMLText) {
    guard let base = model.kinds.first?.layer else { return }
    if case .attention(let own) = layer.mixer, case .attention(let standard) = base.mixer {
      out.difference(
        AttentionSpec.block, { own.write(over: standard, into: &$0) },
        from: { standard.write(over: standard, into: &$0) })
    } else if layer.mixer != base.mixer {
      layer.mixer.write(into: &out)
    }
    if let own = layer.mixer.form?.positions, own != defaultPosition(model) {
      out.block("position") { own.write(into: &$0) }
    }
    if layer.feedForward != base.feedForward { layer.feedForward.write(over: base.feedForward, into: &out) }
    if layer.norms != base.norms { out.raw("norm_placement", layer.norms.rawValue) }
  }

  /// What `position` means for attention layers: layers without attention have none, and the model's default is
  /// what the others rotate by.
  private static func defaultPosition(_ model: ModelSpec) -> PositionSpec {
    if model.embeddingPosition.isEmbedded { return .none }
    return model.kinds.lazy.compactMap { $0.layer.mixer.form?.positions }.first ?? .none
  }

  /// The shortest period that repeats, in runs: `local*5, global`.
  static func pattern(_ model: ModelSpec) -> [String] {
    let whole = model.pattern
    // How much of its beginning stands at the end of each prefix (Knuth, Morris, Pratt 1977).
    var borders: [Int] = []
    for index in whole.indices {
      var border = borders.last ?? 0
      while border > 0, whole[index] != whole[border] { border = borders[border - 1] }
      borders.append(index > 0 && whole[index] == whole[border] ? border + 1 : 0)
    }
    let period = whole.count - (borders.last ?? 0)
    var runs: [(kind: Int, count: Int)] = []
    for kind in whole.prefix(period) {
      if let last = runs.last, last.kind == kind {
        runs[runs.count - 1].count += 1
      } else {
        runs.append((kind, 1))
      }
    }
    return runs.map { $0.count == 1 ? model.kinds[$0.kind].name : "\(model.kinds[$0.kind].name)*\($0.count)" }
  }
}
