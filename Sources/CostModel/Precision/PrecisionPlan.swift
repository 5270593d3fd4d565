/// Which number format each class of tensor is stored in, and which one the matrix units compute in.
public struct PrecisionPlan: Hashable, Sendable {
  /// Weights of attention and feed-forward projections.
  public var weights: NumberFormat
  /// Routed experts' weights (gpt-oss stores these alone in mxfp4).
  public var experts: NumberFormat
  /// Token and position embeddings; engines leave them at 16 bits.
  public var embedding: NumberFormat
  /// The output projection; engines leave it at 16 bits.
  public var lmHead: NumberFormat
  /// Norm weights, biases, router.
  public var small: NumberFormat
  /// The residual stream and what passes between kernels.
  public var activations: NumberFormat
  /// What the inputs of weight products are brought to before the matrix units; `activations`, or narrower.
  public var operand: NumberFormat
  /// What attention's products run in, where narrower than `activations` (FlashAttention-3 in fp8).
  public var attention: NumberFormat?
  /// Keys, values and latents in the cache.
  public var kvCache: NumberFormat
  /// Scales of products' inputs stand in the checkpoint instead of being found for each row.
  public var staticScales = false
  /// Tensors that are stored otherwise than their class; the first that fits holds.
  public var rules: [PrecisionRule] = []

  /// Everything in one format, as in a 16- or 32-bit checkpoint.
  public init(uniform format: NumberFormat) {
    weights = format
    experts = format
    embedding = format
    lmHead = format
    small = format
    activations = format
    operand = format
    kvCache = format
  }

  /// Quantized linear layers over 16-bit embeddings, head and norms.
  ///
  /// - Parameters:
  ///   - weights: format of the projections and experts.
  ///   - base: 16-bit format of what stays unquantized, activations and the cache among it.
  public init(weights: NumberFormat, base: NumberFormat) {
    self.init(uniform: base)
    self.weights = weights
    self.experts = weights
  }

  /// The format a class of tensors is stored in, whatever the rules say of single ones.
  public func format(of tensor: Tensor) -> NumberFormat {
    switch tensor.storage {
    case .embedding: embedding
    case .lmHead: lmHead
    case .weights: weights
    case .experts: experts
    case .small: small
    case .tower: activations
    }
  }

  /// FLOPs to expand one stored weight, 0 where the matrix units take it as it is stored.
  func expansionFLOPs(of format: NumberFormat) -> Double {
    format == operand || format == activations
      || compute(weights: format, operand: operand(for: format)).takes(format)
      ? 0 : format.expansionFLOPs
  }

  /// FLOPs that quantizing one element of a product's input takes.
  var quantizationFLOPs: Double {
    staticScales
      ? OperandQuantization.staticFLOPsPerElement : OperandQuantization.dynamicFLOPsPerElement
  }

  /// What inputs of products are brought to beside weights in `format`.
  func operand(for format: NumberFormat) -> NumberFormat {
    // Beside narrow experts the others' inputs stay as wide as their weights.
    if format == activations, weights != experts { return activations }
    if rules.isEmpty || format == weights || format == experts { return operand }
    return operand == activations ? activations : format.operand(beside: activations)
  }

  /// The arithmetic of weights that rules store in yet another format.
  var otherCompute: ComputeFormat? {
    let known = [compute(weights: weights), compute(weights: experts), compute(weights: lmHead)]
    return rules.lazy.map { compute(weights: $0.format, operand: operand(for: $0.format)) }
      .first { !known.contains($0) && $0 != ComputeFormat(activations: activations) }
  }

  /// What the matrix units run in: quantized to 8 or 4 bits on both sides → that unit; otherwise the
  /// activations' format, weights being expanded on the way.
  public func compute(weights: NumberFormat) -> ComputeFormat { compute(weights: weights, operand: operand) }

  func compute(weights: NumberFormat, operand: NumberFormat) -> ComputeFormat {
    switch (weights, operand) {
    case (.fp8, .fp8), (.fp8Block, .fp8), (.fp8Block, .fp8Block), (.fp8, .fp8Block),
      (.mxfp8, .mxfp8):
      .fp8
    case (.int8, .int8): .int8
    case (.nvfp4, .nvfp4), (.mxfp4, .mxfp4): .fp4
    case (.int4, .int4): .int4
    // llama.cpp brings inputs to 8 bits a block too, on every back end (ggml's mul_mat).
    case (.gguf, _), (.mixed, _): .int8
    default: ComputeFormat(activations: activations)
    }
  }

  /// The plan as engines run it on a device: where it has no unit for narrow weights beside narrow inputs, weights
  /// alone are narrow and expanded on the way.
  func adapted(to profile: HardwareProfile) -> PrecisionPlan {
    guard operand.isNarrow else { return self }
    let formats = [weights, experts, lmHead] + rules.map(\.format)
    let wide = ComputeFormat(activations: activations)
    let lacks = formats.contains {
      let wanted = compute(weights: $0, operand: operand(for: $0))
      return wanted != wide && profile.peak(wanted) == nil
    }
    guard lacks else { return self }
    var plan = self
    plan.operand = activations
    return plan
  }
}

/// The kinds of arithmetic a device quotes a peak for.
public enum ComputeFormat: Int, CaseIterable, Hashable, Sendable {
  case fp64, fp32, tf32, bf16, fp16, fp8, fp6, fp4, int8, int4

  /// Name as in hardware profiles.
  public var name: String { "\(self)" }

  /// Its units read `format` without expanding it.
  func takes(_ format: NumberFormat) -> Bool {
    switch (self, format) {
    case (.fp8, .fp8), (.fp8, .fp8Block), (.int8, .int8), (.fp4, .nvfp4), (.fp4, .mxfp4), (.int4, .int4),
      (.int8, .gguf), (.int8, .mixed),
      (.tf32, .fp32), (.tf32, .tf32), (.fp32, .fp32), (.bf16, .bf16), (.fp16, .fp16):
      true
    default: false
    }
  }

  /// The unit of that name, if there is one; case does not matter.
  public init?(name: String) {
    guard let found = Self.allCases.first(where: { $0.name == name.lowercased() }) else { return nil }
    self = found
  }

  /// What products of numbers in that format compute in.
  public init(activations: NumberFormat) {
    switch activations {
    case .fp32: self = .fp32
    case .tf32: self = .tf32
    case .fp16: self = .fp16
    case .fp8, .fp8Block: self = .fp8
    case .int8: self = .int8
    case .mxfp4, .nvfp4: self = .fp4
    default: self = .bf16
    }
  }

  /// What a device without this unit computes in instead, nearest first; each is at least as precise.
  public var fallbacks: [ComputeFormat] {
    switch self {
    case .fp4, .fp6: [.fp8, .bf16, .fp16, .fp32]
    case .fp8: [.bf16, .fp16, .fp32]
    case .int4: [.int8, .bf16, .fp16, .fp32]
    case .int8: [.bf16, .fp16, .fp32]
    case .bf16: [.fp16, .fp32]
    case .fp16: [.bf16, .fp32]
    case .tf32: [.fp32]
    case .fp32, .fp64: []
    }
  }
}
