import CostModel

/// Models as their papers and configs state them.
enum KnownModels {
  static func llama(
    _ name: String, hidden: Int, layers: Int, heads: Int, kvHeads: Int, inner: Int, vocabulary: Int,
    span: AttentionSpan = .full, experts: MixtureSpec? = nil
  ) -> ModelSpec {
    let attention = AttentionSpec(
      heads: heads, keyValueHeads: kvHeads, headDim: hidden / heads, span: span)
    let feedForward: FeedForwardSpec =
      if let experts { .mixture(experts) } else { .dense(DenseSpec(intermediate: inner)) }
    let layer = LayerSpec(mixer: .attention(attention), feedForward: feedForward)
    return ModelSpec(
      name: name, hidden: hidden, vocabulary: vocabulary, kinds: [LayerKind(name: "decoder", layer: layer)],
      pattern: Array(repeating: 0, count: layers))
  }

  static func gpt(_ name: String, hidden: Int, layers: Int, heads: Int, positions: Int) -> ModelSpec {
    let attention = AttentionSpec(
      heads: heads, keyValueHeads: heads, headDim: hidden / heads, position: .none, bias: true)
    let feedForward = DenseSpec(
      intermediate: 4 * hidden, gated: false, bias: true, activation: .geluTanh)
    let layer = LayerSpec(mixer: .attention(attention), feedForward: .dense(feedForward), norm: .layer)
    return ModelSpec(
      name: name, hidden: hidden, vocabulary: 50_257, kinds: [LayerKind(name: "decoder", layer: layer)],
      pattern: Array(repeating: 0, count: layers), tiedEmbeddings: true,
      embeddingPosition: .learned(length: positions), finalNorm: .layer)
  }

  static let llama3_8b = llama(
    "llama-3-8b", hidden: 4096, layers: 32, heads: 32, kvHeads: 8, inner: 14_336, vocabulary: 128_256)
  static let llama3_70b = llama(
    "llama-3-70b", hidden: 8192, layers: 80, heads: 64, kvHeads: 8, inner: 28_672, vocabulary: 128_256)
  static let mixtral = llama(
    "mixtral-8x7b", hidden: 4096, layers: 32, heads: 32, kvHeads: 8, inner: 0, vocabulary: 32_000,
    experts: MixtureSpec(experts: 8, topK: 2, expert: DenseSpec(intermediate: 14_336)))
  static let gpt3 = gpt("gpt-3-175b", hidden: 12_288, layers: 96, heads: 96, positions: 2048)

  /// H100 SXM, data sheet figures.
  static let h100 = HardwareProfile(
    name: "h100-sxm",
    levels: [
      MemoryLevel(name: "hbm", capacityBytes: 80 * 1_073_741_824, bytesPerSecond: 3.35e12),
      MemoryLevel(name: "l2", capacityBytes: 50 * 1_048_576, bytesPerSecond: 5.5e12),
      MemoryLevel(name: "sram", capacityBytes: 228 * 1024, bytesPerSecond: 30.9e12, perCore: true),
    ],
    peaks: [
      Peak(.bf16, flopsPerSecond: 989.4e12), Peak(.fp8, flopsPerSecond: 1978.9e12),
      Peak(.tf32, flopsPerSecond: 494.7e12), Peak(.fp32, flopsPerSecond: 66.9e12),
    ], vectorFLOPsPerSecond: 66.9e12, cores: 132)
}
