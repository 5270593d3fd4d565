import CostModel
import Deployment
import Specs
import Testing

/// What a step of training has to hold.
@Suite struct TrainingMemoryTests {
  /// ZeRO's paper (arXiv:1910.02054, figure 1): 7.5 B parameters over 64 ranks, gradients in 16 bits.
  @Test(arguments: [(0, 120.0), (1, 31.4), (2, 16.6), (3, 1.88)])
  func statesOfThePaper(stage: Int, gigabytes: Double) {
    let bytes = TrainingMemory.bytesPerParameter(zero: stage, ranks: 64, gradient: 2)
    #expect(abs(7.5 * (bytes.weights + bytes.gradients + bytes.optimizer) / gigabytes - 1) < 0.01)
  }

  /// Llama 3 8B alone: 18 bytes a parameter; a layer keeps 139,264 bytes a token, all 32 of them, and 128,256 logits in 16 and
  /// 32 bits.
  @Test func oneDevice() throws {
    let device = try Catalogue.hardware("h100-sxm")
    let model = try Catalogue.model("llama-3-8b")
    let deployed = try DeployedModel(
      model, on: device, precision: PrecisionPlan(uniform: .bf16), split: Split(),
      cluster: Cluster(devices: 1, of: device), links: FittedLinks())
    func memory(_ recomputation: TrainingMemory.Recomputation) throws -> TrainingMemory {
      try #require(
        TrainingMemory(
          deployed.stages[0], of: Split(), index: 0, tokens: 8192, microBatches: 4, zero: 1,
          recomputation: recomputation))
    }
    let kept = try memory(.none)
    #expect(kept.weightsBytes + kept.gradientsBytes + kept.optimizerBytes == 18 * 8_030_261_248)
    let logits = 8192.0 * 128_256 * 6
    // With the statistics of softmax: four bytes a head.
    #expect(kept.activationsBytes == 8192 * 32 * (139_264 + 4 * 32) + logits)
    #expect(try memory(.full).activationsBytes == 8192 * 32 * 8192 + logits)
  }
}
