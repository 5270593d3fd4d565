import CostModel
import RandomModels
import Testing

/// Prompts that share a pass with decoding sequences (chunked prefill, arXiv:2403.02310): every product sees the rows
/// of both and reads its weights once, attention is called for each.
@Suite struct SegmentTests {
  @Test(arguments: PropertyTests.seeds)
  func sharingAPassChangesNoArithmetic(seed: UInt64) throws {
    var model = RandomSpecs.model(seed)
    model.dropsNothing()
    let evaluator = try Evaluator(
      model: model, profile: KnownModels.h100, precision: RandomSpecs.precision(seed))
    let decode = Workload.decode(batch: 7, contextLength: 900)
    let prompt = Workload.prefill(batch: 2, inputLength: 300, prefix: 128)
    var both = decode
    both.prompts = .init(batch: 2, queries: 300, prefix: 128)
    let (a, b, shared) = (evaluator.totals(decode), evaluator.totals(prompt), evaluator.totals(both))
    #expect(abs(shared.matmulFLOPs / (a.matmulFLOPs + b.matmulFLOPs) - 1) < 1e-12, "seed \(seed)")
    #expect(shared.traffic.total[0] <= (a.traffic + b.traffic).total[0] * (1 + 1e-12), "seed \(seed)")
    #expect(shared.traffic.total[0] >= max(a.traffic.total[0], b.traffic.total[0]), "seed \(seed)")
    #expect(shared.seconds <= (a.seconds + b.seconds) * (1 + 1e-9), "seed \(seed)")
  }

  @Test(arguments: PropertyTests.seeds.prefix(40))
  func noPromptsAreNoChange(seed: UInt64) throws {
    let evaluator = try Evaluator(
      model: RandomSpecs.model(seed), profile: KnownModels.h100, precision: RandomSpecs.precision(seed))
    let decode = Workload.decode(batch: 7, contextLength: 900)
    var empty = decode
    empty.prompts = .init(batch: 0, queries: 300)
    #expect(evaluator.totals(empty) == evaluator.totals(decode), "seed \(seed)")
  }
}

extension ModelSpec {
  /// Buffers of experts are whole numbers of rows, which two passes round up and one does not.
  fileprivate mutating func dropsNothing() {
    for index in kinds.indices {
      guard case .mixture(var mixture) = kinds[index].layer.feedForward else { continue }
      mixture.capacityFactor = nil
      kinds[index].layer.feedForward = .mixture(mixture)
    }
  }
}
