import Basics

/// How far repeats of one loop lie from their best: what others on the machine take.
public struct Noise: Hashable, Sendable {
  /// Of multiply-adds in registers, and of reading far memory: ninetieth percentile ÷ minimum.
  public var compute, memory: Double
  /// The best reading of far memory.
  public var farBytesPerSecond: Double
  /// Processes that wanted to run, over the last minute; nil where the system does not say.
  public var load: Double?

  public init(compute: Double, memory: Double, farBytesPerSecond: Double, load: Double? = Noise.load) {
    (self.compute, self.memory, self.load) = (compute, memory, load)
    self.farBytesPerSecond = farBytesPerSecond
  }

  /// Above it no measured time can be held against a prediction.
  public static let bound = 1.25

  public var isTooLoud: Bool { !(max(compute, memory) <= Self.bound) }

  /// The louder of each; far memory that changed in between is as loud as that.
  public func louder(of other: Noise) -> Noise {
    let rates = [farBytesPerSecond, other.farBytesPerSecond]
    let best = rates.max() ?? 0
    return Noise(
      compute: max(compute, other.compute),
      memory: max(memory, other.memory, best / max(rates.min() ?? 0, 1)), farBytesPerSecond: best,
      load: [load, other.load].compactMap { $0 }.max())
  }

  public static var load: Double? {
    var averages = [0.0, 0, 0]
    return getloadavg(&averages, 1) == 1 ? averages[0] : nil
  }

  static func measure(threads: Int, _ far: FarMemory, _ arithmetic: Arithmetic) -> Noise {
    let load = load
    let sink = Buffer<Float>(threads * 16)
    let compute = Stopwatch.sample(budgetSeconds: 0.2, least: 20) {
      Threads.run(threads) { sink[$0 * 16] += arithmetic.table.peak(200_000, 1e-3) }
    }
    let memory = Sample((0..<30).map { _ in far.seconds(threads: threads, arithmetic) })
    return Noise(
      compute: compute?.spread ?? 1, memory: memory?.spread ?? 1,
      farBytesPerSecond: far.windowBytes / (memory?.minimum ?? .infinity), load: load)
  }
}
