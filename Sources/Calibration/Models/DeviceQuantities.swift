import CostModel

/// What a model needs to know of a device: physical quantities only, so that parameters carry over.
public struct DeviceQuantities: Sendable {
  /// Cores; bytes a second of the farthest memory, less where copies reach less of them than elsewhere; bytes of the nearest
  /// level that cores share.
  public let cores, farBandwidth, sharedCapacity: Double
  /// FLOP/s of products in 32, 16, 8 and 4 bits.
  public let peak32, peak16, peak8, peakInt8, peak4: Double
  /// Bytes a second of the fastest link in one direction; hertz.
  public let link, clock: Double
  /// The link's switch sums what passes.
  let linkReduces: Bool
  /// FLOP/s of 32-bit products that the power limit lets the cores keep up.
  private let sustained32: Double
  /// FLOP/s of vector units.
  let vector: Double
  /// The profile made ready for costs.
  let machine: Machine

  /// FLOP/s of 16-bit products beyond which a core is a whole processor (TPU, Gaudi, Trainium): it is taken for as many of
  /// the kind that runs were measured on.
  private static let largestCore = 2e13, usualCore = 4e12
  /// Of the bandwidth, what a copy reaches on most devices: 0.886 to 0.896 on V100, RTX 2080 Ti and A100 (BabelStream).
  private static let usualCopy = 0.89
  /// What a clock is taken as where the profile has none.
  static let usualClock = 1.83e9

  /// - Returns: nil when the profile cannot be evaluated or lacks a 16-bit peak.
  public init?(_ profile: HardwareProfile) {
    // Either of 16 bits: kernels choose the one that the device has.
    guard let far = profile.levels.first, let machine = try? Machine(profile),
      let sixteen = profile.peak(.bf16) ?? profile.peak(.fp16) ?? profile.unit(for: .bf16)?.flopsPerSecond
    else { return nil }
    self.machine = machine
    cores = max(
      Double(profile.cores), sixteen > Self.largestCore * Double(profile.cores) ? sixteen / Self.usualCore : 0
    )
    let copied = far.copyBytesPerSecond.map { $0 / (Self.usualCopy * far.bytesPerSecond) }
    farBandwidth = far.bytesPerSecond * (profile.point.bandwidthEfficiency ?? copied ?? 1)
    sharedCapacity = profile.levels.dropFirst().first { !$0.perCore }?.capacityBytes ?? 1
    peak16 = sixteen
    peak32 = profile.unit(for: .fp32)?.flopsPerSecond ?? peak16
    vector = profile.vectorFLOPsPerSecond
    sustained32 = min(peak32, Self.powerBound(profile) ?? .infinity)
    peak8 = profile.unit(for: .fp8)?.flopsPerSecond ?? peak16
    peakInt8 = profile.unit(for: .int8)?.flopsPerSecond ?? peak16
    peak4 = profile.unit(for: .fp4)?.flopsPerSecond ?? peak8
    clock = profile.clockHertz ?? Self.usualClock
    let fastest = profile.fabric.max { $0.bytesPerSecond < $1.bytesPerSecond }
    link = fastest?.bytesPerSecond ?? 1e10
    linkReduces = fastest?.reducesInNetwork ?? false
  }

  /// Joules of an fp32 FLOP in a product on vector units, the whole board's, by process, which the units tell: before bf16
  /// 16 and 12 nm (what T4 and P4 keep up at 70 and 75 W); with it 8 and 7 (PyTorch's products at the limit take 12.6 to
  /// 15.2 pJ on A40, RTX 3080, 3080 Ti and 3090); with fp8 5 and 4 (5.8 to 6.7 on L4). The figures of PyTorch's products
  /// were collected in github.com/zzc0721/torch-performance-test-data and mli/transformers-benchmarks (issue 3).
  private static let joulesPerFLOP = (before: 16e-12, bf16: 14e-12, fp8: 6e-12)

  /// FLOP/s on vector units at the power limit; nil where they are not what computes fp32 products.
  private static func powerBound(_ profile: HardwareProfile) -> Double? {
    guard let watts = profile.powerWatts, let peak = profile.peak(.fp32),
      peak <= 1.05 * profile.vectorFLOPsPerSecond
    else { return nil }
    let joules =
      profile.peak(.fp8) != nil
      ? joulesPerFLOP.fp8 : profile.peak(.bf16) != nil ? joulesPerFLOP.bf16 : joulesPerFLOP.before
    return watts / joules
  }

  /// What products in a format can keep up.
  func sustained(_ format: NumberFormat?) -> Double { format == .fp32 ? sustained32 : peak(format) }

  /// FLOP/s of products in a format; of 16 bits where none is said.
  func peak(_ format: NumberFormat?) -> Double {
    switch format {
    case .fp32: peak32
    case .fp8, .fp8Block: peak8
    case .int8: peakInt8
    case .nvfp4, .mxfp4: peak4
    default: peak16
    }
  }
}
