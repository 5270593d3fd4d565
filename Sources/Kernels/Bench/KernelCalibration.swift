import Basics
import CostModel

/// What runs of other shapes say a kernel gets of the probed rates: two shares a kind of kernel, nothing else fitted.
public struct KernelCalibration: Sendable {
  public struct Shares: Hashable, Sendable {
    /// Of the rates of products, sums and e^x.
    public var core: Double
    /// Of the bandwidth of the level that binds.
    public var memory: Double
    public var runs: Int
  }

  /// By the kernel's name.
  public private(set) var shares: [String: Shares] = [:]
  /// Fewer runs than this say nothing about shapes between them.
  public static let fewestRuns = 3

  public init(_ runs: [(kernel: any Kernel, seconds: Double, profile: HardwareProfile)]) {
    for (name, group) in Dictionary(grouping: runs, by: { $0.kernel.name }) {
      let points = group.compactMap { run in
        run.kernel.predicted(on: run.profile).map {
          Point(core: $0.coreSeconds, memory: $0.memorySeconds, measured: run.seconds)
        }
      }
      if points.count >= Self.fewestRuns { shares[name] = Self.fit(points) }
    }
  }

  public func seconds(_ kernel: String, _ predicted: KernelPrediction) -> Double? {
    shares[kernel].map { predicted.coreSeconds / $0.core + predicted.memorySeconds / $0.memory }
  }

  private struct Point { var core, memory, measured: Double }

  /// Least absolute error in the logarithm, which one disturbed run does not turn: a grid that closes in on its best.
  private static func fit(_ points: [Point]) -> Shares {
    func loss(_ core: Double, _ memory: Double) -> Double {
      points.reduce(0) { $0 + abs(logarithm(($1.core / core + $1.memory / memory) / $1.measured)) }
    }
    var (core, memory) = (1.0, 1.0)
    // From shares of an eighth to eight: a profile that was probed while others used the machine is too slow.
    var step = 1.3
    for _ in 0..<5 {
      let centre = (core, memory)
      var best = loss(core, memory)
      for i in -8...8 {
        for j in -8...8 {
          let (c, m) = (centre.0 * power(step, i), centre.1 * power(step, j))
          let here = loss(c, m)
          if here < best { (best, core, memory) = (here, c, m) }
        }
      }
      step = step.squareRoot().squareRoot()
    }
    return Shares(core: core, memory: memory, runs: points.count)
  }

  private static func power(_ base: Double, _ exponent: Int) -> Double {
    (0..<abs(exponent)).reduce(1) { value, _ in exponent < 0 ? value / base : value * base }
  }
}
