import Kernels
import Testing

/// Formula against simulated caches, wherever the formula claims to hold.
@Suite struct SimulatorTests {
  static let sizes = [4096, 16384, 65536, 262_144]

  static let kernels: [any Kernel] = [
    StreamKernel(.triad, elements: 40_000), StreamKernel(.read, elements: 100_000),
    GemmKernel(m: 192, n: 192, k: 192, mc: 48, kc: 48, nc: 96),
    GemmKernel(m: 240, n: 192, k: 96),
    GemvKernel(n: 256, k: 512), GemvKernel(n: 256, k: 1024, bf16: true),
    RowKernel(.rmsnorm, rows: 64, width: 2048), RowKernel(.softmax, rows: 64, width: 2048),
    RowKernel(.swiglu, rows: 32, width: 1024), RowKernel(.rope, rows: 64, width: 1024, headDim: 128),
    NaiveAttention(AttentionShape(length: 256, heads: 2, keyValueHeads: 1, headDim: 64)),
    FlashAttention(AttentionShape(length: 512, heads: 2, keyValueHeads: 1, headDim: 64)),
    FlashAttention(
      AttentionShape(length: 512, heads: 1, keyValueHeads: 1, headDim: 64, window: 128), queryBlock: 24,
      keyBlock: 32),
    DecodeAttention(batch: 2, context: 512, heads: 8, keyValueHeads: 2, headDim: 64),
    DecodeAttention(batch: 2, context: 512, heads: 4, keyValueHeads: 4, headDim: 64, pageTokens: 16),
  ]

  @Test(arguments: kernels.indices) func formulaHolds(_ index: Int) throws { try check(Self.kernels[index]) }

  private func check(_ kernel: some Kernel) throws {
    let arithmetic = Arithmetic.best
    let bound = kernel.name.hasPrefix("attention") && kernel.name != "attention-naive" ? 0.10 : 0.05
    for size in Self.sizes {
      let geometry = try #require(CacheGeometry(bytes: size, ways: 16))
      let caches = try #require(CacheHierarchy([geometry]))
      let data = kernel.makeData(arithmetic, threads: 1)
      kernel.simulate(data, arithmetic, caches)
      let value = kernel.formula(arithmetic).below(capacityBytes: Double(size), writeAllocate: true)
      let simulated = caches.bytesBelow(0)
      let total = simulated.reads + simulated.writes
      let difference = abs(total - value.total) / total
      #expect(
        value.inTransition || difference <= bound,
        "\(kernel.name) \(kernel.shape) \(size): \(value) against \(simulated)")
    }
  }

  @Test func leastRecentlyUsedIsEvictedAndDirtyLinesAreWritten() throws {
    let geometry = try #require(CacheGeometry(bytes: 256, ways: 2))
    let caches = try #require(CacheHierarchy([geometry]))
    // Lines 0, 2, 4 share a set of two ways.
    for (line, writes) in [(0, true), (2, false), (0, false), (4, false)] {
      caches.touch(address: UInt64(line * 64), 4, writes: writes)
    }
    #expect(caches.fills == [3] && caches.writeBacks == [0])
    caches.touch(address: 2 * 64, 4, writes: false)
    #expect(caches.fills == [4] && caches.writeBacks == [1])
    caches.flush()
    #expect(caches.writeBacks == [1])
  }

  @Test func levelsPassMissesOnAndKeepWhatTheyHold() throws {
    let near = try #require(CacheGeometry(bytes: 1024, ways: 4))
    let far = try #require(CacheGeometry(bytes: 8192, ways: 8))
    let caches = try #require(CacheHierarchy([near, far]))
    for _ in 0..<10 { caches.touch(address: 4096, 4096, writes: true) }
    #expect(caches.fills == [640, 64])
    caches.flush()
    #expect(caches.writeBacks == [640, 64])
    #expect(CacheGeometry(bytes: 3000, ways: 4) == nil && CacheHierarchy([]) == nil)
  }
}
