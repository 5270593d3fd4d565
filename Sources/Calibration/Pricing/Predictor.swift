import CostModel

/// A calibrated time, its 80 % interval, and how it came about.
public struct CalibratedTime: Sendable, Hashable {
  public var seconds, low, high: Double
  /// What it stands on.
  public var basis: Basis
}

extension CalibratedTime {
  /// The prediction itself is always inside.
  init(seconds: Double, factors: ErrorInterval, basis: Basis) {
    self.init(
      seconds: seconds, low: seconds * min(1, factors.low), high: seconds * max(1, factors.high), basis: basis
    )
  }
}

/// A calibration made ready for a device.
public struct Predictor: Sendable {
  /// What was fitted.
  public let calibration: FittedDevice
  /// Where it is to run.
  public let device: DeviceQuantities
  /// The device is not the measured one.
  public let carriesOver: Bool

  /// - Returns: nil when the profile cannot be evaluated or lacks a 16-bit peak.
  public init?(_ calibration: FittedDevice, on profile: HardwareProfile) {
    guard let device = DeviceQuantities(profile) else { return nil }
    self.calibration = calibration
    self.device = device
    carriesOver = profile.name != calibration.hardware
  }

  /// The fit for a group: its own, another version's, another framework's of the same kernel and precision, or that of
  /// another narrow format that takes the same steps.
  public func fit(for group: RunGroup) -> (fit: GroupFit, exact: Bool)? {
    let kernel = calibration.groups.filter {
      $0.group.kernel == group.kernel && $0.group.cache.isAlike(group.cache)
        && KernelModels.takeSameSteps($0.group, group)
    }
    if let own = kernel.first(where: { $0.group == group }) { return (own, true) }
    let alike = kernel.filter { $0.group.format.isAlike(group.format) }
    if let same = alike.last(where: { $0.group.framework == group.framework }) {
      // Without a version, the calibrated one is meant.
      return (same, group.version.isEmpty && !group.framework.name.isEmpty)
    }
    let narrow = kernel.filter { $0.group.format.bytes < 2 && group.format.bytes < 2 }
    let near =
      alike.min { $0.heldOutMAPE < $1.heldOutMAPE }
      ?? narrow.last { $0.group.framework == group.framework }
      ?? narrow.min { $0.heldOutMAPE < $1.heldOutMAPE }
    return near.map { ($0, false) }
  }

  /// How a fit's times came about.
  func basis(exact: Bool) -> Basis { !exact ? .nearest : carriesOver ? .carriedOver : .calibrated }

  /// Times of runs of a group; the roofline's where nothing like it was fitted.
  public func predict(_ group: RunGroup, _ shapes: [RunShape]) -> [CalibratedTime] {
    guard let (fit, exact) = fit(for: group) else {
      return shapes.map {
        let bound = Baseline.roofline(group, $0, on: device)
        return CalibratedTime(seconds: bound, low: bound, high: bound, basis: .upperBound)
      }
    }
    // Of the fit's parameters, with the bytes and the peak of the group's own format.
    let times = KernelModels.model(for: group).seconds(fit.parameters, shapes, for: group, on: device)
    let basis = basis(exact: exact)
    return zip(times, shapes).map { seconds, shape in
      let interval = fit.interval(of: shape)
      return CalibratedTime(
        seconds: seconds, factors: basis == .calibrated ? interval : interval.widened, basis: basis)
    }
  }
}
