import Basics
import CostModel
import Specs

/// What to expect where nothing was measured: parameters that all measured devices share.
public struct Prior: Sendable {
  /// By software and format; a version is the vendor whose libraries ran.
  let shared: FittedDevice

  /// - Parameter shared: a file of `PriorFitting`.
  public init(_ shared: FittedDevice) { self.shared = shared }

  /// The one that travels in the executable.
  public static func shipped() throws(InputError) -> Prior { try read.get() }

  /// Read once: reports of a plan share it.
  private static let read = Result { () throws(InputError) in
    Prior(try CalibrationFile.read(try Catalogue.calibrationSource(Catalogue.everyDevice)))
  }

  /// What nears a group most: the vendor's libraries, the software or any other's mean, the format; nil where no kernel of
  /// the class takes the same steps.
  func fit(for group: RunGroup, vendor: String) -> GroupFit? {
    func nearness(_ other: RunGroup) -> Int {
      (other.version == vendor ? 8 : other.version == Self.usualVendor ? 4 : 0)
        + (other.framework == group.framework ? 3 : other.framework.name.isEmpty ? 2 : 0)
        + (other.format.isAlike(group.format) ? 1 : 0) + (other.cache.isAlike(group.cache) ? 1 : 0)
    }
    return shared.groups.filter {
      $0.group.kernel == group.kernel && KernelModels.takeSameSteps($0.group, group)
        && PriorClass($0.group, vendor: vendor) == PriorClass(group, vendor: vendor)
    }.max { nearness($0.group) < nearness($1.group) }
  }

  /// Whose devices most runs are of.
  static let usualVendor = "nvidia"

  /// How many times wider, in log units, an interval is on a device unlike those that taught it: by each doubling of the
  /// FLOPs for a byte beyond theirs, and for libraries of another vendor.
  static func widening(_ fit: GroupFit, on device: DeviceQuantities, vendor: String) -> Double {
    var widening = fit.group.version == vendor ? 1.0 : ErrorInterval.widening
    if let taught = fit.taughtBalance {
      let balance = device.peak(fit.group.format.number) / device.farBandwidth
      let beyond = max(balance / taught.upperBound, taught.lowerBound / balance)
      if beyond > tolerance { widening *= 1 + log2(beyond) / 2 }
    }
    return widening
  }

  /// Of the balance: sheets of one chip differ by as much.
  static let tolerance = 1.1
}
