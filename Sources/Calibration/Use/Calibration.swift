import CostModel

/// Fitted parameters of a device's kernels.
public struct Calibration: Sendable, Hashable {
  /// Name of the device that was measured.
  public var hardware: String
  /// The device whose parameters the fits stay near where runs are few; nil for none.
  public var startedFrom: String?
  public var groups: [GroupFit]

  public init(hardware: String, startedFrom: String? = nil, groups: [GroupFit]) {
    self.hardware = hardware
    self.startedFrom = startedFrom
    self.groups = groups
  }
}

/// A calibrated time, its 80 % interval, and how it came about.
public struct CalibratedTime: Sendable, Hashable {
  public var seconds, low, high: Double
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
  public let calibration: Calibration
  public let device: DeviceQuantities
  /// The device is not the measured one.
  public let carriesOver: Bool

  public init?(_ calibration: Calibration, on profile: HardwareProfile) {
    guard let device = DeviceQuantities(profile) else { return nil }
    self.calibration = calibration
    self.device = device
    carriesOver = profile.name != calibration.hardware
  }

  /// The fit for a group: its own, another version's, another framework's of the same kernel and precision, or that of
  /// another narrow format that takes the same steps.
  public func fit(for group: RunGroup) -> (fit: GroupFit, exact: Bool)? {
    let steps = KernelModels.model(for: group).parameters
    let kernel = calibration.groups.filter {
      $0.group.kernel == group.kernel && Self.alike($0.group.cacheDtype, group.cacheDtype)
        && KernelModels.model(for: $0.group).parameters == steps
    }
    if let own = kernel.first(where: { $0.group == group }) { return (own, true) }
    let alike = kernel.filter { Self.alike($0.group.dtype, group.dtype) }
    if let same = alike.last(where: { $0.group.framework == group.framework }) {
      // Who does not say a version means the calibrated one.
      return (same, group.version.isEmpty && !group.framework.isEmpty)
    }
    let narrow = kernel.filter { storedBytes($0.group.dtype) < 2 && storedBytes(group.dtype) < 2 }
    let near =
      alike.min { $0.heldOutMAPE < $1.heldOutMAPE }
      ?? narrow.last { $0.group.framework == group.framework }
      ?? narrow.min { $0.heldOutMAPE < $1.heldOutMAPE }
    return near.map { ($0, false) }
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
    // Of the fit's parameters, with the bytes and the peak of the group's own format.
    let model = KernelModels.model(for: group)
    let basis: Basis = !exact ? .nearest : carriesOver ? .carriedOver : .calibrated
    return zip(model.seconds(fit.parameters, shapes, on: device), shapes).map { seconds, shape in
      let interval = fit.interval(of: shape)
      return CalibratedTime(
        seconds: seconds, factors: basis == .calibrated ? interval : interval.widened, basis: basis)
    }
  }
}
