import Basics
import CostModel
import Specs

/// An expected time, its 80 % interval, and how it came about.
public struct CalibratedTime: Sendable, Hashable {
  public var seconds, low, high: Double
  /// What it stands on.
  public var basis: Basis
}

/// A kernel's parameters for a device, and how far they can be trusted there.
struct Expectation {
  /// Which fit: times of one err together.
  let fit: GroupFit
  /// For this device's clock where they are shared by all.
  let parameters: [Double]
  /// On the times of shapes that language models have, and of others; 1 is always inside.
  let usual, other: ErrorInterval
  let basis: Basis

  init(_ fit: GroupFit, _ parameters: [Double], widening: Double, _ basis: Basis) {
    self.fit = fit
    self.parameters = parameters
    self.basis = basis
    func factors(_ interval: ErrorInterval) -> ErrorInterval {
      ErrorInterval(low: min(1, power(interval.low, widening)), high: max(1, power(interval.high, widening)))
    }
    usual = factors(fit.interval)
    other = factors(fit.otherInterval)
  }
}

/// A calibration made ready for a device, with the prior behind it.
public struct Predictor: Sendable {
  /// What was fitted; no groups where nothing was that holds here.
  public let calibration: FittedDevice
  /// What all devices share; nil leaves kernels without a fit to the roofline.
  public let prior: Prior?
  /// Where it is to run.
  public let device: DeviceQuantities
  /// The device is not the measured one.
  public let carriesOver: Bool
  /// Whose libraries run.
  let vendor: String
  /// The device is the host's own processor.
  let isHost: Bool

  /// - Returns: nil when the profile cannot be evaluated or lacks a 16-bit peak.
  public init?(_ calibration: FittedDevice, prior: Prior? = nil, on profile: HardwareProfile) {
    guard let device = DeviceQuantities(profile) else { return nil }
    self.calibration = calibration
    self.prior = prior
    self.device = device
    vendor = profile.vendor
    isHost = profile.levels.first?.name == "dram"
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

  /// What to expect of a group: by its fit, else by the prior; nil where neither knows such kernels.
  func expectation(of group: RunGroup) -> Expectation? {
    if let (fit, exact) = fit(for: group) {
      let basis: Basis = !exact ? .nearest : carriesOver ? .carriedOver : .calibrated
      return Expectation(
        fit, fit.parameters, widening: basis == .calibrated ? 1 : ErrorInterval.widening, basis)
    }
    guard let prior, let fit = prior.fit(for: group, vendor: vendor) else { return nil }
    return Expectation(
      fit, KernelModels.parameters(fit.parameters, of: group, on: device),
      widening: Prior.widening(fit, on: device, vendor: vendor), .prior)
  }

  /// Where the prior reaches beyond the devices that taught it, in words.
  public func extrapolations(of precision: PrecisionPlan) -> [String] {
    var list: [String] = []
    let group = RunGroup(.gemm, .vllm, format: RunFormat(precision.weights))
    if let known = expectation(of: group), known.basis == .prior {
      if known.fit.group.version != vendor {
        list.append(
          "no run of a device of \(vendor.isEmpty ? "that vendor" : vendor) taught the prior such kernels: intervals are widened"
        )
      }
      if let taught = known.fit.taughtBalance {
        let balance = device.peak(group.format.number) / device.farBandwidth
        if balance > taught.upperBound * Prior.tolerance || balance * Prior.tolerance < taught.lowerBound {
          list.append(
            "\(Digits.whole(balance)) FLOPs for a byte are outside the \(Digits.whole(taught.lowerBound)) to"
              + " \(Digits.whole(taught.upperBound)) of the devices that taught the prior: intervals are widened"
          )
        }
      }
    }
    return list
  }

  /// Times of runs of a group, no shorter than its roofline; that roofline where nothing like it is known.
  public func predict(_ group: RunGroup, _ shapes: [RunShape]) -> [CalibratedTime] {
    let bounds = shapes.map { Baseline.roofline(group, $0, on: device) }
    guard let expectation = expectation(of: group) else {
      return bounds.map { CalibratedTime(seconds: $0, low: $0, high: $0, basis: .upperBound) }
    }
    // Of the fit's parameters, with the bytes and the peak of the group's own format.
    let times = KernelModels.model(for: group).seconds(
      expectation.parameters, shapes, for: group, on: device)
    let floors = expectation.basis == .prior ? bounds : bounds.map { _ in 0 }
    return zip(zip(times, floors), shapes).map { time, shape in
      let interval = shape.isModelSized(for: group.kernel) ? expectation.usual : expectation.other
      let seconds = max(time.0, time.1)
      return CalibratedTime(
        seconds: seconds, low: max(time.0 * interval.low, time.1), high: max(time.0 * interval.high, seconds),
        basis: expectation.basis)
    }
  }
}

extension KernelModels {
  /// Shared parameters as they are on a device.
  static func parameters(_ values: [Double], of group: RunGroup, on device: DeviceQuantities) -> [Double] {
    func scaled<Model: KernelModel>(_ model: Model.Type) -> [Double] {
      Model.Parameters(values).on(device).values
    }
    return scaled(model(for: group))
  }
}
