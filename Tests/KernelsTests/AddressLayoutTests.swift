import Testing

@testable import Kernels

/// Simulated bytes are the kernel's, not those of where the system put its buffers.
@Suite struct AddressLayoutTests {
  @Test func everyRunSeesTheSameConflicts() throws {
    let levels = CacheSystem.standard
    func simulated(_ kernel: some Kernel) -> [Double?] {
      Crosscheck.traffic(kernel, systems: levels).map(\.simulated)
    }
    let kernels: [any Kernel] = [
      StreamKernel(.triad, elements: 9000), GemmKernel(m: 61, n: 130, k: 70),
      MoveKernel(tokens: 33, heads: 5, headDim: 20, toHeads: true),
    ]
    for kernel in kernels {
      let first = simulated(kernel)
      // Something else takes the places that were free.
      let others = (0..<7).map { Buffer<Float>(3000 * ($0 + 1)) }
      #expect(simulated(kernel) == first && first.count == levels.flatMap(\.levels).count)
      withExtendedLifetime(others) {}
    }
  }

  @Test func placesFollowTheOrderInWhichBuffersAreMade() {
    let layout = AddressLayout()
    let (first, second) = AddressLayout.$current.withValue(layout) { (Buffer<Float>(10), Buffer<Float>(10)) }
    let starts = [first, second].map { buffer -> UInt64 in
      let real = UInt64(UInt(bitPattern: buffer.base))
      return real &+ (layout.places.first { $0.holds(real) }?.shift ?? 0)
    }
    #expect(starts[1] == starts[0] + 4096)
  }
}
