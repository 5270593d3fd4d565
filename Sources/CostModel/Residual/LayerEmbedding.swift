/// Embeddings of each layer's own (Gemma 3n, Google 2025): one row of a second table holds `width` numbers a layer for each
/// token; a product of the token's usual embedding is added to them, and every layer ends by letting its part gate a
/// narrow product of the residual stream.
///
/// Its table is read by one row a token, so that engines may leave it in the host's memory.
public struct LayerEmbeddingSpec: Hashable, Sendable {
  /// Numbers of one token and layer (`hidden_size_per_layer_input`).
  public var width: Int
  /// Rows of the table (`vocab_size_per_layer_input`).
  public var vocabulary: Int
  /// Layers that a row holds numbers for: all of the model's, also where a stage runs a part of them.
  public var layers: Int
  /// Between the gate's product and the token's numbers.
  public var activation: Activation

  /// Gated by the tanh form of GELU unless told otherwise, as in all known models.
  public init(width: Int, vocabulary: Int, layers: Int, activation: Activation = .geluTanh) {
    self.width = width
    self.vocabulary = vocabulary
    self.layers = layers
    self.activation = activation
  }

  /// Numbers of one token.
  public var rowWidth: Double { Double(layers) * Double(width) }
}

extension LayerEmbeddingSpec {
  /// Outside the layers: the table, and the product that the token's embedding passes through.
  func tensors<Sink: TensorSink>(into out: inout TensorWriter<Sink>) {
    out.enter("model", .embedding)
    out.matrix(
      "embed_tokens_per_layer", rows: Double(vocabulary), columns: rowWidth, storage: .embedding,
      reader: .layerEmbedding, split: .outputs)
    out.enter("model", .feedForward)
    out.matrix(
      "per_layer_model_projection", rows: rowWidth, columns: out.hidden, reader: .layerInputProjection,
      split: .replicated)
    out.enter("model", .norm)
    out.norm("per_layer_projection_norm", width: Double(width))
  }

  /// In each layer.
  func layerTensors<Sink: TensorSink>(into out: inout TensorWriter<Sink>) {
    let width = Double(width)
    out.enter("", .feedForward)
    out.matrix(
      "per_layer_input_gate", rows: width, columns: out.hidden, reader: .layerInputGate, split: .replicated)
    out.matrix(
      "per_layer_projection", rows: out.hidden, columns: width, reader: .layerOutputProjection,
      split: .replicated)
    out.enter("", .norm)
    out.norm("post_per_layer_input_norm", width: out.hidden)
  }
}

extension Lowering {
  /// One row of the table a token, the product of its embedding, normed layer by layer, and their scaled sum.
  @inline(never)
  func embed<Sink: CallSink>(_ spec: LayerEmbeddingSpec, in step: Step, into sink: inout Sink) {
    let width = spec.rowWidth
    rows(
      .layerEmbedding,
      RowsCall(
        .embed, rows: step.tokens, readWidth: width, writeWidth: width, flopsPerElement: 0,
        bytesPerRow: Self.tokenBytes),
      formats.layerEmbedding, in: step, into: &sink)
    product(.layerInputProjection, outputs: width, inputs: hidden, in: step, into: &sink)
    // Scaled before the norm and, with the table's row, behind it.
    rows(
      .layerInputNorm,
      RowsCall(
        .norm, rows: step.tokens, readWidth: 2 * width, writeWidth: width,
        flopsPerElement: NormSpec.rms.flopsPerElement + 3, weights: Double(spec.width)), formats.rows,
      in: step, into: &sink)
  }

  /// What ends a layer: hidden → width, times the token's own numbers, → hidden, norm, residual.
  @inline(never)
  func layerInput<Sink: CallSink>(_ spec: LayerEmbeddingSpec, in step: Step, into sink: inout Sink) {
    let width = Double(spec.width)
    product(.layerInputGate, outputs: width, inputs: hidden, in: step, into: &sink)
    elementwise(
      .layerInputActivation, .activate, readWidth: 2 * width, writeWidth: width,
      flops: spec.activation.flops + 1, in: step, into: &sink)
    product(.layerOutputProjection, outputs: hidden, inputs: width, in: step, into: &sink)
    norm(.layerOutputNorm, .rms, in: step, into: &sink)
    // Of several streams it reaches all but the one that the layer ran on.
    let reached = hidden * max(1, Double((outer.alternating?.streams ?? 1) - 1))
    elementwise(
      .layerInputResidual, .add, readWidth: reached + hidden, writeWidth: reached, flops: 1, in: step,
      into: &sink)
  }
}
