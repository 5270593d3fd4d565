import CostModel

/// Fitted parameters of a device's kernels.
public struct Calibration: Sendable, Hashable {
  /// Name of the device that was measured.
  public var hardware: String
  public var groups: [GroupFit]

  public init(hardware: String, groups: [GroupFit]) {
    self.hardware = hardware
    self.groups = groups
  }
}

/// A calibrated time, its 80 % interval, and how it came about.
public struct CalibratedTime: Sendable, Hashable {
  public enum Basis: String, Sendable, Hashable {
    /// Fitted on this device.
    case calibrated
    /// Fitted on another device, carried over by its physical quantities.
    case carriedOver = "carried_over"
    /// Fitted on another version or framework.
    case nearest
    /// Nothing fitted: the roofline.
    case upperBound = "upper_bound"
  }

  public var seconds, low, high: Double
  public var basis: Basis
}

/// A calibration made ready for a device.
public struct Predictor: Sendable {
  public let calibration: Calibration
  public let device: DeviceQuantities
  /// The device is not the measured one.
  public let carriesOver: Bool

  /// What an interval is widened by, in log units of itself, where a fit is carried over or only near.
  static let widening = 1.5

  public init?(_ calibration: Calibration, on profile: HardwareProfile) {
    guard let device = DeviceQuantities(profile) else { return nil }
    self.calibration = calibration
    self.device = device
    carriesOver = profile.name != calibration.hardware
  }

  /// The fit for a group: its own, another version's, another framework's of the same kernel and precision.
  public func fit(for group: RunGroup) -> (fit: GroupFit, exact: Bool)? {
    if let own = calibration.groups.first(where: { $0.group == group }) { return (own, true) }
    let alike = calibration.groups.filter {
      $0.group.kernel == group.kernel && Self.alike($0.group.dtype, group.dtype)
        && Self.alike($0.group.cacheDtype, group.cacheDtype)
    }
    let near =
      alike.first { $0.group.framework == group.framework } ?? alike.min { $0.heldOutMAPE < $1.heldOutMAPE }
    return near.map { ($0, false) }
  }

  /// Where a fit of a few runs starts: parameters of the group itself or of one alike, else of the same kernel in
  /// another narrow format, which quantises its input as this one does.
  public func prior(for group: RunGroup) -> [Double]? {
    let names = KernelModels.model(for: group).parameters.map(\.name)
    let narrow = calibration.groups.filter {
      $0.group.kernel == group.kernel && storedBytes($0.group.dtype) < 2 && storedBytes(group.dtype) < 2
    }
    let near =
      narrow.first { $0.group.framework == group.framework } ?? narrow.min { $0.heldOutMAPE < $1.heldOutMAPE }
    return [fit(for: group)?.fit, near].compactMap { $0 }.first {
      KernelModels.model(for: $0.group).parameters.map(\.name) == names
    }?.parameters
  }

  static func alike(_ a: String, _ b: String) -> Bool {
    func folded(_ name: String) -> String { ["float16", "fp16", "bf16"].contains(name) ? "bfloat16" : name }
    return folded(a) == folded(b)
  }

  public func predict(_ group: RunGroup, _ shapes: [KernelShape]) -> [CalibratedTime] {
    guard let (fit, exact) = fit(for: group) else {
      return shapes.map {
        let bound = Baseline.roofline(group, $0, on: device)
        return CalibratedTime(seconds: bound, low: bound, high: bound * 4, basis: .upperBound)
      }
    }
    let model = KernelModels.model(for: fit.group)
    let spread = carriesOver || !exact ? Self.widening : 1
    let low = power(fit.intervalLow, spread)
    let high = power(fit.intervalHigh, spread)
    let basis: CalibratedTime.Basis = !exact ? .nearest : carriesOver ? .carriedOver : .calibrated
    return model.seconds(fit.parameters, shapes, on: device).map {
      CalibratedTime(seconds: $0, low: $0 * min(1, low), high: $0 * max(1, high), basis: basis)
    }
  }
}
