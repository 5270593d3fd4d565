import Kernels
import Specs
import Testing

@Suite struct LayerTests {
  @Test(arguments: [
    LayerShape.Phase.prefill(tokens: 1), .prefill(tokens: 37), .decode(batch: 1, context: 29),
    .decode(batch: 3, context: 29),
  ])
  func denseAndMixtureAreRightAndCountToTheByte(_ phase: LayerShape.Phase) {
    for (heads, keyHeads, dim) in [(4, 4, 8), (6, 2, 10), (8, 1, 16)] {
      for experts in [1, 4] {
        checkKernel(
          LayerKernel(
            LayerShape(
              phase, hidden: 24, heads: heads, keyValueHeads: keyHeads, headDim: dim, intermediate: 41,
              experts: experts, topK: min(2, experts))), tolerance: 1e-4)
      }
    }
  }

  /// Beyond every cache a decode step moves its weights and its cache, whatever the parts hand on.
  @Test func decodeTrafficIsWeightsAndCache() {
    let shape = LayerShape(
      .decode(batch: 1, context: 2048), hidden: 1024, heads: 8, keyValueHeads: 2, headDim: 128,
      intermediate: 2048)
    let kernel = LayerKernel(shape)
    let bytes = kernel.formula(.best).below(capacityBytes: 65_536, writeAllocate: false).total
    let cache = 2.0 * 2048 * 2 * 128 * 4
    #expect(bytes > shape.weightBytes + cache && bytes < 1.02 * (shape.weightBytes + cache))
  }

  @Test func movedRowsArriveWhereTheCacheKeepsThem() {
    checkKernel(MoveKernel(tokens: 5, heads: 3, headDim: 7, toHeads: true))
    checkKernel(MoveKernel(tokens: 5, heads: 3, headDim: 7, toHeads: false))
    checkKernel(RowKernel(.add, rows: 3, width: 19))
  }

  @Test func layersOfTheCatalogueAreTakenOrRefused() throws {
    let llama = try #require(LayerShape(try Catalogue.model("llama-3-8b"), .prefill(tokens: 8)))
    #expect(llama.weightBytes == 4 * 218_103_808)
    #expect(LayerShape(try Catalogue.model("mixtral-8x7b"), .prefill(tokens: 8))?.experts == 8)
    #expect(LayerShape(try Catalogue.model("deepseek-v3"), .prefill(tokens: 8)) == nil)
  }
}
