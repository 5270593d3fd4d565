import CostModel

/// Which parts of a model lie on a device and which on its host, as llama.cpp deals them out.
public struct Placement: Hashable, Sendable {
  /// Last layers on the device; one more than there are layers takes the head along (`-ngl`).
  public var deviceLayers: Int
  /// Of the mixture layers on the device, so many of the first leave their experts on the host (`--n-cpu-moe`).
  public var hostExperts: Int
  /// Caches of the device's layers lie on the host, where their attention then runs (`--no-kv-offload`).
  public var hostCache: Bool

  /// Everything but the token table on the device, unless told otherwise.
  public init(deviceLayers: Int, hostExperts: Int = 0, hostCache: Bool = false) {
    self.deviceLayers = deviceLayers
    self.hostExperts = hostExperts
    self.hostCache = hostCache
  }
}

/// Where something runs.
public enum Side: String, CaseIterable, Hashable, Sendable {
  case host, device
}

/// Operators of one stretch of layers that run on one side, one after the other.
public struct OffloadedPart: Sendable {
  /// What it is: `layers 0–19`, `experts of layers 20–39`, ….
  public var name: String
  /// Where it runs.
  public var side: Side
  /// Its operators.
  public var operators: [PricedOperator]
  /// Bytes of its weights and of its caches, where it runs.
  public var weightsBytes, cacheBytes: Double
  /// Of the weights, what crosses the bus to be used: a host's weights under a long prompt.
  public var streamedBytes = 0.0
  /// How long it takes.
  public var seconds: Double

  /// Bytes of the far memory.
  public var farBytes: Double { operators.reduce(0) { $0 + $1.traffic.total[0] } }
}

/// A pass over a device and its host.
public struct OffloadedPass: Sendable {
  /// In the order they run in the first layers.
  public var parts: [OffloadedPart]
  /// Rows that cross the bus, towards the device and back.
  public var downBytes, upBytes: Double
  /// Crossings, each with a latency.
  public var crossings: Double
  /// Of rows on the bus.
  public var busSeconds: Double
  /// What each side has to hold.
  public var device, host: MemoryFootprint

  /// One part after the other, and the bus between.
  public var seconds: Double { parts.reduce(busSeconds) { $0 + $1.seconds } }
  /// All bytes on the bus: rows, and weights that are used across it.
  public var busBytes: Double { parts.reduce(downBytes + upBytes) { $0 + $1.streamedBytes } }
  /// Both sides hold what lies on them.
  public var fits: Bool { device.fits && host.fits }
  /// Seconds by what takes them.
  public func seconds(on side: Side) -> Double {
    parts.reduce(0) { $0 + ($1.side == side ? $1.seconds : 0) }
  }
}
