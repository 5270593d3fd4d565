extension LayerStep {
  /// hidden → (gate and) up → activation → down → hidden.
  @inline(__always)
  func dense<Sink: OperatorSink>(
    _ spec: DenseSpec, _ up: OperatorKind, _ activation: OperatorKind, _ down: OperatorKind,
    into sink: inout Sink
  ) {
    let width = spec.projectionWidth
    let inner = Double(spec.intermediate)
    product(up, outputs: width, inputs: hidden, bias: spec.bias ? width : 0, into: &sink)
    elementwise(
      activation, rows: work.tokens, readWidth: width, writeWidth: inner, flops: spec.flopsPerElement,
      into: &sink)
    product(down, outputs: hidden, inputs: inner, bias: spec.bias ? hidden : 0, into: &sink)
  }

  /// Router, routed experts, shared expert.
  @inline(__always)
  func mixture<Sink: OperatorSink>(_ spec: MixtureSpec, into sink: inout Sink) {
    router(spec, into: &sink)
    experts(spec, into: &sink)
    if let shared = spec.shared {
      dense(shared, .sharedGateUp, .sharedActivation, .sharedDown, into: &sink)
    }
  }

  /// A product with `experts` outputs, then softmax (5 FLOPs a logit) and the top-k scan (k comparisons each).
  @inline(__always)
  private func router<Sink: OperatorSink>(_ spec: MixtureSpec, into sink: inout Sink) {
    let outputs = Double(spec.experts) + (spec.sharedGate ? 1 : 0)
    let logits = work.tokens * Double(spec.experts)
    let bias = spec.routerBias ? Double(spec.experts) : 0
    emit(
      .router, matmulFLOPs: 2 * work.tokens * outputs * hidden,
      vectorFLOPs: logits * (5 + Double(spec.topK)) + work.tokens * bias,
      traffic: lowering.productTraffic(
        rows: work.tokens, outputs: outputs, inputs: hidden, weightBytes: bytes.small,
        biasBytes: bias * bytes.small),
      shape: .matmul(rows: work.tokens, outputs: outputs, inputs: hidden), into: &sink)
  }

  /// The fused expert layer: gather, grouped products, activation, scatter and weighted sum.
  ///
  /// Weights of the experts that the batch is expected to touch are read once (see
  /// `MixtureSpec.expectedDistinct`); every token is read and written k times, and summed.
  @inline(__always)
  private func experts<Sink: OperatorSink>(_ spec: MixtureSpec, into sink: inout Sink) {
    let topK = Double(spec.topK)
    let routed = work.tokens * topK
    let distinct = MixtureSpec.expectedDistinct(
      experts: Double(spec.experts), topK: topK, tokens: work.tokens)
    let width = spec.expert.projectionWidth
    let inner = Double(spec.expert.intermediate)
    let weights = hidden * (width + inner)

    // Each expert's weights once, or once per tile of rows; each row once, or once per tile of outputs. Below
    // a shared level the few rows of an expert stay inside while its weights pass.
    let one = SIMD4<Double>(repeating: 1)
    let tile = lowering.inverseTile
    let passes = elementwiseMax(SIMD4(repeating: distinct), routed * tile)
    let weightReads = passes * (weights * bytes.experts)
    let inputPasses = elementwiseMax(one, width * tile) * hidden + elementwiseMax(one, hidden * tile) * inner
    let inputReads =
      inputPasses.replacing(
        with: SIMD4(repeating: hidden + inner), where: lowering.machine.nextIsShared)
      * (routed * bytes.activations)

    // Activation reads the first product; the sum reads k rows a token.
    let streamed = routed * (width + hidden) * bytes.activations
    let small = distinct * spec.expert.biasParameters(hidden: hidden) * bytes.small
    let written = (routed * (width + inner + hidden) + work.tokens * hidden) * bytes.activations
    let biasFLOPs = routed * spec.expert.biasParameters(hidden: hidden)
    emit(
      .experts, matmulFLOPs: 2 * routed * weights,
      vectorFLOPs: routed * (inner * spec.expert.flopsPerElement + 2 * hidden) + biasFLOPs,
      traffic: Traffic(
        reads: weightReads + inputReads + SIMD4(repeating: streamed + small),
        writes: SIMD4(repeating: written)),
      unit: .experts, shape: .experts(tokens: work.tokens, distinct: distinct), into: &sink)
  }
}
