import CostModel
import MicroKernels

/// Measures what this machine can do: its peaks, its clock, the bandwidth of every level.
public struct Probe: Sendable {
  public struct Bandwidth: Hashable, Sendable {
    public var operation: StreamKernel.Operation
    /// All arrays of one thread.
    public var bytes: Double
    /// Of all threads, counted as the loop says: a copy is a read and a write.
    public var bytesPerSecond: Double
    public var spread: Double
  }

  public struct Result: Sendable {
    public var topology: Topology
    public var instructionSet: String
    public var threads: Int
    public var clockHertz: Double?
    public var peak32: Double
    public var peak64: Double
    /// FMA peak of one core ÷ (clock × 2 pipes × lanes × 2); nil without a clock.
    public var shareOfClock: Double?
    /// Softmax over rows in the nearest cache, five a element: what element-wise work runs at.
    public var vectorRate: Double
    public var sweep: [Bandwidth]
    public var launchSeconds: Double
    /// A store of a line that is nowhere near first reads it.
    public var writeAllocate: Bool
    public var profile: HardwareProfile
  }

  static let source = "measured here"

  public var threads: Int
  /// Seconds for each point of the sweep.
  public var budgetSeconds: Double

  public init(threads: Int, budgetSeconds: Double = 0.05) {
    self.threads = threads
    self.budgetSeconds = budgetSeconds
  }

  public func run(_ arithmetic: Arithmetic = .best, progress: (Double) -> Void = { _ in }) -> Result {
    let topology = Topology.read()
    let clock = clock()
    let one = peak(arithmetic, threads: 1)
    let all = threads == 1 ? one : peak(arithmetic, threads: threads)
    progress(0.1)
    let sweep = sweep(topology, arithmetic) { progress(0.1 + 0.85 * $0) }
    let far = Double(topology.caches.last?.bytes ?? 1 << 25) * 2
    func best(_ operation: StreamKernel.Operation) -> Double {
      sweep.filter { $0.operation == operation && $0.bytes >= far }.map(\.bytesPerSecond).max() ?? 0
    }
    // A copy that also reads what it writes moves three bytes for the two it counts.
    let writeAllocate = best(.copy) < 0.8 * best(.read)
    var result = Result(
      topology: topology, instructionSet: arithmetic.name, threads: threads, clockHertz: clock,
      peak32: all.single, peak64: all.double,
      shareOfClock: clock.map { one.single / ($0 * 4 * Double(arithmetic.lanes)) },
      vectorRate: vectorRate(arithmetic), sweep: sweep, launchSeconds: launch(),
      writeAllocate: writeAllocate,
      profile: HardwareProfile(
        name: "this-machine", levels: [], peaks: [], vectorFLOPsPerSecond: 1, cores: threads))
    result.profile = profile(result, arithmetic)
    progress(1)
    return result
  }

  private func clock() -> Double? {
    let cycles = mk_cycles_of_chain(200_000)
    guard cycles > 0,
      let time = Stopwatch.sample(budgetSeconds: 0.1, { _ = mk_cycles_of_chain(200_000) })
    else { return nil }
    return cycles / time.minimum
  }

  private func peak(_ arithmetic: Arithmetic, threads: Int) -> (single: Double, double: Double) {
    let rounds = 400_000
    let sink = Buffer<Float>(threads * 16)
    let single = Stopwatch.sample(budgetSeconds: 0.3) {
      Threads.run(threads) { sink[$0 * 16] += arithmetic.table.peak(rounds, 1e-3) }
    }
    let wide = Stopwatch.sample(budgetSeconds: 0.3) {
      Threads.run(threads) { sink[$0 * 16] += Float(arithmetic.table.peak64(rounds, 1e-3)) }
    }
    let work = Double(rounds * threads)
    return (
      work * Double(arithmetic.table.peak_flops) / (single?.minimum ?? .infinity),
      work * Double(arithmetic.table.peak64_flops) / (wide?.minimum ?? .infinity)
    )
  }

  private func vectorRate(_ arithmetic: Arithmetic) -> Double {
    let kernel = RowKernel(.softmax, rows: 8, width: 512)
    let data = (0..<threads).map { _ in kernel.makeData(arithmetic, threads: 1) }
    let rounds = 200
    let time = Stopwatch.sample(budgetSeconds: 0.1) {
      Threads.run(threads) { index in
        for _ in 0..<rounds { kernel.run(data[index], arithmetic, threads: 1) }
      }
    }
    return kernel.vectorFLOPs * Double(rounds * threads) / (time?.minimum ?? .infinity)
  }

  private func launch() -> Double {
    Stopwatch.sample(budgetSeconds: 0.05, { Threads.run(max(2, threads)) { _ in } })?.median ?? 0
  }

  /// Sizes a thread from well inside the nearest cache to well outside the farthest.
  private func sweep(_ topology: Topology, _ arithmetic: Arithmetic, _ progress: (Double) -> Void)
    -> [Bandwidth]
  {
    let last = topology.caches.last
    let share = (last?.bytes ?? 1 << 25) / min(threads, last?.sharedByCores ?? 1)
    var sizes = [16 << 10]
    while let size = sizes.last, size < max(4 * share, 128 << 20) { sizes.append(size * 2) }
    var points: [Bandwidth] = []
    for (step, size) in sizes.enumerated() {
      for operation in StreamKernel.Operation.allCases where !Interruption.happened {
        let arrays = operation == .read ? 1 : operation == .copy ? 2 : 3
        points.append(point(operation, bytes: size, elements: size / 4 / arrays, arithmetic))
      }
      progress(Double(step + 1) / Double(sizes.count))
    }
    return points
  }

  private func point(
    _ operation: StreamKernel.Operation, bytes: Int, elements: Int, _ arithmetic: Arithmetic
  ) -> Bandwidth {
    let kernel = StreamKernel(operation, elements: elements)
    let data = (0..<threads).map { _ in kernel.makeData(arithmetic, threads: 1) }
    let table = arithmetic.table
    // Long enough that starting threads does not count.
    let rounds = max(1, (64 << 20) / bytes)
    let sample = Stopwatch.sample(budgetSeconds: budgetSeconds, least: 4) {
      Threads.run(threads) { index in
        // The bare loops: what stands around a kernel would outlast those over the nearest cache.
        let own = data[index]
        var sum: Float = 0
        for _ in 0..<rounds {
          switch operation {
          case .read: sum += table.sum(own.b.base, elements)
          case .copy: table.copy(own.a.base, own.b.base, elements)
          case .triad: table.triad(own.a.base, own.b.base, own.c.base, 3, elements)
          }
        }
        own.sums[0] = sum
      }
    }
    let formula = kernel.formula(arithmetic).conditions[0]
    let moved = (formula.reads + formula.writes) * Double(rounds * threads)
    return Bandwidth(
      operation: operation, bytes: Double(bytes),
      bytesPerSecond: moved / (sample?.minimum ?? .infinity), spread: sample?.spread ?? 1)
  }
}

extension Probe {
  /// The profile that other commands read: a level's bandwidth is the best read rate of the sizes that it
  /// holds and the nearer levels do not.
  private func profile(_ result: Result, _ arithmetic: Arithmetic) -> HardwareProfile {
    var levels: [MemoryLevel] = []
    var inner = 0.0
    for cache in result.topology.caches {
      let share = Double(cache.bytes / min(threads, cache.sharedByCores))
      let rate = rate(result.sweep, from: inner * 1.5, to: share * 0.75)
      if rate > 0 {
        levels.insert(
          MemoryLevel(
            name: "l\(cache.level)", capacityBytes: Double(cache.bytes), bytesPerSecond: rate,
            perCore: cache.sharedByCores == 1, source: Self.source), at: 0)
      }
      inner = share
    }
    levels.insert(
      MemoryLevel(
        name: "dram", capacityBytes: result.topology.memoryBytes,
        bytesPerSecond: rate(result.sweep, from: inner * 2, to: .infinity), source: Self.source), at: 0)
    levels.removeLast(max(0, levels.count - 4))
    var profile = HardwareProfile(
      name: "this-machine", levels: levels,
      peaks: [
        Peak(.fp64, flopsPerSecond: result.peak64, source: Self.source),
        Peak(.fp32, flopsPerSecond: result.peak32, source: Self.source),
      ], vectorFLOPsPerSecond: result.vectorRate, cores: threads)
    profile.title = "\(result.topology.processor), \(threads) of \(result.topology.cores) cores"
    profile.vendor = "measured"
    profile.clockHertz = result.clockHertz
    profile.registerBytesPerCore = Double(arithmetic.registerBytes)
    profile.source = "measured here by rooftree probe, \(arithmetic.name)"
    profile.notes = ["launch overhead \(Int(result.launchSeconds * 1e9)) ns"]
    profile.probed = ProbedFacts(writeAllocate: result.writeAllocate)
    return profile
  }

  private func rate(_ sweep: [Bandwidth], from: Double, to: Double) -> Double {
    sweep.filter { $0.operation == .read && $0.bytes >= from && $0.bytes <= to }
      .map(\.bytesPerSecond).max() ?? 0
  }
}

extension HardwareProfile {
  /// With the far memory's rate as it was measured beside a run.
  public func reading(_ bytesPerSecond: Double) -> HardwareProfile {
    var profile = self
    if !levels.isEmpty { profile.levels[0].bytesPerSecond = bytesPerSecond }
    return profile
  }

  /// The higher of each rate of two probes of one machine.
  public func better(of other: HardwareProfile) -> HardwareProfile {
    var best = self
    for index in best.levels.indices where other.levels.indices.contains(index) {
      best.levels[index].bytesPerSecond = max(
        best.levels[index].bytesPerSecond, other.levels[index].bytesPerSecond)
    }
    for index in best.peaks.indices where other.peaks.indices.contains(index) {
      best.peaks[index].flopsPerSecond = max(
        best.peaks[index].flopsPerSecond, other.peaks[index].flopsPerSecond)
    }
    best.vectorFLOPsPerSecond = max(vectorFLOPsPerSecond, other.vectorFLOPsPerSecond)
    return best
  }
}
