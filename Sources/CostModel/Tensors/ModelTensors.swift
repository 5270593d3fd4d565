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
    out.enter("model", .norm)
    if embeds, let embeddingNorm { out.norm("word_embeddings_layernorm", embeddingNorm, width: out.hidden) }
    for (index, layers) in kindCounts.enumerated() where layers > 0 {
      out.enter(layerKind: index, layers: Double(layers))
      kinds[index].layer.tensors(into: &out)
    }
    out.enter(layerKind: nil, layers: 1)
    if predicts {
      end(into: &out)
    }
    sink = out.sink
  }

  private func end<Sink: TensorSink>(into out: inout TensorWriter<Sink>) {
    out.enter("model", .norm)
    if let finalNorm { out.norm("norm", finalNorm, width: out.hidden) }
    out.enter("", .lmHead)
    if !tiedEmbeddings {
      out.matrix(
        "lm_head", rows: Double(vocabulary), columns: out.hidden, storage: .lmHead, reader: .lmHead,
        split: .outputs)
    }
    if lmHeadBias { out.vector("lm_head", Double(vocabulary), .bias, split: .outputs) }
  }
}

extension LayerSpec {
  /// Norms around the mixer, the mixer, norms around the feed-forward, the feed-forward.
  func tensors<Sink: TensorSink>(into out: inout TensorWriter<Sink>) {
    out.enter("", .norm)
    if mixer != .none {
      if norms != .post { out.norm("input_layernorm", norm, width: out.hidden) }
      if norms == .post || norms == .sandwich {
        out.norm("post_attention_layernorm", norm, width: out.hidden)
      }
    }
    if hasNormBeforeFeedForward {
      out.norm(
        norms == .sandwich ? "pre_feedforward_layernorm" : "post_attention_layernorm", norm,
        width: out.hidden)
    }
    if feedForward != .none, norms == .post || norms == .sandwich {
      out.norm("post_feedforward_layernorm", norm, width: out.hidden)
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
