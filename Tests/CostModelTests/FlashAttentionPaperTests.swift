import CostModel
import Testing

/// FlashAttention, arXiv:2205.14135 figure 2 (left): batch 64, 16 heads, length 1,024, head_dim 64, mask and
/// dropout, forward and backward, fp16, A100 40 GB.
@Suite struct FlashAttentionPaperTests {
  let study = AttentionStudy(
    batch: 64, heads: 16, length: 1024, headDim: 64, mask: true, dropout: true, backward: true)
  /// Shared memory of an A100's SM that kernels can use (NVIDIA A100 white paper).
  let sram = 164.0 * 1024

  @Test func trafficOfStandardAttention() {
    let bytes = study.standard.reduce(0) { $0 + $1.bytes }
    #expect(abs(bytes / 40.3e9 - 1) < 0.15)
  }

  @Test func trafficOfTiledAttention() {
    let bytes = study.flash(sramBytes: sram).reduce(0) { $0 + $1.bytes }
    #expect(abs(bytes / 4.4e9 - 1) < 0.15)
  }

  /// Two products forward and four backward of 2·N²·d for each head: 825 GFLOP, not the printed 66.6.
  @Test func products() {
    let one: Double = 2 * 64 * 16 * 1024 * 1024 * 64
    #expect(study.usefulMatmulFLOPs == 6 * one)
    #expect(study.standard.reduce(0) { $0 + $1.matmulFLOPs } == 6 * one)
    // The scores are computed once more in the backward pass.
    #expect(study.flash(sramBytes: sram).reduce(0) { $0 + $1.matmulFLOPs } == 7 * one)
  }

  /// M/4d columns: SRAM in elements over four tiles' width.
  @Test func blockSize() {
    #expect(study.blockColumns(sramBytes: sram) == 328)
    #expect(study.blockColumns(sramBytes: 2 * sram) == 656)
  }

  /// Halving SRAM doubles the passes; the published order is N²d²/M.
  @Test func trafficFollowsTheTheorem() {
    let long = AttentionStudy(batch: 1, heads: 1, length: 131_072, headDim: 64)
    let full = long.flash(sramBytes: 128 * 1024)[0].bytes
    let half = long.flash(sramBytes: 64 * 1024)[0].bytes
    #expect(abs(half / full - 2) < 0.02)
    let bounds = (long.bounds(sramBytes: 128 * 1024).flash, long.bounds(sramBytes: 64 * 1024).flash)
    #expect(bounds.1 / bounds.0 == 2)
  }
}
