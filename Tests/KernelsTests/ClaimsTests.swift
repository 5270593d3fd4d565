import Kernels
import Testing

@Suite struct ClaimsTests {
  @Test func tiledAttentionMovesATwentiethAt8192() throws {
    let naive = try #require(
      Claims.rows().first { $0.kernel == "attention-naive" && $0.shape.contains("len=8192") })
    let tiled = try #require(
      Claims.rows().first { $0.kernel == "attention-flash" && $0.shape.contains("len=8192") })
    #expect(naive.bytes > 20 * tiled.bytes)
  }

  @Test func decodeTrafficFollowsTheCountOfKeyValueHeads() {
    // Beyond the cache itself only queries, outputs and scores move, which do not shrink with the heads.
    let rows = Claims.rows().filter { $0.kernel == "decode" }
    #expect(rows.count == 3 && rows[0].bytes / rows[1].bytes > 3.7 && rows[1].bytes / rows[2].bytes > 5)
  }

  @Test func predictionsTakeTheSlowestRoof() throws {
    // Whole tiles' FLOP at 1 FLOP/s against bytes at 10^30 B/s.
    var profile = HardwareProfileFixture.slowCompute
    let kernel = GemmKernel(m: 64, n: 64, k: 64)
    let executed = kernel.phases(.best).reduce(0) { $0 + $1.productFLOPs + 2 * $1.elementwiseFLOPs }
    let compute = try #require(KernelPrediction(kernel, on: profile, warm: true))
    #expect(compute.bound == "compute" && compute.seconds == executed)
    #expect(executed >= kernel.matmulFLOPs && executed < 1.5 * kernel.matmulFLOPs)
    profile.levels[0].bytesPerSecond = 1e-6
    let memory = try #require(KernelPrediction(kernel, on: profile, warm: false))
    #expect(memory.bound == "dram")
  }
}
