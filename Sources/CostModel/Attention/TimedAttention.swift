/// A study's passes on a device, each as fast as its slowest roof.
public struct TimedAttention: Sendable {
  /// A pass, or the sum of a run's passes, and its seconds.
  public struct Pass: Sendable {
    /// What it moves and computes.
    public var work: AttentionStudy.Pass
    /// Bounded by matrix units, vector units and far memory.
    public var seconds: Double
    /// Scores never leave the core.
    public var isTiled: Bool
  }

  /// One way to compute attention.
  public struct Run: Sendable {
    /// In running order.
    public let passes: [Pass]
    /// One pass after the other.
    public let total: Pass

    init(_ passes: [Pass], isTiled: Bool) {
      func sum(_ figure: (Pass) -> Double) -> Double { passes.reduce(0) { $0 + figure($1) } }
      self.passes = passes
      let work = AttentionStudy.Pass(
        name: "total", backward: false, readBytes: sum(\.work.readBytes), writeBytes: sum(\.work.writeBytes),
        matmulFLOPs: sum(\.work.matmulFLOPs), vectorFLOPs: sum(\.work.vectorFLOPs))
      total = Pass(work: work, seconds: sum(\.seconds), isTiled: isTiled)
    }
  }

  /// The shape that was studied.
  public let study: AttentionStudy
  /// Where.
  public let profile: HardwareProfile
  /// What a core holds near, bytes; 0 where the profile says nothing of it.
  public let sramBytes: Double
  /// Every intermediate in far memory, and tiled.
  public let standard, flash: Run

  /// - Parameter format: of queries, keys and values.
  /// - Throws: `EvaluationError` where the device has no memory or does not compute in the format.
  public init(
    _ study: AttentionStudy, on profile: HardwareProfile, format: NumberFormat
  ) throws(EvaluationError) {
    let compute = PrecisionPlan(uniform: format).computeFormat(of: .attention)
    guard let unit = profile.unit(for: compute) else { throw .noUnit(compute) }
    guard let far = profile.levels.first else { throw .levels(0) }
    func run(_ passes: [AttentionStudy.Pass], isTiled: Bool) -> Run {
      let timed = passes.map { pass in
        let seconds = max(
          pass.matmulFLOPs / unit.flopsPerSecond, pass.vectorFLOPs / profile.vectorFLOPsPerSecond,
          pass.bytes / far.bytesPerSecond)
        return Pass(work: pass, seconds: seconds, isTiled: isTiled)
      }
      return Run(timed, isTiled: isTiled)
    }
    self.study = study
    self.profile = profile
    sramBytes = profile.levels.last(where: \.perCore)?.capacityBytes ?? 0
    standard = run(study.standard, isTiled: false)
    flash = run(study.flash(sramBytes: sramBytes), isTiled: true)
  }
}
