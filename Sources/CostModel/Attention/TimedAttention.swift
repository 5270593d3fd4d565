/// A study's passes on a device, each as fast as its slowest roof.
public struct TimedAttention: Sendable {
  /// A pass, or the sum of a run's passes, and its seconds.
  public struct Pass: Sendable {
    /// What it moves and computes.
    public var work: AttentionStudy.Pass
    /// Bounded by matrix units, vector units and far memory.
    public var seconds: Double
    /// Whose scores never leave the core; nil of standard attention.
    public var generation: AttentionStudy.Generation?
  }

  /// One way to compute attention.
  public struct Run: Sendable {
    /// In running order.
    public let passes: [Pass]
    /// One pass after the other.
    public let total: Pass

    /// Which algorithm; nil is standard attention.
    public let generation: AttentionStudy.Generation?

    init(_ passes: [Pass], _ generation: AttentionStudy.Generation?) {
      func sum(_ figure: (Pass) -> Double) -> Double { passes.reduce(0) { $0 + figure($1) } }
      self.passes = passes
      self.generation = generation
      let work = AttentionStudy.Pass(
        name: "total", backward: false, readBytes: sum(\.work.readBytes), writeBytes: sum(\.work.writeBytes),
        matmulFLOPs: sum(\.work.matmulFLOPs), vectorFLOPs: sum(\.work.vectorFLOPs),
        coreBytes: sum { $0.work.coreBytes ?? $0.work.bytes })
      total = Pass(work: work, seconds: sum(\.seconds), generation: generation)
    }
  }

  /// The shape that was studied.
  public let study: AttentionStudy
  /// Where.
  public let profile: HardwareProfile
  /// Of queries, keys and values.
  public let format: NumberFormat
  /// What a core holds near, bytes; 0 where the profile says nothing of it.
  public let sramBytes: Double
  /// Every intermediate in far memory.
  public let standard: Run
  /// Tiled, one generation after the other.
  public let flash: [Run]
  /// What no algorithm beats, operands in far memory.
  public let floor: Floor

  /// - Parameter format: see the property.
  /// - Throws: `EvaluationError` where the device has no memory or does not compute in the format.
  public init(
    _ study: AttentionStudy, on profile: HardwareProfile, format: NumberFormat
  ) throws(EvaluationError) {
    let compute = PrecisionPlan(uniform: format).computeFormat(of: .attention)
    guard let unit = profile.unit(for: compute) else { throw .noUnit(compute) }
    guard let far = profile.levels.first else { throw .levels(0) }
    let machine = try Machine(profile)
    func run(_ passes: [AttentionStudy.Pass], _ generation: AttentionStudy.Generation? = nil) -> Run {
      let timed = passes.map { pass in
        let seconds = max(
          pass.matmulFLOPs / unit.flopsPerSecond, pass.vectorFLOPs / profile.vectorFLOPsPerSecond,
          pass.bytes / far.bytesPerSecond)
        return Pass(work: pass, seconds: seconds, generation: generation)
      }
      return Run(timed, generation)
    }
    self.study = study
    (self.profile, self.format) = (profile, format)
    let sram = profile.levels.last(where: \.perCore)?.capacityBytes ?? 0
    sramBytes = sram
    standard = run(study.standard)
    flash = AttentionStudy.Generation.allCases.map { generation in
      run(
        generation == .first
          ? study.flash(sramBytes: sram)
          : study.flash(generation, sharedBytes: profile.keptBytes, cores: machine.cores), generation)
    }
    floor = machine.floor(study.compulsory, perFLOP: 1 / unit.flopsPerSecond, .cold)
  }

  /// The same at another length.
  public func at(length: Double) throws(EvaluationError) -> TimedAttention {
    var study = study
    study.length = length
    return try TimedAttention(study, on: profile, format: format)
  }
}
