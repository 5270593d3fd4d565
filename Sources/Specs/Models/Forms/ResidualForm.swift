import CostModel

/// What stands beside the residual stream, in keys of the whole model: embeddings of each layer's own, alternating updates.
enum ResidualForm {
  static func read(_ top: inout YAMLFields, into model: inout ModelSpec) throws(InputError) {
    let width = try top.int("hidden_size_per_layer_input", in: 1...1_000_000)
    let words = try top.int("vocab_size_per_layer_input", in: 1...100_000_000)
    let activation = try top.choice("per_layer_activation", Activation.self)
    let streams = try top.int("altup_num_inputs", in: 2...64)
    let rank = try top.int("laurel_rank", in: 1...1_000_000)
    for (needed, key, leader) in [
      (words != nil || activation != nil, width != nil, "hidden_size_per_layer_input"),
      (rank != nil, streams != nil, "altup_num_inputs"),
    ] where needed && !key {
      throw top.missing(leader, accepted: "a whole number, which what stands beside it needs")
    }
    model.layerEmbedding = width.map {
      LayerEmbeddingSpec(
        width: $0, vocabulary: words ?? model.vocabulary, layers: model.layerCount,
        activation: activation ?? .geluTanh)
    }
    guard let streams else { return }
    model.alternating = AlternatingSpec(streams: streams, lowRank: rank)
    guard model.kinds.allSatisfy({ $0.layer.streams == 1 && !$0.layer.parallel }) else {
      throw InputError(
        .data, at: top.location,
        "“altup_num_inputs” goes with neither “residual_streams” nor “parallel_residual”")
    }
  }

  static func write(_ model: ModelSpec, into out: inout YAMLText) {
    if let spec = model.layerEmbedding {
      out.put("hidden_size_per_layer_input", spec.width)
      out.put("vocab_size_per_layer_input", spec.vocabulary)
      if spec.activation != .geluTanh { out.raw("per_layer_activation", spec.activation.rawValue) }
    }
    if let spec = model.alternating {
      out.put("altup_num_inputs", spec.streams)
      if let rank = spec.lowRank { out.put("laurel_rank", rank) }
    }
  }

  static let keys = [
    Key(
      "hidden_size_per_layer_input",
      "Embeddings of each layer's own: numbers of one token and layer (Gemma 3n, Gemma 4 E2B).", else: "none"),
    Key("vocab_size_per_layer_input", "Rows of their table.", else: "`vocab_size`"),
    Key("per_layer_activation", "Of the gate that each layer's own meet.", else: "gelu_tanh"),
    Key(
      "altup_num_inputs", "Residual streams of which each layer runs on one, the others predicted (AltUp).",
      else: "one stream"),
    Key(
      "laurel_rank", "With `altup_num_inputs`: rank of a product beside each mixer (LAuReL).", else: "none"),
  ]
}
