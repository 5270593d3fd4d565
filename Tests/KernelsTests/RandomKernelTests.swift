import Kernels
import Testing

/// Shapes that nobody chose. `rooftree crosscheck --no-timing --random 2000` is the same with larger ones.
@Suite struct RandomKernelTests {
  @Test(arguments: 0..<4) func countersEqualFormulasAndResultsAreRight(_ seed: Int) {
    var shapes = RandomKernels(seed: UInt64(seed), mostAccesses: 4000)
    for index in 0..<RandomKernels.turns { checkKernel(shapes.next(index), tolerance: 1e-4) }
  }

  @Test(arguments: 0..<6) func simulationAgrees(_ seed: Int) {
    var shapes = RandomKernels(seed: 100 + UInt64(seed), mostAccesses: 60_000)
    for index in 0..<RandomKernels.turns {
      let kernel = shapes.next(index)
      for arithmetic in Arithmetic.available {
        for row in Crosscheck.traffic(kernel, systems: CacheSystem.standard, arithmetic: arithmetic) {
          #expect(
            !row.disagrees,
            "\(row.kernel) \(row.shape) \(arithmetic.name) \(row.level): \(row.predicted), \(row.simulated ?? 0)"
          )
        }
      }
    }
  }

  @Test func theSameSeedGivesTheSameShapes() {
    var (one, other) = (RandomKernels(seed: 7, mostAccesses: 1e6), RandomKernels(seed: 7, mostAccesses: 1e6))
    for index in 0..<2 * RandomKernels.turns { #expect(one.next(index).shape == other.next(index).shape) }
  }

  /// Too long to simulate: predicted and counted all the same, left out with a reason, and no disagreement.
  @Test func whatWouldTakeTooLongIsSkipped() throws {
    let row = try #require(
      Crosscheck.traffic(
        StreamKernel(.read, elements: 4096), systems: CacheSystem.standard, mostAccesses: 100
      ).first)
    #expect(row.simulated == nil && row.predicted == 16_384 && row.counted == 16_384)
    #expect(row.flags == [.tooLong(accesses: 256, most: 100)])
    #expect(row.flags.map(\.words) == ["not simulated: 256 line accesses, at most 100"])
    #expect(!row.disagrees)
  }
}
