import Basics

/// Shapes that nobody chose: odd sizes, tall and narrow, long and short. The same for the same seed, everywhere.
public struct RandomKernels: Sendable {
  private var random: SplitMix64
  private static let draws = KernelList.all.flatMap { $0.draws }
  /// Ways to draw, which take turns.
  public static var turns: Int { draws.count }
  /// Line accesses of a kernel at most.
  public var mostAccesses: Double

  public init(seed: UInt64, mostAccesses: Double) {
    (random, self.mostAccesses) = (SplitMix64(seed: seed), mostAccesses)
  }

  /// A kernel of the `index`-th turn, drawn until one is small enough.
  public mutating func next(_ index: Int) -> any Kernel {
    let plain = Arithmetic.available.first ?? .best
    while true {
      let kernel = Self.draws[index % Self.turns](&random)
      if kernel.formula(plain).accesses(lineBytes: 64) <= mostAccesses { return kernel }
    }
  }
}
