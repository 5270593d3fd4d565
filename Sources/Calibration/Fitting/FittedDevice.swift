import Deployment
import Specs

/// Fitted parameters of a device's kernels.
public struct FittedDevice: Sendable, Hashable {
  /// Name of the device that was measured.
  public var hardware: String
  /// The device whose parameters the fits stay near where runs are few; nil for none.
  public var startedFrom: String?
  /// In order.
  public var groups: [GroupFit]
  /// What is known of messages; nil for what is shipped.
  public var links: FittedLinks?

  /// The parameters are those that all measured devices share.
  public var isPrior: Bool { hardware == Catalogue.everyDevice }

  /// - Parameter hardware: name of the profile.
  public init(hardware: String, startedFrom: String? = nil, groups: [GroupFit], links: FittedLinks? = nil) {
    self.hardware = hardware
    self.startedFrom = startedFrom
    self.groups = groups
    self.links = links
  }
}
