import Basics
import CostModel

/// What the prior says of devices that it was never taught: each in turn from the others, its interval as well.
public struct PriorStudy: Sendable {
  /// Of a class of kernels, in order.
  public let rows: [Row]

  /// One class.
  public struct Row: Sendable {
    /// Which kernels share parameters.
    public let kind: PriorClass
    /// By device.
    public let cells: [Cell]
  }

  /// One device held out.
  public struct Cell: Sendable {
    /// Its name.
    public let device: String
    /// Absolute errors in percent, of the prior and of the roofline, and measured over predicted, by run.
    public let errors, roofline, ratios: [Double]
    /// Share of the runs in the interval that never saw the device.
    public let coverage: Double
    /// That interval.
    public let interval: ErrorInterval

    init(_ device: String, _ points: [(point: StudyPoint, roofline: Double)], _ interval: ErrorInterval) {
      self.device = device
      self.interval = interval
      errors = points.map { 100 * abs($0.point.predicted / $0.point.measured - 1) }
      roofline = points.map { 100 * abs($0.roofline / $0.point.measured - 1) }
      ratios = points.map { $0.point.measured / $0.point.predicted }
      let inside = ratios.count { min(1, interval.low) <= $0 && $0 <= max(1, interval.high) }
      coverage = Double(inside) / Double(max(1, points.count))
    }
  }

  /// Classes that at least two devices have runs of.
  public init(_ sources: [CalibrationStudy.Source], step: () -> Void) async {
    var rows: [Row] = []
    await withTaskGroup(of: Row?.self) { tasks in
      for kind in PriorFitting.classes(sources) { tasks.addTask { Row(kind, sources) } }
      for await found in tasks {
        step()
        if let found { rows.append(found) }
      }
    }
    self.rows = rows.sorted { $0.kind < $1.kind }
  }
}

extension PriorStudy.Row {
  /// - Returns: nil of fewer than two devices.
  init?(_ kind: PriorClass, _ sources: [CalibrationStudy.Source]) {
    guard let pool = PooledRuns(kind, sources), pool.devices.count > 1 else { return nil }
    self.kind = kind
    cells = pool.devices.map { device in
      PriorStudy.Cell(
        device, pool.points(of: device, by: pool.fit(leavingOut: [device])),
        PriorFitting.interval(pool, without: device).interval)
    }.filter { !$0.errors.isEmpty }
  }

  /// In a line.
  public var label: String { kind.label }

  /// Middle of a figure of each run, devices weighing alike.
  public func median(_ figure: KeyPath<PriorStudy.Cell, [Double]>) -> Double {
    WeightedQuantile.of(
      cells.flatMap { cell in
        cell[keyPath: figure].map { (value: $0, weight: 1 / Double(cell.errors.count)) }
      }, 0.5)
  }

  /// Of the devices' shares inside.
  public var coverage: Double { cells.reduce(0) { $0 + $1.coverage } / Double(cells.count) }
  /// Geometric mean of the devices' intervals.
  public var interval: ErrorInterval {
    ErrorInterval(
      low: geometricMean(cells.map(\.interval.low)), high: geometricMean(cells.map(\.interval.high)))
  }
}
