/// A study's passes on a device, each as fast as its slowest roof.
public struct TimedAttention: Sendable {
  /// A pass and its seconds.
  public struct Pass: Sendable {
    /// What it moves and computes.
    public var work: AttentionStudy.Pass
    /// Bounded by matrix units, vector units and far memory.
    public var seconds: Double
  }

  /// One way to compute attention, pass by pass.
  public struct Run: Sendable {
    /// In running order.
    public var passes: [Pass]

    /// Far-memory bytes read, written, and both.
    public var readBytes: Double { passes.reduce(0) { $0 + $1.work.readBytes } }
    /// See `readBytes`.
    public var writeBytes: Double { passes.reduce(0) { $0 + $1.work.writeBytes } }
    /// See `readBytes`.
    public var bytes: Double { passes.reduce(0) { $0 + $1.work.bytes } }
    /// Of matrix products.
    public var matmulFLOPs: Double { passes.reduce(0) { $0 + $1.work.matmulFLOPs } }
    /// One pass after the other.
    public var seconds: Double { passes.reduce(0) { $0 + $1.seconds } }
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
    func run(_ passes: [AttentionStudy.Pass]) -> Run {
      Run(
        passes: passes.map { pass in
          let seconds = max(
            pass.matmulFLOPs / unit.flopsPerSecond, pass.vectorFLOPs / profile.vectorFLOPsPerSecond,
            pass.bytes / far.bytesPerSecond)
          return Pass(work: pass, seconds: seconds)
        })
    }
    self.study = study
    self.profile = profile
    sramBytes = profile.levels.last(where: \.perCore)?.capacityBytes ?? 0
    standard = run(study.standard)
    flash = run(study.flash(sramBytes: sramBytes))
  }
}
