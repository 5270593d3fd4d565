import Kernels

/// Line accesses a second of the cache simulator at 8 ways, and what counting costs a kernel that is not counted.
func seconds(_ body: () -> Void) -> Double {
  let parts = ContinuousClock().measure(body).components
  return Double(parts.seconds) + Double(parts.attoseconds) * 1e-18
}

func best(_ rounds: Int, _ body: () -> Void) -> Double { (0..<rounds).map { _ in seconds(body) }.min() ?? 0 }

func instrument(_ kernel: some Kernel) {
  let data = kernel.makeData(.best, threads: 1)
  var off = NoCounter()
  kernel.run(data, .best, threads: 1)
  let plain = best(9) { kernel.run(data, .best, threads: 1) }
  let generic = best(9) { kernel.execute(data, .best, &off) }
  let counted = best(9) { _ = kernel.count(data, .best) }
  print(
    "instrument, \(kernel.name) \(kernel.shape): run \(plain * 1e6) us, off \(generic / plain), counting \(counted / plain)"
  )
}

simulate(GemmKernel(m: 384, n: 384, k: 384))
simulate(FlashAttention(AttentionShape(length: 1024, heads: 1, keyValueHeads: 1, headDim: 64)))
simulate(NaiveAttention(AttentionShape(length: 512, heads: 1, keyValueHeads: 1, headDim: 64)))
simulate(GemvKernel(n: 2048, k: 2048))
simulate(RowKernel(.softmax, rows: 64, width: 8192))
simulate(StreamKernel(.read, elements: 4 << 20))
simulate(StreamKernel(.triad, elements: 2 << 20))
instrument(GemmKernel(m: 256, n: 256, k: 256))
instrument(GemvKernel(n: 1024, k: 1024))
