import Basics

/// What somebody set on a device: a clock, a power limit, a share of the far memory's rate.
public struct OperatingPoint: Hashable, Sendable {
  /// Of the cores, Hz.
  public var clockHertz: Double?
  /// Board power limit in watts.
  public var powerWatts: Double?
  /// Share of the far memory's rate to be expected, 0 to 1; the bound takes all of it.
  public var bandwidthEfficiency: Double?

  /// What is nil stays as the data sheet has it.
  public init(clockHertz: Double? = nil, powerWatts: Double? = nil, bandwidthEfficiency: Double? = nil) {
    self.clockHertz = clockHertz
    self.powerWatts = powerWatts
    self.bandwidthEfficiency = bandwidthEfficiency
  }

  /// Nothing was set.
  public var isEmpty: Bool { self == OperatingPoint() }

  /// Clock under a power limit ÷ clock at the usual one. Power goes with clock times voltage squared, and voltage
  /// with the clock, so the clock with the cube root (Mudge, “Power: a first-class architectural design constraint”,
  /// IEEE Computer 34(4), 2001); a limit above the usual one changes nothing. What leaks, and memory, falls less,
  /// so that real clocks lie at or below it.
  public static func clockShare(powerShare: Double) -> Double { power(min(1, powerShare), 1.0 / 3) }
}

extension HardwareProfile {
  /// The same device at another point: peaks, vector rate and each core's own memories go with the clock, shared
  /// and far memories keep their rates.
  ///
  /// - Returns: nil where the profile lacks the clock or power that the point is relative to.
  public func set(to point: OperatingPoint) -> HardwareProfile? {
    var share = 1.0
    if let clock = point.clockHertz {
      guard let usual = clockHertz else { return nil }
      share = clock / usual
    }
    if let watts = point.powerWatts {
      guard let usual = powerWatts else { return nil }
      share = min(share, OperatingPoint.clockShare(powerShare: watts / usual))
    }
    var other = self
    other.clockHertz = clockHertz.map { $0 * share }
    other.powerWatts = point.powerWatts ?? powerWatts
    other.vectorFLOPsPerSecond *= share
    for index in peaks.indices { other.peaks[index].flopsPerSecond *= share }
    for index in levels.indices where levels[index].perCore { other.levels[index].bytesPerSecond *= share }
    other.point.clockHertz = point.clockHertz ?? self.point.clockHertz
    other.point.powerWatts = point.powerWatts ?? self.point.powerWatts
    other.point.bandwidthEfficiency = point.bandwidthEfficiency ?? self.point.bandwidthEfficiency
    return other
  }
}
