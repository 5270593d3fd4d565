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
      let points = group.compactMap { run -> Point? in
        let kernel = run.kernel
        return Self.prediction(kernel, run.profile).map {
          Point(core: $0.coreSeconds, memory: $0.memorySeconds, measured: run.seconds)
        }
      }
      if points.count >= Self.fewestRuns { shares[name] = Self.fit(points) }
    }
  }

  public func seconds(_ kernel: String, _ predicted: Prediction) -> Double? {
    shares[kernel].map { predicted.coreSeconds / $0.core + predicted.memorySeconds / $0.memory }
  }

  private static func prediction(_ kernel: some Kernel, _ profile: HardwareProfile) -> Prediction? {
    Prediction(kernel, on: profile, warm: true)
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

extension Grid {
  /// Shapes to calibrate with, of widths that no model of the catalogue's first rank has: judged are others.
  public static var calibration: [any Kernel] {
    let products = [
      (48, 2048, 3072), (160, 3072, 2048), (96, 6144, 2560), (320, 5120, 2560), (512, 2560, 3584),
    ]
    let vectors = [(2048, 8192), (6144, 5120), (3072, 10_240), (9216, 3072)]
    let lengths = [(768, 4, 2, 128), (1536, 4, 1, 128), (1280, 6, 2, 64), (3072, 2, 1, 128)]
    let caches = [(1, 1536, 24, 8, 128), (1, 3072, 28, 4, 128), (4, 1024, 24, 8, 128), (1, 6144, 16, 4, 64)]
    let widths = [(2048, 16, 4, 5632), (2560, 20, 4, 6912), (3072, 24, 8, 8192)]
    var list: [any Kernel] = products.map { GemmKernel(m: $0.0, n: $0.1, k: $0.2) }
    list += vectors.map { GemvKernel(n: $0.0, k: $0.1) }
    list += vectors.map { GemvKernel(n: $0.0, k: $0.1, bf16: true) }
    for (length, heads, keyHeads, dim) in lengths {
      let shape = AttentionShape(length: length, heads: heads, keyValueHeads: keyHeads, headDim: dim)
      list += [NaiveAttention(shape), FlashAttention(shape)]
    }
    for (batch, context, heads, keyHeads, dim) in caches {
      for page in [0, 16] {
        list.append(
          DecodeAttention(
            batch: batch, context: context, heads: heads, keyValueHeads: keyHeads, headDim: dim,
            pageTokens: page))
      }
    }
    for (index, (hidden, heads, keyHeads, inner)) in widths.enumerated() {
      let phases: [LayerShape.Phase] = [
        .prefill(tokens: [64, 192, 320][index]), .decode(batch: 1, context: [1024, 3072, 6144][index]),
      ]
      list += phases.map {
        LayerKernel(
          LayerShape(
            $0, hidden: hidden, heads: heads, keyValueHeads: keyHeads, headDim: 128, intermediate: inner))
      }
      list += [RowKernel.Operation.rmsnorm, .rope, .swiglu].map {
        RowKernel($0, rows: [64, 192, 320][index], width: hidden * 2, headDim: $0 == .rope ? 128 : 0)
      }
    }
    return list
  }
}
