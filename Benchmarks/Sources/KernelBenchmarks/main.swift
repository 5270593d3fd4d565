import Kernels

// Line accesses a second of the cache simulator at 8 ways, and what counting costs a kernel that is not counted.

func seconds(_ body: () -> Void) -> Double {
  let parts = ContinuousClock().measure(body).components
  return Double(parts.seconds) + Double(parts.attoseconds) * 1e-18
}

func best(_ rounds: Int, _ body: () -> Void) -> Double { (0..<rounds).map { _ in seconds(body) }.min() ?? 0 }

simulate(GemmKernel(m: 384, n: 384, k: 384))
simulate(FlashAttention(AttentionShape(length: 1024, heads: 1, keyValueHeads: 1, headDim: 64)))
simulate(NaiveAttention(AttentionShape(length: 512, heads: 1, keyValueHeads: 1, headDim: 64)))
simulate(GemvKernel(n: 2048, k: 2048))
simulate(RowKernel(.softmax, rows: 64, width: 8192))
simulate(StreamKernel(.read, elements: 4 << 20))
simulate(StreamKernel(.triad, elements: 2 << 20))
instrument(GemmKernel(m: 256, n: 256, k: 256))
instrument(GemmKernel(m: 17, n: 96, k: 64))
instrument(RowKernel(.softmax, rows: 256, width: 256))
