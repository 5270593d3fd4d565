import Specs

/// Fitted parameters of a device's kernels.
public struct FittedDevice: Sendable, Hashable {
  /// Name of the device that was measured.
  public var hardware: String
  /// The device whose parameters the fits stay near where runs are few; nil for none.
  public var startedFrom: String?
  /// In order.
  public var groups: [GroupFit]

  /// The parameters are those that all measured devices share.
  public var isPrior: Bool { hardware == Catalogue.everyDevice }

  /// - Parameter hardware: name of the profile.
  public init(hardware: String, startedFrom: String? = nil, groups: [GroupFit]) {
    self.hardware = hardware
    self.startedFrom = startedFrom
    self.groups = groups
  }
}
