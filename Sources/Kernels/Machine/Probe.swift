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

  /// A unit for dot products of narrow formats.
  public struct Unit: Hashable, Sendable {
    public var format: ComputeFormat
    /// `avx512_vnni`
    public var name: String
    /// A multiply-add is 2.
    public var operationsPerSecond: Double
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
    public var units: [Unit]
    /// Softmax over rows in the nearest cache, five a element: what element-wise work runs at.
    public var vectorRate: Double
    public var sweep: [Bandwidth]
    public var launchSeconds: Double
    /// A store of a line that is nowhere near first reads it.
    public var writeAllocate: Bool
    /// Where it is too loud, rates may be low.
    public var noise: Noise
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
    let load = Noise.load
    let clock = clock()
    let single = rate(Double(arithmetic.table.peak_flops), threads: 1) { _ = arithmetic.table.peak($0, 1e-3) }
    let all = rate(Double(arithmetic.table.peak_flops), threads: threads) {
      _ = arithmetic.table.peak($0, 1e-3)
    }
    let wide = rate(Double(arithmetic.table.peak64_flops), threads: threads) {
      _ = arithmetic.table.peak64($0, 1e-3)
    }
    let units = units()
    progress(0.1)
    let sweep = sweep(topology, arithmetic) { progress(0.1 + 0.85 * $0) }
    func far(_ operation: StreamKernel.Operation) -> Double {
      Self.plateau(sweep, operation).map(\.bytesPerSecond).max() ?? 0
    }
    var result = Result(
      topology: topology, instructionSet: arithmetic.name, threads: threads, clockHertz: clock,
      peak32: all.best, peak64: wide.best,
      shareOfClock: clock.map { single.best / ($0 * 4 * Double(arithmetic.lanes)) }, units: units,
      vectorRate: vectorRate(arithmetic), sweep: sweep, launchSeconds: launch(),
      // A copy that also reads what it writes moves three bytes for the two it counts.
      writeAllocate: far(.copy) < 0.8 * far(.read),
      noise: Noise(
        compute: all.spread, memory: Self.plateau(sweep, .read).map(\.spread).min() ?? 1,
        farBytesPerSecond: far(.read), load: load),
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

  /// Operations a second of a loop in registers on some threads, `operations` an iteration.
  private func rate(_ operations: Double, threads: Int, _ loop: @Sendable (Int) -> Void) -> (
    best: Double, spread: Double
  ) {
    // About a millisecond: long beside starting threads, short beside what others take of the machine.
    let rounds = 100_000
    let sample = Stopwatch.sample(budgetSeconds: 0.3, most: 300) {
      Threads.run(threads) { _ in loop(rounds) }
    }
    return (operations * Double(rounds * threads) / (sample?.minimum ?? .infinity), sample?.spread ?? 1)
  }

  private func units() -> [Unit] {
    let formats: [(ComputeFormat, mk_dot_format)] = [
      (.fp16, MK_DOT_FP16), (.bf16, MK_DOT_BF16), (.int8, MK_DOT_INT8),
    ]
    return formats.compactMap { format, narrow in
      guard let unit = mk_dot_unit(narrow)?.pointee else { return nil }
      return Unit(
        format: format, name: String(cString: unit.name),
        operationsPerSecond: rate(unit.operations, threads: threads) { unit.run($0) }.best)
    }
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

  /// Bytes a thread from well inside the nearest cache to sixteen times the farthest, half a gigabyte at least, where
  /// memory lasts for it.
  private func sizes(_ topology: Topology) -> [Int] {
    let last = topology.caches.last
    let share = (last?.bytes ?? 1 << 25) / min(threads, last?.sharedByCores ?? 1)
    let most = min(max(16 * share, (512 << 20) / threads), Int(topology.memoryBytes / 4) / threads)
    var sizes = [16 << 10]
    while let size = sizes.last, size * 2 <= most { sizes.append(size * 2) }
    return sizes
  }

  private func sweep(_ topology: Topology, _ arithmetic: Arithmetic, _ progress: (Double) -> Void)
    -> [Bandwidth]
  {
    let sizes = sizes(topology)
    let memory = (0..<threads).map { _ in Buffer<Float>((sizes.last ?? 0) / 4) }
    var points: [Bandwidth] = []
    for (step, size) in sizes.enumerated() {
      for operation in StreamKernel.Operation.allCases where !Interruption.happened {
        points.append(point(operation, bytes: size, memory, arithmetic, isFar: step + 2 >= sizes.count))
      }
      progress(Double(step + 1) / Double(sizes.count))
    }
    return points
  }

  private func point(
    _ operation: StreamKernel.Operation, bytes: Int, _ memory: [Buffer<Float>], _ arithmetic: Arithmetic,
    isFar: Bool
  ) -> Bandwidth {
    let elements = bytes / 4 / operation.arrays
    let (table, sums) = (arithmetic.table, Buffer<Float>(threads * 16))
    // Long enough that starting threads does not count.
    let rounds = max(1, (64 << 20) / bytes)
    // What everything far is held against is measured longest.
    let sample = Stopwatch.sample(budgetSeconds: isFar ? 8 * budgetSeconds : budgetSeconds, least: 4) {
      Threads.run(threads) { index in
        // The bare loops: what stands around a kernel would outlast those over the nearest cache.
        let a = memory[index].base
        let (b, c) = (a + elements, a + 2 * elements)
        for _ in 0..<rounds {
          switch operation {
          case .read: sums[index * 16] += table.sum(a, elements)
          case .copy: table.copy(a, b, elements)
          case .triad: table.triad(a, b, c, 3, elements)
          }
        }
      }
    }
    let formula = StreamKernel(operation, elements: elements).formula(arithmetic).conditions[0]
    let moved = (formula.reads + formula.writes) * Double(rounds * threads)
    return Bandwidth(
      operation: operation, bytes: Double(bytes),
      bytesPerSecond: moved / (sample?.minimum ?? .infinity), spread: sample?.spread ?? 1)
  }

  /// Of the sweep's two largest sizes, which no cache holds a share of that counts.
  private static func plateau(_ sweep: [Bandwidth], _ operation: StreamKernel.Operation) -> [Bandwidth] {
    sweep.filter { $0.operation == operation }.suffix(2)
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
        bytesPerSecond: Self.plateau(result.sweep, .read).map(\.bytesPerSecond).max() ?? 0,
        source: Self.source), at: 0)
    levels.removeLast(max(0, levels.count - 4))
    var profile = HardwareProfile(
      name: "this-machine", levels: levels,
      peaks: [
        Peak(.fp64, flopsPerSecond: result.peak64, source: Self.source),
        Peak(.fp32, flopsPerSecond: result.peak32, source: Self.source),
      ]
        + result.units.map {
          Peak($0.format, flopsPerSecond: $0.operationsPerSecond, source: "\(Self.source), \($0.name)")
        }, vectorFLOPsPerSecond: result.vectorRate, cores: threads)
    if profile.peak(.fp16) == nil {
      // Nothing multiplies halves here: kernels widen them.
      profile.peaks.append(
        Peak(.fp16, flopsPerSecond: result.peak32, source: "\(Self.source), as fp32: no unit of its own"))
    }
    profile.title = "\(result.topology.processor), \(threads) of \(result.topology.cores) cores"
    profile.vendor = "measured"
    profile.clockHertz = result.clockHertz
    profile.registerBytesPerCore = Double(arithmetic.registerBytes)
    profile.source = "measured here by rooftree probe, \(arithmetic.name)"
    profile.notes = ["launch overhead \(Int(result.launchSeconds * 1e9)) ns"]
    if mk_is_optimised() == 0 {
      profile.notes.append(
        "probed by a build without optimisation, which is far slower than the machine: -c release")
    }
    if result.noise.isTooLoud { profile.notes.append("busy while it was measured: rates may be low") }
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
