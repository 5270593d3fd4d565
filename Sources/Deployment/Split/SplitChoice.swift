import CostModel

/// The best of all splits of a number of devices, and what it was chosen among.
public struct SplitChoice: Sendable {
  /// What was chosen.
  public let best: DeployedModel
  /// Seconds of one pass through all stages, messages as they are expected.
  public let seconds: Double
  /// How many splits there are, and how many of them the memory holds.
  public let tried, fitting: Int
  /// The best of the others.
  public let next: (split: Split, seconds: Double)?

  /// The split with the shortest pass among those that fit.
  ///
  /// - Parameter passes: what has to fit and is timed, all after the other.
  /// - Returns: nil where nothing fits.
  public static func best(
    of cluster: Cluster, for model: ModelSpec, on profile: HardwareProfile, precision: PrecisionPlan,
    router: RouterLoad = .balanced, links: FittedLinks, passes: [Workload]
  ) -> SplitChoice? {
    let batch = passes.map(\.batch).min() ?? 1
    var found: [(model: DeployedModel, seconds: Double)] = []
    var tried = 0
    for split in splits(of: cluster.devices, for: model) where Double(split.batches) <= batch {
      guard
        let deployed = try? DeployedModel(
          model, on: profile, precision: precision, router: router, split: split, cluster: cluster,
          links: links)
      else { continue }
      tried += 1
      guard passes.allSatisfy({ deployed.memory($0).fits }) else { continue }
      found.append((deployed, passes.reduce(0) { $0 + deployed.expectedLatency($1) }))
    }
    found.sort { $0.seconds < $1.seconds }
    return found.first.map { best in
      SplitChoice(
        best: best.model, seconds: best.seconds, tried: tried, fitting: found.count,
        next: found.dropFirst().first.map { ($0.model.split, $0.seconds) })
    }
  }

  /// Devices that are tried for the smallest number that holds a model.
  static let most = 1024

  /// The smallest number of devices that holds `passes`, and its best split.
  ///
  /// - Returns: nil where `most` devices are too few.
  public static func smallest(
    for model: ModelSpec, on profile: HardwareProfile, precision: PrecisionPlan,
    router: RouterLoad = .balanced, links: FittedLinks, passes: [Workload]
  ) -> SplitChoice? {
    guard let capacity = profile.levels.first?.capacityBytes, capacity > 0 else { return nil }
    let fewest = max(1, Int(min(Double(most), (model.weightBytes(precision) / capacity).rounded(.up))))
    for devices in fewest...max(fewest, most) {
      let cluster = Cluster(devices: devices, of: profile)
      if let choice = best(
        of: cluster, for: model, on: profile, precision: precision, router: router, links: links,
        passes: passes)
      {
        return choice
      }
    }
    return nil
  }

  /// Splits that leave no rank with less than another's heads: tensor ranks divide heads and share key/value heads evenly;
  /// experts stay together, or are dealt out over tensor ranks or the whole stage.
  static func splits(of devices: Int, for model: ModelSpec) -> [Split] {
    let hasExperts = !model.mixtures.isEmpty
    var list: [Split] = []
    for tensor in 1...devices where devices % tensor == 0 && model.deals(evenly: tensor) {
      for pipeline in 1...(devices / tensor) where (devices / tensor) % pipeline == 0 {
        var split = Split()
        (split.tensor, split.pipeline, split.data) = (tensor, pipeline, devices / tensor / pipeline)
        list.append(split)
        guard hasExperts else { continue }
        for expert in Set([tensor, split.stageRanks]).sorted() where expert > 1 {
          split.expert = expert
          list.append(split)
          guard tensor > 1 else { continue }
          split.attentionData = tensor
          list.append(split)
          split.attentionData = 1
        }
      }
    }
    return list.filter { (try? $0.check(for: model)) != nil }
  }
}

extension ModelSpec {
  fileprivate func deals(evenly ranks: Int) -> Bool {
    ranks == 1 || kinds.allSatisfy { $0.layer.mixer.dealt?.deals(evenly: ranks) ?? true }
  }
}
