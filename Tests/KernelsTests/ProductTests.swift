import Kernels
import Testing

@Suite struct ProductTests {
  @Test(arguments: [(1, 1, 1), (3, 5, 7), (13, 33, 17), (37, 65, 41), (64, 64, 64), (50, 31, 90)])
  func gemmIsRightAndCountsToTheByte(_ m: Int, _ n: Int, _ k: Int) {
    for weights in [true, false] {
      checkKernel(GemmKernel(m: m, n: n, k: k, weights: weights))
      checkKernel(GemmKernel(m: m, n: n, k: k, weights: weights, mc: 24, kc: 16, nc: 32))
      checkKernel(GemmKernel(m: m, n: n, k: k, weights: weights, mc: 13, kc: 9, nc: 21))
    }
  }

  @Test(arguments: [(1, 1), (5, 7), (64, 64), (37, 129), (130, 33)])
  func gemvIsRightAndCountsToTheByte(_ n: Int, _ k: Int) {
    checkKernel(GemvKernel(n: n, k: k))
    checkKernel(GemvKernel(n: n, k: k, bf16: true))
  }

  @Test(arguments: [1, 7, 1000, 5001])
  func streamsAreRightAndCountToTheByte(_ elements: Int) {
    for operation in StreamKernel.Operation.allCases {
      checkKernel(StreamKernel(operation, elements: elements))
    }
  }
}
