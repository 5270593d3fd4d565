extension Costs {
  /// Recurrent states are kept in fp32 whatever the activations are.
  static let recurrentStateBytes = 4.0

  @inline(never)
  func scan(_ shape: ScanCall, _ formats: CallFormats) -> Work {
    switch shape.form {
    case .convolution(let channels, let kernel, let bias):
      convolution(shape, channels: channels, kernel: kernel, bias: bias ? 1 : 0, formats)
    case .stateSpace(let spec): stateSpace(shape, spec, formats)
    case .delta(let spec): delta(shape, spec, formats)
    case .lightning(let spec): lightning(shape, spec, formats)
    }
  }

  /// The last taps of each sequence are kept.
  private func convolution(
    _ shape: ScanCall, channels: Double, kernel: Double, bias: Double, _ formats: CallFormats
  ) -> Work {
    let tail = shape.sequences * channels * (kernel - 1) * formats.inputBytes
    let elements = shape.sequences * shape.queries * channels
    return Work(
      vectorFLOPs: elements * (2 * kernel + bias + Activation.silu.flops),
      traffic: Traffic(
        streamingReads: elements * formats.inputBytes + (shape.hasPast ? tail : 0)
          + channels * (kernel + bias) * formats.smallBytes,
        writes: elements * formats.outputBytes + tail)
    ).beside(shape.compulsory(formats))
  }

  private func stateSpace(_ shape: ScanCall, _ spec: StateSpaceSpec, _ formats: CallFormats) -> Work {
    let tokens = shape.sequences * shape.queries
    let inner = Double(spec.inner)
    switch spec.version {
    case .mamba:
      // exp(ΔA)·h + ΔB·x, then C·h: 8 per state element; softplus of the step 3, skip 2, gate 5 a channel.
      return recurrence(
        shape, readWidth: 3 * inner + 2 * Double(spec.state), writeWidth: inner,
        stateElements: spec.stateElements, matmulFLOPs: 0,
        vectorFLOPs: tokens * (8 * spec.stateElements + 10 * inner), formats)
    case .mamba2(_, let groups, let chunk):
      // State-space duality (arXiv:2405.21060 §6): within a chunk C·Bᵀ and its product with X over the allowed
      // pairs, between chunks a state built and read; one token at a time 5 per state element.
      let shared = Double(groups) * Double(spec.state)
      let pairs =
        shape.sequences * CausalPairs.chunked(queries: shape.queries, prefix: 0, size: Double(chunk))
      let products = pairs * 2 * (shared + inner) + tokens * 4 * spec.stateElements
      let single = shape.queries <= 1
      return recurrence(
        shape, readWidth: 2 * inner + 2 * shared + spec.heads, writeWidth: inner,
        stateElements: spec.stateElements, matmulFLOPs: single ? 0 : products,
        vectorFLOPs: tokens * 10 * inner
          + (single ? tokens * 5 * spec.stateElements : pairs * 3 * spec.heads), formats)
    }
  }

  /// Chunked form (arXiv:2412.06464 §3.3): per allowed pair k·kᵀ, q·kᵀ, the corrected keys and values, and the
  /// output; per token three products with the state. One token at a time: decay, recall, correct, read.
  private func delta(_ shape: ScanCall, _ spec: DeltaSpec, _ formats: CallFormats) -> Work {
    let tokens = shape.sequences * shape.queries
    let heads = Double(spec.valueHeads)
    let pairs =
      shape.sequences * CausalPairs.chunked(queries: shape.queries, prefix: 0, size: DeltaSpec.chunk)
    let single = shape.queries <= 1
    let products = heads * (pairs * 2 * (3 * Double(spec.keyDim) + 2 * Double(spec.valueDim)))
    return recurrence(
      shape, readWidth: spec.convolved + heads + spec.decays, writeWidth: spec.valueWidth,
      stateElements: spec.stateElements, matmulFLOPs: single ? 0 : products + tokens * 6 * spec.stateElements,
      vectorFLOPs: single ? tokens * 7 * spec.stateElements : pairs * 3 * heads, formats)
  }

  /// The state is read once (if there is a past), kept on the chip between chunks, written once.
  func recurrence(
    _ shape: ScanCall, readWidth: Double, writeWidth: Double, stateElements: Double, matmulFLOPs: Double,
    vectorFLOPs: Double, _ formats: CallFormats
  ) -> Work {
    let tokens = shape.sequences * shape.queries
    let state = shape.sequences * stateElements * Self.recurrentStateBytes
    return Work(
      matmulFLOPs: matmulFLOPs, vectorFLOPs: vectorFLOPs,
      traffic: Traffic(
        streamingReads: tokens * readWidth * formats.inputBytes + (shape.hasPast ? state : 0),
        writes: tokens * writeWidth * formats.outputBytes + state)
    ).beside(shape.compulsory(formats))
  }
}
