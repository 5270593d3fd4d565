import CostModel
import Specs

/// BART (arXiv:1910.13461), mBART, M2M-100 and NLLB, Pegasus: an encoder of text whose tokens every layer of the decoder
/// looks at, all of them with biases.
enum BARTFamily {
  static func read(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var encoder = try parts(&config, "encoder")
    let decoder = try parts(&config, "decoder")
    encoder.attention.span = .bidirectional
    config.ignore(
      "num_hidden_layers", "scale_embedding", "is_encoder_decoder", "encoder_layerdrop", "decoder_layerdrop",
      "classif_dropout", "classifier_dropout", "extra_pos_embeddings", "static_position_embeddings",
      "force_bos_token_to_be_generated", "max_source_positions", "num_attention_heads", "hidden_size")
    let before = encoder.placement == .pre
    try config.only("normalize_before", before, because: "every released model of this family stands so")
    try config.only(
      "normalize_embedding", encoder.embeddingNorm != nil,
      because: "every released model of this family is so")
    try config.only("add_final_layer_norm", before, because: "norms before layers need one behind them")
    try config.only("add_bias_logits", false, because: "no released model of this family has a trained one")
    let (reads, sees) = (
      LayerKind(name: "self", layer: decoder.layer(nil, FeedForwardSpec.none)),
      LayerKind(name: "cross", layer: decoder.layer(.attention(decoder.lookingAtAnEncoder)))
    )
    var model = decoder.model((0..<decoder.layers).flatMap { _ in [reads, sees] })
    encoder.maxPositions = nil
    model.towers = [.text(encoder.model())]
    return model
  }

  private static func parts(_ config: inout ConfigFields, _ side: String) throws(InputError) -> DecoderParts {
    let names = DecoderParts.Names.side(side)
    var parts = try DecoderParts(&config, names)
    parts.plainLayers()
    let isPost = config.family == "bart"
    parts.placement = isPost ? .post : .pre
    if isPost { parts.finalNorm = nil }
    if config.family == "m2m_100" {
      parts.attention.position = .none
      parts.embeddingPosition = .sinusoidal
      return parts
    }
    // Two spare rows; Pegasus's sines are stored as a table would be.
    let isTrained = config.family != "pegasus"
    if isTrained { parts.embeddingNorm = parts.norm }
    try parts.learnPositions(config, names, spare: isTrained ? 2 : 0)
    return parts
  }
}
