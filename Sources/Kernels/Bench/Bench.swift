/// Runs kernels against the clock.
public struct Bench: Sendable {
  public struct Run: Sendable {
    public var kernel: any Kernel
    public var threads: Int
    public var warm: Sample
    /// The first run after everything else was driven out of the caches.
    public var coldSeconds: Double
    public var error: Double
    /// A result of every kernel is held against naive loops where those end within the second.
    public var checked: Bool
    /// What reading far memory came to just before and after: where machines are shared it changes by the minute.
    public var farBytesPerSecond: Double
    /// What one thread moves through the caches that were simulated, from far to near; empty where none were.
    public var bytes: [LevelBytes]
  }

  public var threads: Int
  public var budgetSeconds: Double
  public var arithmetic: Arithmetic
  /// Caches to count each kernel's bytes in.
  public var system: CacheSystem?

  public init(
    threads: Int, budgetSeconds: Double = 0.3, arithmetic: Arithmetic = .best, system: CacheSystem? = nil
  ) {
    self.system = system
    self.threads = threads
    self.budgetSeconds = budgetSeconds
    self.arithmetic = arithmetic
  }

  /// Every kernel that was finished before an interruption.
  public func run(_ kernels: [any Kernel], progress: (Double, String) -> Void = { _, _ in }) -> [Run] {
    var runs: [Run] = []
    let far = FarMemory(.read())
    for (index, kernel) in kernels.enumerated() where !Interruption.happened {
      progress(Double(index) / Double(kernels.count), kernel.name)
      if let run = measure(kernel, far), !Interruption.happened { runs.append(run) }
    }
    return runs
  }

  private func measure(_ kernel: some Kernel, _ far: FarMemory) -> Run? {
    let data = kernel.makeData(arithmetic, threads: threads)
    kernel.run(data, arithmetic, threads: threads)
    let checked = kernel.matmulFLOPs <= 1e9 || !kernel.isSlowToCheck
    let error = checked ? kernel.error(data) : 0
    var cold = Double.infinity
    for _ in 0..<2 {
      _ = far.seconds(threads: 1, arithmetic)
      cold = min(cold, Stopwatch.seconds { kernel.run(data, arithmetic, threads: threads) })
    }
    let before = farSeconds(far)
    guard
      let warm = Stopwatch.sample(
        budgetSeconds: budgetSeconds, most: 30,
        { kernel.run(data, arithmetic, threads: threads) })
    else { return nil }
    return Run(
      kernel: kernel, threads: threads, warm: warm, coldSeconds: cold, error: error, checked: checked,
      farBytesPerSecond: far.windowBytes / min(before, farSeconds(far)),
      bytes: system?.bytes(of: kernel, arithmetic) ?? [])
  }

  private func farSeconds(_ far: FarMemory) -> Double {
    (0..<5).map { _ in far.seconds(threads: threads, arithmetic) }.min() ?? .infinity
  }

  /// How steady the machine is now.
  public func noise() -> Noise { Noise.measure(threads: threads, FarMemory(.read()), arithmetic) }
}
