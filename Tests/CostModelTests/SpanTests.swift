import CostModel
import Testing

@Suite struct SpanTests {
  static func brute(_ span: AttentionSpan, queries: Int, prefix: Int) -> Double {
    var pairs = 0
    for position in prefix..<(prefix + queries) {
      for key in 0..<(prefix + queries) where key <= position || !span.isCausal {
        switch span {
        case .full, .bidirectional, .windows: pairs += 1
        case .sliding(let window): pairs += position - key < window ? 1 : 0
        case .chunked(let size): pairs += position / size == key / size ? 1 : 0
        case .around(let reach): pairs += abs(position - key) <= reach ? 1 : 0
        }
      }
    }
    return Double(pairs)
  }

  @Test(arguments: [AttentionSpan.bidirectional, .around(reach: 1), .around(reach: 5), .around(reach: 40)])
  func bothWays(span: AttentionSpan) {
    for queries in [1, 2, 6, 7, 11, 12, 65, 100] {
      #expect(
        span.pairs(queries: Double(queries), prefix: 0) == Self.brute(span, queries: queries, prefix: 0),
        "\(span) \(queries)")
    }
  }

  @Test(arguments: [
    AttentionSpan.full, .sliding(window: 1), .sliding(window: 7), .sliding(window: 64), .chunked(size: 5),
    .chunked(size: 16),
  ])
  func closedFormsAgreeWithCounting(span: AttentionSpan) {
    for queries in [1, 2, 6, 7, 8, 31, 64, 65] {
      for prefix in [0, 1, 4, 5, 6, 40] {
        #expect(
          span.pairs(queries: Double(queries), prefix: Double(prefix))
            == Self.brute(span, queries: queries, prefix: prefix), "\(span) \(queries) \(prefix)")
      }
    }
  }

  /// W(W+1)/2 + (S − W)·W, without a jump where the length passes the window.
  @Test func windowedPrefillHasNoJump() {
    let w = 4096.0
    let span = AttentionSpan.sliding(window: 4096)
    for s in [4096.0, 4097, 8192, 32_768] {
      let counted: Double = w * (w + 1) / 2 + (s - w) * w
      #expect(span.pairs(queries: s, prefix: 0) == counted)
    }
    let step = span.pairs(queries: 4097, prefix: 0) / span.pairs(queries: 4096, prefix: 0)
    #expect(step < 1.001)
  }

  /// Mistral 7B (arXiv:2310.06825 §2): 32 layers of window 4,096, “approximately 131K tokens”.
  @Test func mistralsSpan() {
    let model = KnownModels.llama(
      "mistral-7b", hidden: 4096, layers: 32, heads: 32, kvHeads: 8, inner: 14_336, vocabulary: 32_000,
      span: .sliding(window: 4096))
    let reach = ReceptiveField.byDepth(model)
    #expect(reach.first == 4096)
    #expect(reach.last == 131_041)
    #expect(32 * 4096 == 131_072)
    #expect(ReceptiveField.depth(covering: 32_768, in: model) == 9)
    // Its cache at 32k: 0.5 GiB, not 4.
    let halfGibibyte: Double = 536_870_912
    #expect(model.cacheBytes(batch: 1, length: 32_768, format: .bf16) == halfGibibyte)
  }

  @Test func rotaryReach() {
    // Llama 3.1 (config.json): θ 500,000, factor 8 over 8,192, low 1, high 4.
    let spec = RotarySpec(
      theta: 500_000,
      scaling: .llama3(factor: 8, originalContext: 8192, lowFrequency: 1, highFrequency: 4))
    let reach = RotaryReach(spec, headDim: 128, maxPositions: 131_072)
    // λᵢ = 2π·θ^(i/64): above 8,192 from i = 64·ln(8192/2π)/ln θ = 34.98, below 2,048 up to i = 28.2.
    #expect(
      reach.pairs == 64 && reach.beyondTrained == 29 && reach.interpolated == 29 && reach.unchanged == 29)
    #expect(reach.blended == 6)
    let plain = RotaryReach(RotarySpec(), headDim: 128, maxPositions: 4096)
    #expect(plain.unchanged == 64 && plain.factor == 1)
    let linear = RotaryReach(RotarySpec(scaling: .linear(factor: 4)), headDim: 64, maxPositions: 16_384)
    #expect(linear.interpolated == 32 && linear.trained == 4096)
  }
}
