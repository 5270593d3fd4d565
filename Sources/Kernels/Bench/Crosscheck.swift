import CostModel

/// Holds formula, counters and simulated caches against each other, and predicted against measured time.
public enum Crosscheck {
  /// Bytes of one kernel below one cache, by three witnesses.
  public struct Traffic: Sendable {
    public var kernel: String
    public var shape: String
    public var level: String
    public var predicted: Double
    /// Of the layer condition in force; nil where parts of a kernel stand under different ones.
    public var counted: Double?
    public var simulated: Double
    public var inTransition: Bool
    public var flags: [String]
  }

  public struct Time: Sendable {
    public var kernel: String
    public var shape: String
    public var measured: Sample
    public var predicted: Prediction
    /// With the datasheet's profile, where one was given.
    public var datasheet: Prediction?
    /// Judged by `ratioBounds`: products and attention are, passes over rows are shown.
    public var judged: Bool
    public var flags: [String]
    public var ratio: Double { measured.minimum / predicted.seconds }
  }

  public static let ratioBounds = 0.7...1.4

  /// Simulates at a near and a far cache; `caches` are tried as levels of their own, as layer conditions are.
  public static func traffic(
    _ kernel: some Kernel, caches: [(name: String, geometry: CacheGeometry)], arithmetic: Arithmetic = .best
  ) -> [Traffic] {
    let data = kernel.makeData(arithmetic, threads: 1)
    let formula = kernel.formula(arithmetic)
    let counter = kernel.count(data, arithmetic)
    var exact = true
    for (depth, condition) in formula.conditions.enumerated() {
      exact = exact && Double(counter.reads[depth]) == condition.reads
      exact = exact && Double(counter.writes[depth]) == condition.writes
    }
    let bound = kernel is FlashAttention ? 0.10 : 0.05
    return caches.compactMap { cache in
      guard let simulator = CacheHierarchy([cache.geometry]) else { return nil }
      kernel.simulate(data, arithmetic, simulator)
      let value = formula.below(capacityBytes: Double(cache.geometry.bytes), writeAllocate: true)
      let simulated = simulator.bytesBelow(0).reads + simulator.bytesBelow(0).writes
      let depth = formula.conditions.firstIndex { $0.name == value.condition }
      let counted = depth.map {
        Double(counter.reads[$0] + counter.writes[$0] + counter.allocations[$0])
      }
      var flags: [String] = []
      if !exact { flags.append("counters differ from the formula") }
      if value.inTransition {
        flags.append("transition")
      } else if abs(value.total - simulated) > bound * simulated {
        flags.append("simulated differs by more than \(Int(bound * 100)) %")
      }
      return Traffic(
        kernel: kernel.name, shape: kernel.shape, level: cache.name, predicted: value.total,
        counted: counted, simulated: simulated, inTransition: value.inTransition, flags: flags)
    }
  }

  public static func time(
    _ run: Bench.Run, on profile: HardwareProfile, datasheet: HardwareProfile?
  ) -> Time? {
    func prediction(_ kernel: some Kernel, _ profile: HardwareProfile) -> Prediction? {
      Prediction(kernel, on: profile, warm: true)
    }
    guard let predicted = prediction(run.kernel, profile) else { return nil }
    let judged =
      run.kernel is GemmKernel || run.kernel is GemvKernel || run.kernel is FlashAttention
      || run.kernel is DecodeAttention || run.kernel is LayerKernel
    var time = Time(
      kernel: run.kernel.name, shape: run.kernel.shape, measured: run.warm, predicted: predicted,
      datasheet: datasheet.flatMap { prediction(run.kernel, $0) }, judged: judged, flags: [])
    if judged && !ratioBounds.contains(time.ratio) { time.flags.append("time outside 0.7–1.4") }
    if run.error > 1e-3 { time.flags.append("wrong result") }
    return time
  }

  /// A flag that makes the answer no; a transition is shown but is none.
  public static func failed(_ flags: [String]) -> Bool { flags.contains { $0 != "transition" } }
}
