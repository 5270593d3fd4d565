import Basics

/// One fitted number: what it means, where it starts, and what is physical.
public struct Parameter: Sendable, Hashable {
  /// As files have it.
  public var name: String
  /// As files explain it.
  public var meaning: String
  public var initial, low, high: Double
  /// A fixed time on the device: so many cycles, longer where the clock is slower.
  var isLatency: Bool { name.hasSuffix("_seconds") && name != "softmax_seconds" }
  /// Bytes a clock that one core alone draws from far memory.
  var isPull: Bool { name == "core_bytes_per_clock" }
}

/// A model's parameters by name. A new vector has usual values: what fits of several devices came to.
protocol ParameterVector: Hashable, Sendable {
  init()
  /// In the order of files and fits.
  static var table: [ParameterEntry<Self>] { get }
}

/// One parameter of a vector, with its place in it. Paths through structures hold nothing that could change.
struct ParameterEntry<Vector>: @unchecked Sendable {
  let path: WritableKeyPath<Vector, Double>
  let parameter: Parameter

  /// The same within a larger vector.
  func within<Outer>(_ outer: WritableKeyPath<Outer, Vector>) -> ParameterEntry<Outer> {
    ParameterEntry<Outer>(path: outer.appending(path: path), parameter: parameter)
  }
}

extension ParameterEntry where Vector: ParameterVector {
  init(
    _ path: WritableKeyPath<Vector, Double>, _ name: String, _ meaning: String, _ bounds: ClosedRange<Double>
  ) {
    self.path = path
    parameter = Parameter(
      name: name, meaning: meaning, initial: Vector()[keyPath: path], low: bounds.lowerBound,
      high: bounds.upperBound)
  }
}

extension ParameterVector {
  static var parameters: [Parameter] { table.map(\.parameter) }

  /// - Parameter values: in the order of the table.
  init(_ values: [Double]) { self.init(values, Self.table) }

  init(_ values: [Double], _ table: [ParameterEntry<Self>]) {
    self.init()
    for (entry, value) in zip(table, values) { self[keyPath: entry.path] = value }
  }

  /// The same on a device, of parameters at the usual clock: latencies are cycles, of cores that wait for memory of a clock
  /// of its own; what a core pulls alone is at least its part of far memory's bandwidth, which all of them fill.
  func on(_ device: DeviceQuantities) -> Self {
    let factor = power(DeviceQuantities.usualClock / device.clock, 0.8)
    let part = device.farBandwidth / (device.cores * device.clock)
    var copy = self
    for entry in Self.table {
      if entry.parameter.isLatency { copy[keyPath: entry.path] *= factor }
      if entry.parameter.isPull { copy[keyPath: entry.path] = max(part, copy[keyPath: entry.path]) }
    }
    return copy
  }

  /// In the order of the table.
  var values: [Double] { Self.table.map { self[keyPath: $0.path] } }
}
