import CostModel
import Testing

@Suite struct CostTests {
  @Test(arguments: [
    (KnownModels.llama3_8b, 8_030_261_248.0, 8_030_261_248.0),
    (KnownModels.llama3_70b, 70_553_706_496, 70_553_706_496),
    (KnownModels.mixtral, 46_702_792_704, 12_879_925_248),
    (KnownModels.gpt3, 174_604_259_328, 174_604_259_328),
  ])
  func parameterCounts(model: ModelSpec, total: Double, active: Double) {
    #expect(model.parameters.total == total)
    #expect(model.parameters.active == active)
  }

  @Test func llama3PrefillMatmulFLOPs() throws {
    let evaluator = try Evaluator(
      model: KnownModels.llama3_8b, profile: KnownModels.h100, precision: .init(uniform: .bf16))
    let totals = evaluator.totals(.prefill(batch: 1, inputLength: 2048))
    let weights: Int = 4096 * (4096 + 2 * 1024) + 4096 * 4096 + 3 * 4096 * 14_336
    let projections = Double(2 * 2048 * weights * 32)
    let pairs: Int = 2048 * 2049 / 2
    let attention = Double(2 * 2 * 128 * 32 * pairs * 32)
    let head = Double(2 * 4096 * 128_256)
    #expect(totals.matmulFLOPs == projections + attention + head)
  }

  @Test func operatorsAddUpToTotals() throws {
    let evaluator = try Evaluator(
      model: KnownModels.mixtral, profile: KnownModels.h100, precision: .init(uniform: .bf16))
    for work in [Workload.prefill(batch: 3, inputLength: 777), .decode(batch: 5, contextLength: 4096)] {
      let analysis = evaluator.analyze(work)
      #expect(analysis.totals == evaluator.totals(work))
      #expect(analysis.operators.reduce(0) { $0 + $1.flops } == analysis.totals.flops)
      #expect(
        analysis.operators.reduce(Traffic()) { $0 + $1.traffic } == analysis.totals.traffic)
    }
  }

  @Test func decodeReadsWeightsCacheAndActivations() throws {
    let model = KnownModels.llama3_8b
    let evaluator = try Evaluator(model: model, profile: KnownModels.h100, precision: .init(uniform: .bf16))
    let batch = 4.0, context = 2047.0, hidden = 4096.0
    let totals = evaluator.totals(.decode(batch: batch, contextLength: context))
    let weights = 2 * (model.parameters.total - 128_256 * hidden) + batch * (hidden * 2 + 4)
    let cache = batch * 131_072 * (context + 1 + 1)
    let q = 4096.0, kv = 1024.0, inner = 14_336.0
    // Written and read activations of a layer, kernel by kernel, in elements per token.
    let norms = 2 * 2 * hidden
    let attention = hidden + (q + 2 * kv) + (2 * (q + kv) + 128) + 2 * kv + 2 * q + (q + hidden)
    let feedForward = hidden + 2 * inner + 3 * inner + inner + hidden
    let residuals = 2 * 3 * hidden
    let layer = norms + attention + feedForward + residuals
    let outside = hidden + 2 * hidden + hidden + 128_256
    let activations = batch * 2 * (32 * layer + outside)
    #expect(totals.traffic.total[0] == weights + cache + activations)
  }
}
