import CostModel
import Specs

/// BERT (arXiv:1810.04805), RoBERTa, XLM-RoBERTa; ModernBERT (arXiv:2412.13663).
enum BERTFamily {
  static func read(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var names = DecoderParts.Names.plain
    names.defaultActivation = .gelu
    var parts = try DecoderParts(&config, names)
    _ = try config.word("position_embedding_type", ["absolute"])
    parts.plainLayers()
    parts.placement = .post
    parts.finalNorm = nil
    parts.embeddingNorm = parts.norm
    parts.attention.span = .bidirectional
    try parts.learnPositions(config, names)
    parts.lmHeadBias = true
    var model = parts.model()
    model.tokenTypes = try config.int("type_vocab_size", or: 2, in: 0...1_000_000)
    model.head = OutputHead(transform: true, transformBias: true, norm: .layer)
    config.ignore("gradient_checkpointing", "classifier_dropout", "position_embedding_type")
    return model
  }

  static func modern(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var names = DecoderParts.Names()
    names.activation = ["hidden_activation"]
    names.defaultActivation = .gelu
    names.tied = true
    names.keyValueHeads = .unknown
    names.readsHeadDim = false
    var parts = try DecoderParts(&config, names)
    parts.layerNorm(bias: try config.bool("norm_bias", or: false))
    parts.embeddingNorm = parts.norm
    let bias = try config.bool("attention_bias", or: false)
    parts.bias(queryKeyValue: bias, output: bias)
    parts.dense.bias = try config.bool("mlp_bias", or: false)
    let far = try config.number("global_rope_theta", in: 1...1e12) ?? 160_000
    let near = try config.number("local_rope_theta", in: 1...1e12) ?? 10_000
    config.ignore("rope_parameters", "rope_theta", "rope_scaling")
    let every = try config.int("global_attn_every_n_layers", or: 3)
    let reach = try config.int("local_attention", or: 128, in: 2...1_000_000_000) / 2
    let types = try config.words("layer_types", count: parts.layers, WindowKeys.types)
    let transformBias = try config.bool("classifier_bias", or: false)
    parts.lmHeadBias = try config.bool("decoder_bias", or: true)
    config.ignore(
      "classifier_pooling", "classifier_activation", "deterministic_flash_attn", "sparse_prediction",
      "sparse_pred_ignore_index", "reference_compile", "repad_logits_with_grad", "initializer_cutoff_factor",
      "position_embedding_type")
    var model = parts.model(
      (0..<parts.layers).map { layer in
        let sees = types.map { $0[layer] == "full_attention" } ?? (layer % every == 0)
        var attention = parts.attention
        attention.span = sees ? .bidirectional : .around(reach: reach)
        attention.position = .rotary(RotarySpec(theta: sees ? far : near))
        var own = parts.layer(.attention(attention))
        // The embedding's norm is the first layer's.
        if layer == 0 { own.norms = .inherited }
        return LayerKind(name: layer == 0 ? "first" : sees ? "global" : "local", layer: own)
      })
    model.head = OutputHead(transform: true, transformBias: transformBias, norm: parts.norm)
    return model
  }
}

/// T5 (arXiv:1910.10683), T5 v1.1, Flan-T5, mT5, UMT5: an encoder whose tokens every layer of the decoder looks at.
enum T5Family {
  static func read(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    let isUnimax = config.family == "umt5"
    var names = DecoderParts.Names()
    names.hidden = ["d_model"]
    names.layers = ["num_layers"]
    names.heads = ["num_heads"]
    names.intermediate = ["d_ff"]
    names.positions = ["n_positions"]
    names.activation = ["dense_act_fn"]
    names.defaultActivation = .relu
    names.tied = true
    names.keyValueHeads = .unknown
    names.readsHeadDim = false
    names.defaults = [:]
    var copy = config
    // d_kv stands where head_dim does elsewhere; hidden ÷ heads need not be whole.
    copy.append([])
    let width = try copy.requiredInt("d_kv", in: 1...1_000_000)
    names.readsHeadDim = true
    names.defaults["head_dim"] = width
    let form = try copy.string("feed_forward_proj") ?? "relu"
    copy.ignore(
      "is_gated_act", "is_encoder_decoder", "output_past", "relative_attention_max_distance", "d_kv",
      "n_positions")
    names.gated = form.hasPrefix("gated-")
    names.defaultActivation = form.hasSuffix("relu") ? .relu : form.hasSuffix("silu") ? .silu : .geluTanh
    let parts = try DecoderParts(&copy, names)
    config.adopt(copy)
    let buckets = try config.int("relative_attention_num_buckets", or: 32, in: 1...1_000_000)
    let decoders = try config.int("num_decoder_layers", in: 1...10_000) ?? parts.layers
    func attention(_ layer: Int, both: Bool) -> AttentionSpec {
      var spec = parts.attention
      spec.position = .relative(buckets: layer == 0 || isUnimax ? buckets : 0)
      spec.span = both ? .bidirectional : .full
      return spec
    }
    let looks = parts.lookingAtAnEncoder
    let body = parts.model(
      (0..<parts.layers).map {
        LayerKind(
          name: $0 == 0 && !isUnimax ? "first" : "encoder",
          layer: parts.layer(.attention(attention($0, both: true))))
      })
    var model = parts.model(
      (0..<decoders).flatMap { layer in
        [
          LayerKind(
            name: layer == 0 && !isUnimax ? "first" : "self",
            layer: parts.layer(.attention(attention(layer, both: false)), FeedForwardSpec.none)),
          LayerKind(name: "cross", layer: parts.layer(.attention(looks))),
        ]
      })
    model.towers = [.text(body)]
    return model
  }
}

extension Tower {
  /// An encoder of text without an embedding of its own.
  static func text(_ encoder: ModelSpec) -> Tower {
    var body = encoder
    (body.name, body.title) = ("encoder", "encoder")
    (body.vocabulary, body.tiedEmbeddings) = (1, true)
    return Tower(input: .text, body: body, isLookedAt: true)
  }
}

/// Whisper (arXiv:2212.04356): convolutions and an encoder over half a minute's spectrogram, a decoder that looks at it.
enum WhisperFamily {
  static func read(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    let encoder = try parts(&config, "encoder")
    var decoder = try parts(&config, "decoder")
    config.ignore(
      "num_hidden_layers", "max_source_positions", "num_mel_bins", "scale_embedding", "is_encoder_decoder",
      "use_weighted_layer_sum", "classifier_proj_size", "apply_spec_augment", "median_filter_width",
      "init_std",
      "decoder_layerdrop", "encoder_layerdrop", "suppress_tokens", "begin_suppress_tokens")
    config.ignore(config.members.map(\.key).filter { $0.hasPrefix("mask_") || $0.hasSuffix("_layerdrop") })
    let targets = try config.int("max_target_positions", or: 448)
    decoder.maxPositions = targets
    decoder.embeddingPosition = .learned(length: targets)
    let (listens, self_) = (
      LayerKind(name: "cross", layer: decoder.layer(.attention(decoder.lookingAtAnEncoder))),
      LayerKind(name: "self", layer: decoder.layer(nil, FeedForwardSpec.none))
    )
    var model = decoder.model((0..<decoder.layers).flatMap { _ in [self_, listens] })
    model.towers = [
      try AudioTower.whisper(
        encoder, mels: try config.int("num_mel_bins", or: 80, in: 1...10_000),
        positions: try config.int("max_source_positions", or: 1500), isLookedAt: true)
    ]
    return model
  }

  private static func parts(_ config: inout ConfigFields, _ side: String) throws(InputError) -> DecoderParts {
    var names = DecoderParts.Names.side(side)
    names.positions = ["max_target_positions"]
    var parts = try DecoderParts(&config, names)
    AudioTower.whisperLayer(&parts)
    return parts
  }
}

/// Whisper's encoder, alone or before a decoder that takes its tokens in.
enum AudioTower {
  static func whisperLayer(_ parts: inout DecoderParts) {
    parts.plainLayers()
    parts.attention.keyBias = false
    parts.attention.position = .none
  }

  /// Qwen3-Omni (arXiv:2509.17765): three convolutions over time and tone, each halving both, on pieces of `2 · half` frames,
  /// a hundred of which make a second; attention within windows, taken as wide as they are around each token.
  static func omni(
    _ parts: DecoderParts, mels: Int, inner: Int, half: Int, window: Int, out: Int
  ) -> Tower {
    var own = parts
    var (tones, frames) = ((mels + 1) / 2, half)
    let first = (rows: tones * frames, inputs: 9)
    (tones, frames) = ((tones + 1) / 2, (frames + 1) / 2)
    let second = (rows: tones * frames, inputs: 9 * inner)
    (tones, frames) = ((tones + 1) / 2, (frames + 1) / 2)
    let third = (rows: tones * frames, inputs: 9 * inner)
    own.attention.span = .around(reach: max(1, frames * window / (4 * half)))
    own.attention.keyBias = true
    own.maxPositions = nil
    var body = own.model()
    (body.name, body.title) = ("audio", "audio")
    (body.vocabulary, body.tiedEmbeddings, body.lmHeadBias) = (1, true, false)
    let tokens = Double(frames)
    let stem = [first, second, third].enumerated().map {
      TowerProduct(
        "conv2d\($0 + 1)", inputs: $1.inputs, outputs: inner, bias: true, merge: tokens / Double($1.rows),
        activation: .gelu)
    }
    return Tower(
      input: .audio(AudioTokens(perSecond: max(1, 50 * frames / half), piece: 0)),
      stem: stem + [TowerProduct("conv_out", inputs: inner * tones, outputs: parts.hidden)], body: body,
      projector: [
        TowerProduct("proj1", inputs: parts.hidden, outputs: parts.hidden, bias: true, activation: .gelu),
        TowerProduct("proj2", inputs: parts.hidden, outputs: out, bias: true),
      ])
  }

  /// Two convolutions of three taps, the second over every other frame.
  static func whisper(
    _ parts: DecoderParts, mels: Int, positions: Int, merge: Int = 1, projector: [TowerProduct] = [],
    isLookedAt: Bool = false
  ) throws(InputError) -> Tower {
    var own = parts
    own.attention.span = .bidirectional
    own.embeddingPosition = .learned(length: positions)
    own.maxPositions = nil
    var body = own.model()
    body.name = "audio"
    body.title = "audio"
    body.vocabulary = 1
    body.tiedEmbeddings = true
    body.lmHeadBias = false
    return Tower(
      input: .audio(AudioTokens(perSecond: max(1, positions / 30), piece: 30, merge: merge)),
      stem: [
        TowerProduct(
          "conv1", inputs: 3 * mels, outputs: parts.hidden, bias: true, merge: 0.5, activation: .gelu),
        TowerProduct(
          "conv2", inputs: 3 * parts.hidden, outputs: parts.hidden, bias: true, activation: .gelu),
      ], body: body, projector: projector, isLookedAt: isLookedAt)
  }
}
