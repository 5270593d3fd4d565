import Specs

/// Calibrations by name: those built into the executable, and files.
public enum CalibrationCatalogue {
  public static var names: [String] { Catalogue.calibrationNames }

  /// A catalogue name (`h100-sxm`, however written) or the path of a file.
  public static func named(_ name: String) throws(InputError) -> Calibration {
    try CalibrationReader.read(try Catalogue.calibrationSource(name))
  }

  /// What a fit of `device` starts from: the one asked for, or the nearest other device's in the catalogue.
  public static func prior(_ asked: String?, for device: DeviceQuantities) throws(InputError) -> Calibration?
  {
    if asked == "none" { return nil }
    if let asked { return try named(asked) }
    var best: (distance: Double, name: String)?
    for name in names where name != device.name {
      guard let profile = try? Catalogue.hardware(name), let other = DeviceQuantities(profile) else {
        continue
      }
      let distance =
        abs(logarithm(other.peak16 / device.peak16))
        + abs(logarithm(other.memoryBytesPerSecond / device.memoryBytesPerSecond))
      if distance < best?.distance ?? .infinity { best = (distance, name) }
    }
    guard let best else { return nil }
    return try named(best.name)
  }
}
