import CostModel
import Specs

/// The calibrations that travel in the executable.
public enum Calibrations {
  /// By the name of its device, or a file's path.
  public static func find(_ name: String) throws(InputError) -> FittedDevice {
    try CalibrationFile.read(try Catalogue.calibrationSource(name))
  }

  /// The same, to predict runs on a device.
  ///
  /// - Throws: `InputError`, 65 for the calibration of a device that is neither this one nor in the catalogue: nobody could
  ///   say what its times are carried over from.
  public static func find(_ name: String, for profile: HardwareProfile) throws(InputError) -> FittedDevice {
    let found = try find(name)
    guard
      found.links != nil || found.hardware == profile.name || Catalogue.hardwareName(found.hardware) != nil
    else {
      throw InputError(
        .data,
        "\(name) is a calibration of “\(found.hardware)”, which is neither \(profile.name) nor in the catalogue"
          + Suggestion.phrase(for: found.hardware, among: Catalogue.hardwareNames))
    }
    return found
  }

  /// The catalogue's calibration that holds on a device: its own, or that of the relative that its profile names where
  /// both have the same cores, which is where carrying over was found to work; nil where there is neither.
  ///
  /// - Throws: `InputError`, 66 for a relative that nobody knows.
  public static func shipped(for profile: HardwareProfile) throws(InputError) -> FittedDevice? {
    if Catalogue.calibrationNames.contains(profile.name) { return try find(profile.name) }
    guard let relative = try relative(of: profile), profile.hasCores(of: relative) else { return nil }
    return try find(relative.name)
  }

  /// Where fits of a new device's few runs start: at its measured relative of the same vendor.
  ///
  /// - Returns: nil for a device that the catalogue has a calibration of, or no relative's.
  public static func prior(for profile: HardwareProfile) throws(InputError) -> FittedDevice? {
    guard !Catalogue.calibrationNames.contains(profile.name), let relative = try relative(of: profile),
      relative.vendor == profile.vendor
    else { return nil }
    return try find(relative.name)
  }

  /// The first measured device on the way from relative to relative.
  private static func relative(of profile: HardwareProfile) throws(InputError) -> HardwareProfile? {
    var passed = [profile.name]
    var next = profile
    while let name = next.relative {
      next = try Catalogue.hardware(name)
      if Catalogue.calibrationNames.contains(next.name) { return next }
      if passed.contains(next.name) { return nil }
      passed.append(next.name)
    }
    return nil
  }
}

extension HardwareProfile {
  /// One vendor's, with as many 16-bit FLOPs a clock, within what sheets of one chip differ by.
  func hasCores(of other: HardwareProfile) -> Bool {
    func rate(_ profile: HardwareProfile) -> Double? {
      guard let clock = profile.clockHertz, let peak = profile.unit(for: .bf16) else { return nil }
      return peak.flopsPerSecond / (Double(profile.cores) * clock)
    }
    guard vendor == other.vendor, let own = rate(self), let its = rate(other) else { return false }
    return max(own / its, its / own) < 1.12
  }
}
