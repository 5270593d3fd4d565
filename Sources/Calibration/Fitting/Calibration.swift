/// Fitted parameters of a device's kernels: what `--calibration` names.
public struct Calibration: Sendable {
  /// Catalogue name of the device the runs come from.
  public var device: String
  /// Hash of the runs that were used.
  public var fingerprint: String
  public var runs: Int
  public var rejected: Int
  /// Calibration that the fit started from.
  public var prior: String?
  public var groups: [GroupCalibration]

  public init(
    device: String, fingerprint: String, runs: Int, rejected: Int, prior: String?, groups: [GroupCalibration]
  ) {
    self.device = device
    self.fingerprint = fingerprint
    self.runs = runs
    self.rejected = rejected
    self.prior = prior
    self.groups = groups
  }

  /// The group that describes a kernel best: the same model, then format, framework, version and cache.
  ///
  /// - Returns: nil where no group has the kernel's model.
  public func group(
    _ kernel: Kernel, format: KernelFormat, framework: String? = nil, version: String? = nil,
    cacheFormat: String? = nil
  ) -> GroupCalibration? {
    let model = KernelModel.of(kernel, format).name
    func score(_ key: GroupKey) -> Int {
      var score = 0
      if key.kernel == kernel { score += 1000 }
      if key.format == format {
        score += 64
      } else if key.format.weightBytes == format.weightBytes || key.format.operandBytes == format.operandBytes
      {
        score += 48
      }
      if let framework, key.framework == framework { score += 32 }
      if let cacheFormat, key.cacheFormat == cacheFormat { score += 16 }
      if let version, key.version == version { score += 8 }
      return score
    }
    return groups.filter { $0.model.name == model }.max {
      (score($0.key), $1.key) < (score($1.key), $0.key)
    }.flatMap { $0.key.kernel == kernel || kernel.sharesModel(with: $0.key.kernel) ? $0 : nil }
  }
}

extension Kernel {
  /// Kernels whose parameters mean the same and lie close enough to stand in for each other.
  func sharesModel(with other: Kernel) -> Bool {
    let rows: Set<Kernel> = [.rmsNorm, .siluMul, .rope, .residualAdd]
    let exchange: Set<Kernel> = [.allGather, .reduceScatter, .allToAll]
    return self == other || (rows.contains(self) && rows.contains(other))
      || (exchange.contains(self) && exchange.contains(other))
  }
}

/// A predicted time with its 80 % interval.
public struct KernelPrediction: Hashable, Sendable {
  public enum Source: String, Hashable, Sendable {
    /// The group's own parameters on the device they were fitted on.
    case calibrated
    /// Parameters of another version, framework or format.
    case borrowed
    /// Parameters of another device through the profile's quantities.
    case transferred
    /// No parameters: the datasheet's roofline, an upper bound on speed.
    case roofline
  }

  public var seconds: Double
  public var low: Double
  public var high: Double
  public var source: Source
  /// The group whose parameters were used.
  public var group: GroupKey?
}

/// Predicts kernels from a calibration, on its own device or another.
public struct CalibratedPredictor: Sendable {
  public let calibration: Calibration?
  public let device: DeviceQuantities

  public init(_ calibration: Calibration?, device: DeviceQuantities) {
    self.calibration = calibration
    self.device = device
  }

  /// How much wider the logarithmic interval gets away from where the parameters were fitted.
  static let transferWidening = 1.5
  static let borrowedWidening = 1.3

  public func predict(
    _ kernel: Kernel, _ shape: KernelShape, format: KernelFormat, framework: String? = nil,
    version: String? = nil, cacheFormat: String? = nil
  ) -> KernelPrediction {
    let group = calibration?.group(
      kernel, format: format, framework: framework, version: version, cacheFormat: cacheFormat)
    guard let group, let calibration else {
      let ideal = IdealWork(kernel, shape).seconds(on: device)
      return KernelPrediction(seconds: ideal, low: ideal, high: .infinity, source: .roofline, group: nil)
    }
    let seconds = group.model.seconds(shape, device, group.parameters)
    let same = calibration.device == device.name
    let exact =
      group.key.kernel == kernel && group.key.format == format
      && (framework == nil || group.key.framework == framework)
      && (version == nil || group.key.version == version)
      && (cacheFormat == nil || group.key.cacheFormat == cacheFormat)
    let widening = same ? (exact ? 1 : Self.borrowedWidening) : Self.transferWidening
    return KernelPrediction(
      seconds: seconds, low: seconds * exponential(group.low * widening),
      high: seconds * exponential(group.high * widening),
      source: same ? (exact ? .calibrated : .borrowed) : .transferred, group: group.key)
  }

  public func predict(_ run: MeasuredRun) -> KernelPrediction {
    predict(
      run.key.kernel, run.shape, format: run.key.format, framework: run.key.framework,
      version: run.key.version, cacheFormat: run.key.cacheFormat)
  }
}
