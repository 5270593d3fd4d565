import Kernels
import Testing

@Suite struct RowAndAttentionTests {
  @Test(arguments: [(1, 2), (3, 6), (5, 34), (7, 130), (16, 64)])
  func rowsAreRightAndCountToTheByte(_ rows: Int, _ width: Int) {
    for operation in RowKernel.Operation.allCases {
      checkKernel(RowKernel(operation, rows: rows, width: width))
    }
    checkKernel(RowKernel(.rope, rows: rows, width: width * 3, headDim: width))
  }

  static let shapes = [
    AttentionShape(length: 1, heads: 1, keyValueHeads: 1, headDim: 3),
    AttentionShape(length: 17, heads: 2, keyValueHeads: 1, headDim: 8),
    AttentionShape(length: 64, heads: 2, keyValueHeads: 2, headDim: 32),
    AttentionShape(length: 75, heads: 4, keyValueHeads: 2, headDim: 20),
    AttentionShape(length: 75, heads: 3, keyValueHeads: 1, headDim: 16, window: 9),
    AttentionShape(length: 40, heads: 1, keyValueHeads: 1, headDim: 33, window: 64),
  ]

  @Test(arguments: shapes) func naiveAttention(_ shape: AttentionShape) {
    checkKernel(NaiveAttention(shape))
    checkKernel(NaiveAttention(shape, mc: 24, kc: 16, nc: 32))
  }

  @Test(arguments: shapes) func tiledAttention(_ shape: AttentionShape) {
    checkKernel(FlashAttention(shape))
    checkKernel(FlashAttention(shape, queryBlock: 13, keyBlock: 64))
  }

  @Test(arguments: [1, 2, 4], [0, 1, 8, 16]) func decoding(_ keyValueHeads: Int, _ page: Int) {
    for context in [1, 33, 70] {
      checkKernel(
        DecodeAttention(
          batch: 3, context: context, heads: 4, keyValueHeads: keyValueHeads, headDim: 20, pageTokens: page))
    }
  }
}
