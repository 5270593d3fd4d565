/// A set of devices that reach each other alike: an NVLink or xGMI domain, a PCIe tree, a cluster by NICs.
///
/// A profile lists them from near to far; devices that no nearer domain joins talk through the next one.
public struct FabricDomain: Hashable, Sendable {
  /// `nvlink`, `xgmi`, `ici`, `pcie`, `nic`, ….
  public var name: String
  /// Devices it joins; nil: any number.
  public var devices: Int?
  /// Of one device, in one direction, all its ports together.
  public var bytesPerSecond: Double
  /// Of one small message between two devices, where it is known.
  public var latencySeconds: Double?
  /// How its devices are wired.
  public var topology: Topology
  /// The switch itself can add what all send (NVLS, SHARP).
  public var reducesInNetwork: Bool
  /// On PCIe: devices read each other's memory without passing through the host's; nil where nobody says.
  public var peerAccess: Bool?
  /// Where the figures come from.
  public var source: String

  /// How devices of one domain are wired.
  public enum Topology: String, CaseIterable, Hashable, Sendable {
    /// Any two at full rate, through switches.
    case `switch`
    /// Every two by their own wire, which carries an equal share of the rate (xGMI).
    case mesh
    /// Neighbours in a torus (TPU).
    case torus
    /// Bridges that join two.
    case pairs
    /// Through the host's root complex.
    case host
  }

  /// A switched domain of `bytesPerSecond` in one direction for each device, unless told otherwise.
  public init(
    name: String, devices: Int? = nil, bytesPerSecond: Double, latencySeconds: Double? = nil,
    topology: Topology = .switch, reducesInNetwork: Bool = false, peerAccess: Bool? = nil, source: String = ""
  ) {
    self.name = name
    self.devices = devices
    self.bytesPerSecond = bytesPerSecond
    self.latencySeconds = latencySeconds
    self.topology = topology
    self.reducesInNetwork = reducesInNetwork
    self.peerAccess = peerAccess
    self.source = source
  }
}
