extension ModelSpec {
  /// Every tensor of the model in running order, those of a layer once for each kind that has layers.
  ///
  /// A tied head is not stored; sinusoidal, rotary and ALiBi positions store nothing.
  public func tensors<Sink: TensorSink>(into sink: inout Sink) {
    var out = TensorWriter(hidden: Double(hidden), sink: sink)
    if embeds {
      out.enter("model", .embedding)
      out.matrix(
        "embed_tokens", rows: Double(vocabulary), columns: out.hidden, storage: .embedding,
        reader: .embedding, split: .outputs)
    }
    if embeds, case .learned(let length) = embeddingPosition {
      out.matrix(
        "embed_positions", rows: Double(length), columns: out.hidden, storage: .embedding,
        reader: .embedding, split: .replicated)
    }
    if embeds, tokenTypes > 0 {
      out.matrix(
        "token_type_embeddings", rows: Double(tokenTypes), columns: out.hidden, storage: .embedding,
        reader: .embedding, split: .replicated)
    }
    if embeds { layerEmbedding?.tensors(into: &out) }
    if embeds { alternating?.tensors("altup_projections", .streamExpansion, into: &out) }
    for tower in towers { tower.tensors(into: &out.sink) }
    out.enter("model", .norm)
    if embeds, let embeddingNorm { out.norm("word_embeddings_layernorm", embeddingNorm, width: out.hidden) }
    for (index, layers) in kindCounts.enumerated() where layers > 0 {
      out.enter(layerKind: index, layers: Double(layers))
      kinds[index].layer.tensors(into: &out)
      alternating?.layerTensors(into: &out)
      layerEmbedding?.layerTensors(into: &out)
    }
    out.enter(layerKind: nil, layers: 1)
    if predicts {
      end(into: &out)
    }
    sink = out.sink
  }

  private func end<Sink: TensorSink>(into out: inout TensorWriter<Sink>) {
    alternating?.tensors("altup_unembed_projections", .streamCollapse, into: &out)
    out.enter("model", .norm)
    if let finalNorm { out.norm("norm", finalNorm, width: out.hidden) }
    if let streams = kinds.first?.layer.streams, streams > 1 {
      let count = Double(streams)
      out.enter("model.hc_head", .norm)
      out.matrix(
        "hc_fn", rows: count, columns: count * out.hidden, suffix: .none, storage: .small,
        reader: .streamWeights,
        split: .replicated)
      out.vector("hc_base", count)
      out.vector("hc_scale", 1)
    }
    head.tensors(into: &out)
    out.enter("", .lmHead)
    if !tiedEmbeddings, head.result == .vocabulary {
      out.matrix(
        "lm_head", rows: Double(vocabulary), columns: out.hidden, storage: .lmHead, reader: .lmHead,
        split: .outputs)
    }
    if lmHeadBias, head.result != .hidden {
      out.vector("lm_head", Double(head.classes ?? vocabulary), .bias, split: .outputs)
    }
  }
}

extension LayerSpec {
  /// Norms around the mixer, the mixer, norms around the feed-forward, the feed-forward.
  func tensors<Sink: TensorSink>(into out: inout TensorWriter<Sink>) {
    out.enter("", .norm)
    if mixer != .none {
      if norms != .post, norms != .inherited { out.norm("input_layernorm", norm, width: out.hidden) }
      if norms == .post || norms == .sandwich {
        out.norm("post_attention_layernorm", norm, width: out.hidden)
      }
    }
    if hasNormBeforeFeedForward {
      out.norm(
        norms == .sandwich ? "pre_feedforward_layernorm" : "post_attention_layernorm", norm,
        width: out.hidden)
    }
    if feedForward != .none, norms.isBehindFeedForward {
      out.norm("post_feedforward_layernorm", norm, width: out.hidden)
    }
    if predicts {
      for name in ["enorm", "hnorm", "shared_head.norm"] { out.norm(name, norm, width: out.hidden) }
      out.enter("", .feedForward)
      out.matrix(
        "eh_proj", rows: out.hidden, columns: 2 * out.hidden, reader: .predictionInput, split: .replicated)
    }
    if streams > 1 {
      let count = Double(streams)
      for module in ["attn_hc", "ffn_hc"] {
        out.enter(module, .norm)
        out.matrix(
          "fn", rows: (2 + count) * count, columns: count * out.hidden, suffix: .none, storage: .small,
          reader: .streamWeights, split: .replicated)
        out.vector("base", (2 + count) * count)
        out.vector("scale", 3)
      }
    }
    var visitor = MixerTensors(out: out)
    mixer.with(&visitor)
    out = visitor.out
    feedForward.tensors(into: &out)
  }
}

private struct MixerTensors<Sink: TensorSink>: MixerVisitor {
  var out: TensorWriter<Sink>

  mutating func visit<Spec: Mixer>(_ spec: Spec) { spec.tensors(into: &out) }
}
