import Basics
import CostModel
import Specs

/// Makes the prior: what all measured devices share, with intervals of devices held out.
public enum PriorFitting {
  /// Classes that runs of these devices teach.
  public static func classes(_ sources: [CalibrationStudy.Source]) -> [PriorClass] {
    Set(
      sources.flatMap { source in
        Set(source.runs.map(\.group)).map { PriorClass($0, vendor: source.profile.vendor) }
      }.filter { $0.kernel != .forwardPass }
    ).sorted()
  }

  /// - Parameter step: called behind each class.
  public static func fit(_ sources: [CalibrationStudy.Source], step: () -> Void) async -> FittedDevice {
    var groups: [GroupFit] = []
    await withTaskGroup(of: [GroupFit].self) { tasks in
      for kind in classes(sources) { tasks.addTask { fits(kind, sources) } }
      for await fits in tasks {
        step()
        groups += fits
      }
    }
    return FittedDevice(hardware: Catalogue.everyDevice, groups: groups.sorted { $0.group < $1.group })
  }

  /// One fit a software and format, and one for any other.
  private static func fits(_ kind: PriorClass, _ sources: [CalibrationStudy.Source]) -> [GroupFit] {
    guard let pool = PooledRuns(kind, sources) else { return [] }
    let shared = pool.fit()
    let (interval, error) = interval(pool)
    let own = pool.devices.flatMap { pool.points(of: $0, by: shared).map(\.point) }
    func fit(_ group: RunGroup, _ key: Int?) -> GroupFit {
      GroupFit(
        group: group, parameters: shared.values(key), runs: pool.runs, fingerprint: "",
        inSampleMAPE: CalibrationStudy.error(own), heldOutMAPE: error, interval: interval,
        otherInterval: interval, taughtBalance: pool.balance)
    }
    let keys = pool.keys.prefix(pool.ownKeys)
    let others = Set(
      keys.map { group -> RunGroup in
        var other = group
        other.framework = Framework("")
        return other
      }
    ).subtracting(keys).filter { KernelModels.takeSameSteps($0, pool.keys[0]) }
    return keys.enumerated().map { fit($0.element, $0.offset) } + others.map { fit($0, nil) }
  }

  /// Each device from the others; `out` teaches and judges nothing.
  static func interval(
    _ pool: PooledRuns, without out: String? = nil
  ) -> (interval: ErrorInterval, error: Double) {
    let devices = pool.devices.filter { $0 != out }
    guard devices.count > 1 else {
      // One device teaches: its own residuals, widened.
      let shared = pool.fit(leavingOut: out.map { [$0] } ?? [])
      let points = devices.flatMap { pool.points(of: $0, by: shared).map(\.point) }
      return (ErrorInterval(of: points.map(\.logRatio)).widened, CalibrationStudy.error(points))
    }
    let held = devices.map { device in
      pool.points(of: device, by: pool.fit(leavingOut: Set([device] + (out.map { [$0] } ?? []))))
        .map(\.point)
    }.filter { !$0.isEmpty }
    // Two devices, each predicted from the other, say less of a third than three and more do.
    let interval = ErrorInterval(ofDevices: held)
    return (
      held.count == 2 ? interval.widened(by: 1.25) : interval,
      held.reduce(0) { $0 + CalibrationStudy.error($1) } / Double(max(1, held.count))
    )
  }
}

extension StudyPoint {
  /// Of measured over predicted.
  var logRatio: Double { logarithm(measured / predicted) }
}

extension ErrorInterval {
  /// 10 % and 90 % points of all devices' ratios, each device weighing the same.
  init(ofDevices devices: [[StudyPoint]]) {
    let weighted = devices.flatMap { points in
      points.map { (value: $0.logRatio, weight: 1 / Double(points.count)) }
    }
    self.init(
      low: exponential(WeightedQuantile.of(weighted, 0.1)),
      high: exponential(WeightedQuantile.of(weighted, 0.9)))
  }
}

enum WeightedQuantile {
  /// The value that so much of the weight lies at or below; 0 of none.
  static func of(_ values: [(value: Double, weight: Double)], _ share: Double) -> Double {
    let sorted = values.sorted { $0.value < $1.value }
    let all = sorted.reduce(0) { $0 + $1.weight }
    var sum = 0.0
    for entry in sorted {
      sum += entry.weight
      if sum >= share * all { return entry.value }
    }
    return sorted.last?.value ?? 0
  }
}
