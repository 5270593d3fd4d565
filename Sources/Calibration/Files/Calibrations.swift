import CostModel
import Specs

/// The calibrations that travel in the executable.
public enum Calibrations {
  /// By the name of its device, or a file's path.
  public static func find(_ name: String) throws(InputError) -> FittedDevice {
    try CalibrationFile.read(try Catalogue.calibrationSource(name))
  }

  /// The catalogue's calibration for a device: its own, or that of the relative it carries over from best.
  ///
  /// - Returns: nil when the catalogue has none at all.
  public static func shipped(for hardware: String) -> FittedDevice? {
    let names = Catalogue.calibrationNames
    let preferred = [hardware, relative(of: hardware)] + names
    for name in preferred where names.contains(name) {
      if let found = try? find(name) { return found }
    }
    return nil
  }

  /// Where fits of a new device's few runs start: at its measured relative of the same vendor.
  ///
  /// - Returns: nil for a device that the catalogue has a calibration of, or no relative's.
  public static func prior(for profile: HardwareProfile) -> FittedDevice? {
    let name = relative(of: profile.name)
    guard !Catalogue.calibrationNames.contains(profile.name),
      (try? Catalogue.hardware(name))?.vendor == profile.vendor
    else { return nil }
    return try? find(name)
  }

  /// A measured device of the same kind: Ada boards from l40s, Ampere from a100, all else from h100.
  private static func relative(of hardware: String) -> String {
    if hardware.hasPrefix("l4") || hardware.hasPrefix("rtx") { return "l40s" }
    if hardware.hasPrefix("a") { return "a100-sxm-80gb" }
    return "h100-sxm"
  }
}
