/// The formats of each class of call under a precision plan.
struct ModelFormats: Sendable {
  let linear, experts, lmHead: CallFormats
  /// The router stays unquantized.
  let router: CallFormats
  /// Latent attention's own products: cached latents expanded, and queries or outputs absorbed.
  let latentExpansion, absorption: CallFormats
  /// Over the cache, and over keys and values that were just computed and never quantized.
  let attention, freshAttention: CallFormats
  let rows, quantize, cacheWrite, embedding: CallFormats
  /// Recurrences run their products at attention's peak.
  let scan: CallFormats
  /// Products' inputs are quantized by a kernel of its own.
  let quantizesOperands: Bool

  init(_ plan: PrecisionPlan) {
    func formats(
      _ unit: MatrixUnit, stored: NumberFormat, input: NumberFormat, output: NumberFormat? = nil,
      expansion: Double = 0
    ) -> CallFormats {
      CallFormats(
        stored: stored, input: input, output: output ?? plan.activations, small: plan.small, unit: unit,
        compute: plan.computeFormat(of: unit), expansionFLOPs: expansion)
    }
    let expansion = plan.expansionFLOPs(of: plan.weights)
    linear = formats(.linear, stored: plan.weights, input: plan.operand, expansion: expansion)
    experts = formats(
      .experts, stored: plan.experts, input: plan.operand, expansion: plan.expansionFLOPs(of: plan.experts))
    lmHead = formats(
      .lmHead, stored: plan.lmHead, input: plan.activations, expansion: plan.expansionFLOPs(of: plan.lmHead))
    router = formats(.linear, stored: plan.small, input: plan.activations)
    latentExpansion = formats(.linear, stored: plan.weights, input: plan.kvCache, expansion: expansion)
    absorption = formats(.linear, stored: plan.weights, input: plan.activations, expansion: expansion)
    attention = formats(
      .attention, stored: plan.kvCache, input: plan.activations,
      expansion: plan.kvCache == plan.activations ? 0 : plan.kvCache.expansionFLOPs)
    freshAttention = formats(.attention, stored: plan.activations, input: plan.activations)
    rows = formats(.linear, stored: plan.small, input: plan.activations)
    scan = formats(.attention, stored: plan.small, input: plan.activations)
    quantize = formats(.linear, stored: plan.small, input: plan.activations, output: plan.operand)
    cacheWrite = formats(.linear, stored: plan.small, input: plan.activations, output: plan.kvCache)
    embedding = formats(.linear, stored: plan.embedding, input: plan.embedding)
    quantizesOperands = plan.operand.bytesPerElement != plan.activations.bytesPerElement
  }
}
