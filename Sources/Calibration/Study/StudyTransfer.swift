import CostModel

/// How well one device's calibration serves another, without any run of it and with a few.
public struct StudyTransfer: Sendable {
  /// Devices by name.
  public let from, to: String
  /// What was predicted.
  public let group: RunGroup
  /// Errors on model-sized rows that no fit saw: no run of the device, a few beside the other's parameters, the same
  /// few alone. Nil of too few rows.
  public let none, few, alone: Double?
  /// All runs of the group are a kit.
  public let isKit: Bool

  /// A group of no more runs is a new device's kit: it judges priors and is no study of its own.
  public static let few = 25
  /// Runs that a fit of a larger group gets.
  public static let sample = 20

  /// Each device from the first other one.
  static func all(_ sources: [CalibrationStudy.Source], step: () -> Void) async -> [StudyTransfer] {
    var result: [StudyTransfer] = []
    await withTaskGroup(of: StudyTransfer?.self) { tasks in
      for source in sources {
        guard let device = DeviceQuantities(source.profile),
          let other = sources.first(where: { $0.profile.name != source.profile.name }),
          let calibration = fitted(other), let predictor = Predictor(calibration, on: source.profile)
        else { continue }
        for (group, runs) in Dictionary(grouping: source.runs, by: \.group) {
          tasks.addTask {
            guard let prior = predictor.fit(for: group)?.fit.parameters else { return nil }
            return StudyTransfer(
              KernelModels.model(for: group), prior, from: calibration.hardware, to: source.profile.name,
              device,
              group, runs)
          }
        }
      }
      for await transfer in tasks {
        step()
        if let transfer { result.append(transfer) }
      }
    }
    return result.sorted { ($0.group, $0.to) < ($1.group, $1.to) }
  }

  private static func fitted(_ source: CalibrationStudy.Source) -> FittedDevice? {
    guard let device = DeviceQuantities(source.profile) else { return nil }
    let fits = Dictionary(grouping: source.runs, by: \.group).compactMap { group, runs in
      runs.count > few ? GroupFitting.fit(group, runs, on: device) : nil
    }
    return FittedDevice(hardware: source.profile.name, groups: fits.sorted { $0.group < $1.group })
  }

  private init?<Model: KernelModel>(
    _ model: Model.Type, _ prior: [Double], from: String, to: String, _ device: DeviceQuantities,
    _ group: RunGroup, _ runs: [Run]
  ) {
    func predicted(_ runs: [Run], _ parameters: [Double]) -> [StudyPoint] {
      zip(runs, model.seconds(parameters, runs.map(\.shape), for: group, on: device))
        .filter { $0.0.isModelSized }.map { StudyPoint($0, $1) }
    }
    func fitted(_ prior: [Double]?, _ chosen: [Run], _ rest: [Run]) -> [StudyPoint] {
      predicted(rest, Fitter(prior: prior).fit(model, chosen, for: group, on: device))
    }
    /// From all others, each run of a kit; the rest, from a sample of a larger group.
    func unseen(_ prior: [Double]?) -> [StudyPoint] {
      guard runs.count <= Self.few else {
        let (chosen, rest) = GroupFitting.sample(runs, Self.sample)
        return fitted(prior, chosen, rest)
      }
      return runs.indices.flatMap { index in
        fitted(prior, runs.enumerated().filter { $0.offset != index }.map(\.element), [runs[index]])
      }
    }
    func error(_ points: [StudyPoint]) -> Double? { points.count < 5 ? nil : CalibrationStudy.error(points) }
    guard let none = error(predicted(runs, prior)) else { return nil }
    self.from = from
    self.to = to
    self.group = group
    self.none = none
    few = error(unseen(prior))
    alone = error(unseen(nil))
    isKit = runs.count <= Self.few
  }
}
