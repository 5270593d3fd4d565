import Kernels
import Testing

/// Any count of threads gives the right result: more than there is work, more than any fixed size foresaw.
@Suite struct ThreadTests {
  static let kernels: [any Kernel] = [
    StreamKernel(.read, elements: 400_000), StreamKernel(.triad, elements: 5000),
    GemmKernel(m: 33, n: 70, k: 20), GemmKernel(m: 400, n: 30, k: 9), GemvKernel(n: 500, k: 33),
    GemvKernel(n: 7, k: 33, bf16: true), RowKernel(.rmsnorm, rows: 70, width: 40),
    RowKernel(.rope, rows: 9, width: 64, headDim: 32),
    MoveKernel(tokens: 5, heads: 3, headDim: 7, toHeads: true),
    NaiveAttention(AttentionShape(length: 20, heads: 4, keyValueHeads: 2, headDim: 8)),
    FlashAttention(AttentionShape(length: 20, heads: 80, keyValueHeads: 40, headDim: 8, window: 6)),
    DecodeAttention(batch: 3, context: 40, heads: 60, keyValueHeads: 30, headDim: 8, pageTokens: 16),
    RouterKernel(tokens: 70, hidden: 16, experts: 8, topK: 2),
    ExpertsKernel(tokens: 30, hidden: 19, intermediate: 23, experts: 5, topK: 2),
    LayerKernel(
      LayerShape(
        .decode(batch: 3, context: 20), hidden: 24, heads: 4, keyValueHeads: 2, headDim: 8, intermediate: 41,
        experts: 4, topK: 2)),
  ]

  @Test(arguments: kernels.indices, [1, 65, 300]) func resultsAreRight(_ index: Int, _ threads: Int) {
    check(Self.kernels[index], threads)
  }

  private func check(_ kernel: some Kernel, _ threads: Int) {
    let data = kernel.makeData(.best, threads: threads)
    kernel.run(data, .best, threads: threads)
    #expect(kernel.error(data) < 1e-4, "\(kernel.name) \(kernel.shape)")
  }
}
