import CostModel
import Testing

@testable import Kernels

/// The cost model beside the kernels: what is printed of an operator is what its kernel moves.
@Suite struct ModelWitnessTests {
  private static let flags: [Crosscheck.Flag] = [
    .modelBytesDiffer, .modelFLOPsDiffer, .modelAbove(share: 0.05), .modelBelow(share: 0.05),
  ]

  private func check(_ kernel: any Kernel) {
    for row in Crosscheck.traffic(kernel, systems: CacheSystem.standard) {
      let (model, own) = (row.model?.compulsory, row.model?.kernel)
      #expect(
        row.flags.allSatisfy { !Self.flags.contains($0) },
        """
        \(row.kernel) \(row.shape) \(row.level) \(row.condition): \(row.flags.map(\.words)) \
        model \(row.modelBytes ?? 0), predicted \(row.predicted), simulated \(row.simulated ?? 0); \
        \(model?.traffic.reads[0] ?? 0) \(own?.traffic.reads[0] ?? 0) \
        \(model?.traffic.writes[0] ?? 0) \(own?.traffic.writes[0] ?? 0) \
        \(model?.matmulFLOPs ?? 0) \(own?.matmulFLOPs ?? 0)
        """)
    }
  }

  @Test func witnessesAgree() { for kernel in Grid.witnesses { check(kernel) } }

  @Test(arguments: 0..<10) func randomShapesAgree(_ seed: Int) {
    var shapes = RandomKernels(seed: 500 + UInt64(seed), mostAccesses: 100_000)
    for index in 0..<30 { check(shapes.next(index)) }
  }

  @Test func onlyStreamsSoftmaxAndLayersHaveNoCall() {
    let without = Set(Grid.witnesses.filter { $0.call == nil }.map(\.name))
    #expect(
      without == ["stream-read", "stream-copy", "stream-triad", "softmax", "layer-decode", "layer-moe"])
  }

  /// A call of another width is found out, whichever its kernel is.
  @Test func aWrongWidthIsADisagreement() throws {
    for kernel in Grid.witnesses {
      guard var call = kernel.call else { continue }
      switch call.shape {
      case .product(var shape):
        shape.inputs += 1
        call.shape = .product(shape)
      case .rows(var shape):
        shape.readWidth += 1
        call.shape = .rows(shape)
      case .attention(var shape):
        shape.storedWidth += 1
        call.shape = .attention(shape)
      case .experts(var shape):
        shape.hidden += 1
        call.shape = .experts(shape)
      case .join, .index, .scan, .message: Issue.record("\(kernel.name)")
      }
      let rows = Crosscheck.traffic(kernel, call, systems: CacheSystem.standard)
      #expect(rows.allSatisfy { $0.disagrees && $0.flags.contains(.modelBytesDiffer) }, "\(kernel.name)")
    }
  }
}
