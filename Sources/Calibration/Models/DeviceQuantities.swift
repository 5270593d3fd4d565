import CostModel

/// What a model needs to know of a device: physical quantities only, so that parameters carry over.
public struct DeviceQuantities: Sendable {
  /// Cores; bytes a second of the farthest memory; bytes of the nearest level that cores share.
  public let cores, farBandwidth, sharedCapacity: Double
  /// FLOP/s of products in 32, 16, 8 and 4 bits.
  public let peak32, peak16, peak8, peakInt8, peak4: Double
  /// Bytes a second of the fastest link in one direction; hertz.
  public let link, clock: Double
  /// The link's switch sums what passes.
  let linkReduces: Bool
  /// The profile made ready for costs.
  let machine: Machine

  /// What a clock is taken as where the profile has none.
  static let usualClock = 1.83e9

  /// - Returns: nil when the profile cannot be evaluated or lacks a 16-bit peak.
  public init?(_ profile: HardwareProfile) {
    guard let far = profile.levels.first, let sixteen = profile.unit(for: .bf16),
      let machine = try? Machine(profile)
    else { return nil }
    self.machine = machine
    cores = Double(profile.cores)
    farBandwidth = far.bytesPerSecond * (profile.point.bandwidthEfficiency ?? 1)
    sharedCapacity = profile.levels.dropFirst().first { !$0.perCore }?.capacityBytes ?? 1
    peak16 = sixteen.flopsPerSecond
    peak32 = profile.unit(for: .fp32)?.flopsPerSecond ?? peak16
    peak8 = profile.unit(for: .fp8)?.flopsPerSecond ?? peak16
    peakInt8 = profile.unit(for: .int8)?.flopsPerSecond ?? peak16
    peak4 = profile.unit(for: .fp4)?.flopsPerSecond ?? peak8
    clock = profile.clockHertz ?? Self.usualClock
    let fastest = profile.fabric.max { $0.bytesPerSecond < $1.bytesPerSecond }
    link = fastest?.bytesPerSecond ?? 1e10
    linkReduces = fastest?.reducesInNetwork ?? false
  }

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
