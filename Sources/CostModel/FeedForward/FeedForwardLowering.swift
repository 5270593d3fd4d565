extension LayerStep {
  /// hidden → (gate and) up → activation → down → hidden.
  @inline(__always)
  func dense<Sink: OperatorSink>(
    _ spec: DenseSpec, _ up: OperatorKind, _ activation: OperatorKind, _ quantised: OperatorKind,
    _ down: OperatorKind, into sink: inout Sink
  ) {
    let width = spec.projectionWidth
    let inner = Double(spec.intermediate)
    product(up, outputs: width, inputs: hidden, bias: spec.bias ? width : 0, into: &sink)
    elementwise(
      activation, rows: work.tokens, readWidth: width, writeWidth: inner, flops: spec.flopsPerElement,
      into: &sink)
    quantise(quantised, width: inner, into: &sink)
    product(down, outputs: hidden, inputs: inner, bias: spec.bias ? hidden : 0, into: &sink)
  }

  /// Router, routed experts, shared expert.
  @inline(__always)
  func mixture<Sink: OperatorSink>(_ spec: MixtureSpec, skewed: Bool, into sink: inout Sink) {
    router(spec, into: &sink)
    experts(spec, skewed: skewed, into: &sink)
    if let shared = spec.shared {
      quantise(.quantiseSharedInput, width: hidden, into: &sink)
      dense(shared, .sharedGateUp, .sharedActivation, .quantiseSharedInner, .sharedDown, into: &sink)
    }
  }

  /// A product with `experts` outputs, then softmax (5 FLOPs a logit), the top-k scan (k comparisons each),
  /// and one pass over the groups' best where groups limit the choice.
  @inline(__always)
  private func router<Sink: OperatorSink>(_ spec: MixtureSpec, into sink: inout Sink) {
    let outputs = Double(spec.experts) + (spec.sharedGate ? 1 : 0)
    let logits = work.tokens * Double(spec.experts)
    let bias = spec.routerBias ? Double(spec.experts) : 0
    let grouped = spec.groups > 1 ? 2.0 : 0
    emit(
      .router, matmulFLOPs: 2 * work.tokens * outputs * hidden,
      vectorFLOPs: logits * (5 + Double(spec.topK) + grouped) + work.tokens * bias,
      traffic: lowering.productTraffic(
        rows: work.tokens, outputs: outputs, inputs: hidden, weightBytes: bytes.small,
        biasBytes: bias * bytes.small, inputBytes: bytes.activations),
      shape: .matmul(rows: work.tokens, outputs: outputs, inputs: hidden), into: &sink)
  }

  /// The fused expert layer: gather, grouped products, activation, scatter and weighted sum.
  ///
  /// Weights of the experts that the batch is expected to touch are read once (see
  /// `MixtureSpec.expectedDistinct`); every token is read and written k times, and summed. With a capacity
  /// factor every expert computes its full buffer (Switch Transformer, arXiv:2101.03961 §2.2).
  @inline(__always)
  private func experts<Sink: OperatorSink>(_ spec: MixtureSpec, skewed: Bool, into sink: inout Sink) {
    var routed = work.tokens * Double(spec.topK)
    var distinct =
      skewed
      ? lowering.routers[kind].expectedDistinct(spec, tokens: work.tokens)
      : MixtureSpec.expectedDistinct(
        experts: Double(spec.experts), topK: Double(spec.topK), tokens: work.tokens)
    if let factor = spec.capacityFactor {
      let experts = Double(spec.experts)
      routed = experts * (routed * factor / experts).rounded(.up)
      distinct = experts
    }
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
      * (routed * bytes.operand)

    // Activation reads the first product; the sum reads k rows a token.
    var streamed = routed * (width + hidden) * bytes.activations
    let biases = spec.expert.biasParameters(hidden: hidden)
    var written = (routed * (width + inner + hidden) + work.tokens * hidden) * bytes.activations
    var vector = routed * (inner * spec.expert.flopsPerElement + 2 * hidden + biases)
    if bytes.quantisesOperands {
      // Tokens once before they are gathered; the activation writes its result narrow.
      streamed += work.tokens * hidden * bytes.activations
      written += work.tokens * hidden * bytes.operand - routed * inner * (bytes.activations - bytes.operand)
      vector += (work.tokens * hidden + routed * inner) * OperandQuantisation.flopsPerElement
    }
    if bytes.expertExpansion > 0 {
      vector += bytes.expertExpansion * weights * max(distinct, routed * lowering.inverseNearTile)
    }
    emit(
      .experts, matmulFLOPs: 2 * routed * weights, vectorFLOPs: vector,
      traffic: Traffic(
        reads: weightReads + inputReads + SIMD4(repeating: streamed + distinct * biases * bytes.small),
        writes: SIMD4(repeating: written)),
      unit: .experts, shape: .experts(tokens: work.tokens, distinct: distinct), into: &sink)
  }
}
