import Basics
import CostModel

/// Runs of one class on several devices, and fits of the parameters that those share: all of the class's, and for each
/// software and format the time of a launch (the first parameter of every model). Each device weighs the same.
struct PooledRuns {
  /// A device's runs of one group.
  private struct Part {
    let device: String
    let quantities: DeviceQuantities
    let group: RunGroup
    /// Of the class itself, to be judged too.
    let isOwn: Bool
    /// Among `keys`.
    let key: Int
    let runs: [Run]
  }

  let kind: PriorClass
  /// Groups with a launch time of their own, those of other classes last.
  let keys: [RunGroup]
  /// How many of them are the class's.
  let ownKeys: Int
  /// By name, in order.
  let devices: [String]
  private let parts: [Part]
  private let model: any KernelModel.Type

  /// Of one device's group; more are sampled by nothing that has to do with their size.
  static let mostRuns = 250
  /// Seconds of an eager call below which it is the host's.
  static let hostBound = 1.5e-4
  /// Of a device, to teach or judge.
  static let fewestRuns = 12

  init?(_ kind: PriorClass, _ sources: [CalibrationStudy.Source]) {
    self.kind = kind
    var parts: [Part] = []
    var keys: [RunGroup] = []
    func add(own: Bool) {
      for source in sources {
        guard let quantities = DeviceQuantities(source.profile),
          !kind.kernel.isCollective || source.profile.hasFabric
        else { continue }
        for (group, runs) in Dictionary(grouping: source.runs, by: \.group).sorted(by: { $0.key < $1.key }) {
          let other = PriorClass(group, vendor: source.profile.vendor)
          guard kind.isTaught(by: other), (other == kind) == own else { continue }
          let runs = group.framework == .torch ? runs.filter { $0.seconds >= Self.hostBound } : runs
          let key = group.shared(by: kind.vendor)
          if !keys.contains(key) { keys.append(key) }
          parts.append(
            Part(
              device: source.profile.name, quantities: quantities, group: group, isOwn: own,
              key: keys.firstIndex(of: key) ?? 0,
              runs: GroupFitting.sample(runs, Self.mostRuns).chosen))
        }
      }
    }
    add(own: true)
    ownKeys = keys.count
    add(own: false)
    let counts = Dictionary(grouping: parts, by: \.device).mapValues { $0.reduce(0) { $0 + $1.runs.count } }
    parts.removeAll { (counts[$0.device] ?? 0) < Self.fewestRuns }
    guard let first = parts.first, first.isOwn else { return nil }
    self.parts = parts
    self.keys = keys
    devices = Set(parts.map(\.device)).sorted()
    model = KernelModels.model(for: first.group)
  }

  /// Those devices' FLOPs for a byte of far memory, in the class's format.
  var balance: ClosedRange<Double> {
    let all = parts.map { $0.quantities.peak($0.group.format.number) / $0.quantities.farBandwidth }
    return (all.min() ?? 0)...(all.max() ?? 0)
  }
  var runs: Int { parts.reduce(0) { $0 + $1.runs.count } }

  /// All but the launch of each key, then those, in the order of `keys`.
  struct Shared {
    var parameters: [Double]
    var launches: [Double]

    /// Of a model.
    func values(_ key: Int?) -> [Double] {
      [key.map { launches[$0] } ?? geometricMean(launches)] + parameters
    }
  }

  func fit(leavingOut out: Set<String> = []) -> Shared { fit(model, out) }

  private func fit<Model: KernelModel>(_ model: Model.Type, _ out: Set<String>) -> Shared {
    let parts = parts.filter { !out.contains($0.device) }
    let table = Model.Parameters.table
    let shared = Model.shared(of: kind.kernel)
    let parameters = shared.dropFirst() + keys.map { _ in shared[0] }
    let counts = Dictionary(grouping: parts, by: \.device).mapValues { $0.reduce(0) { $0 + $1.runs.count } }
    let all = Double(parts.reduce(0) { $0 + $1.runs.count })
    let weights = parts.flatMap { part in
      part.runs.map { _ in all / Double(counts.count) / Double(counts[part.device] ?? 1) }
    }
    let shapes = parts.map { $0.runs.map(\.shape) }
    var fitter = Fitter()
    fitter.starts = 1
    fitter.iterations = 40
    fitter.usualStrength = Model.sharedStrength(of: kind.kernel)
    func split(_ values: [Double]) -> Shared {
      Shared(
        parameters: Array(values.prefix(shared.count - 1)),
        launches: Array(values.dropFirst(shared.count - 1)))
    }
    let values = fitter.fit(
      Array(parameters), to: parts.flatMap { $0.runs.map { logarithm($0.seconds) } }, weights: weights
    ) { values in
      let shared = split(values)
      return zip(parts, shapes).flatMap { part, shapes in
        Model.seconds(
          Model.Parameters(shared.values(part.key), table).on(part.quantities), shapes,
          for: taught(part.group), on: part.quantities)
      }
    }
    var result = split(values)
    // What nobody taught is as long as what they did.
    let own = parts.filter(\.isOwn)
    let known = Set((own.isEmpty ? parts : own).map(\.key))
    let usual = geometricMean(known.map { result.launches[$0] })
    for key in 0..<ownKeys where !known.contains(key) { result.launches[key] = usual }
    result.launches.removeLast(keys.count - ownKeys)
    return result
  }

  /// A group as one of the class.
  private func taught(_ group: RunGroup) -> RunGroup {
    var group = group
    group.kernel = kind.kernel
    return group
  }

  /// A device's runs of the class beside what others say of them, never below the roofline.
  func points(of device: String, by shared: Shared) -> [(point: StudyPoint, roofline: Double)] {
    points(model, device, shared)
  }

  private func points<Model: KernelModel>(
    _ model: Model.Type, _ device: String, _ shared: Shared
  ) -> [(point: StudyPoint, roofline: Double)] {
    parts.filter { $0.device == device && $0.isOwn }.flatMap { part in
      let parameters = Model.Parameters(shared.values(part.key)).on(part.quantities)
      let times = Model.seconds(parameters, part.runs.map(\.shape), for: part.group, on: part.quantities)
      return zip(part.runs, times).map {
        (StudyPoint($0, $1), Baseline.roofline(part.group, $0.shape, on: part.quantities))
      }
    }
  }
}

/// 0 of none.
func geometricMean(_ values: [Double]) -> Double {
  values.isEmpty ? 0 : exponential(values.reduce(0) { $0 + logarithm($1) } / Double(values.count))
}

extension HardwareProfile {
  /// Devices reach one another by more than a host's bus.
  var hasFabric: Bool { fabric.first.map { $0.topology != .host && $0.name != "nic" } ?? false }
}
