import Kernels
import Testing

@Suite struct MixtureTests {
  @Test(arguments: [(1, 8, 4, 1), (5, 17, 7, 2), (9, 33, 8, 8)])
  func routerPicksTheBestAndCountsToTheByte(_ tokens: Int, _ hidden: Int, _ experts: Int, _ topK: Int) {
    checkKernel(RouterKernel(tokens: tokens, hidden: hidden, experts: experts, topK: topK))
  }

  @Test(arguments: [0, 0.5, 1]) func expertsAreRightAndCountToTheByte(_ hot: Double) {
    checkKernel(
      ExpertsKernel(tokens: 7, hidden: 19, intermediate: 23, experts: 5, topK: 2, hotShare: hot))
    checkKernel(
      ExpertsKernel(tokens: 16, hidden: 32, intermediate: 48, experts: 4, topK: 1, hotShare: hot))
  }

  @Test func expertsInUseGrowWithTokensAndShrinkWithSkew() {
    let one = ExpertsKernel(tokens: 1, hidden: 8, intermediate: 8, experts: 8, topK: 2)
    let many = ExpertsKernel(tokens: 64, hidden: 8, intermediate: 8, experts: 8, topK: 2)
    let hot = ExpertsKernel(tokens: 64, hidden: 8, intermediate: 8, experts: 8, topK: 2, hotShare: 1)
    #expect(one.expertsInUse == 2 && many.expertsInUse == 8 && hot.expertsInUse == 2)
  }
}
