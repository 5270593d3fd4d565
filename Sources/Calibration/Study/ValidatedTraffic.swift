import CostModel

/// Bytes of a run across the boundary below one level: what the cost model charges beside what counters saw.
public struct ValidatedTraffic: Sendable, Hashable {
  /// As the profile calls it.
  public var level: String
  /// Charged, reads and writes.
  public var predictedRead, predictedWrite: Double
  /// What counters saw.
  public var measured: MeasuredTraffic.Level

  /// Charged bytes of what was counted: one direction where the other was not.
  public var predicted: Double {
    if measured.total != nil { return predictedRead + predictedWrite }
    return measured.read != nil ? predictedRead : predictedWrite
  }

  /// What was counted of them.
  public var counted: Double { measured.total ?? measured.read ?? measured.write ?? 0 }
  /// Measured over predicted.
  public var ratio: Double { counted / predicted }
}

extension Run {
  /// Measured bytes by level beside those that the cost model charges; nothing for levels that the device lacks, for
  /// messages, and below the far memory of whole passes.
  public func traffic(on device: DeviceQuantities, _ profile: HardwareProfile) -> [ValidatedTraffic] {
    guard !traffic.isEmpty else { return [] }
    let charged: Traffic
    switch shape.measured {
    case .call: charged = Baseline.costs(group, shape, on: device)?.traffic ?? Traffic()
    case .pass(let pass):
      charged = Traffic(reads: SIMD4(pass.weightBytes * pass.passes, 0, 0, 0))
    case .message: return []
    }
    return traffic.levels.compactMap { measured in
      let far = ["hbm", "dram"].contains(measured.name) ? 0 : nil
      guard let index = profile.levels.firstIndex(where: { $0.name == measured.name }) ?? far,
        charged.reads[index] + charged.writes[index] > 0
      else { return nil }
      return ValidatedTraffic(
        level: profile.levels[index].name, predictedRead: charged.reads[index],
        predictedWrite: charged.writes[index], measured: measured)
    }
  }
}

extension ValidatedRow {
  /// Its place on the roofline by counted bytes of the far memory, nil where they were not counted, beside the predicted
  /// one; nil where it has no FLOPs or no bytes.
  public func intensities(
    on device: DeviceQuantities, _ profile: HardwareProfile
  ) -> (flops: Double, predicted: Double, measured: Double?)? {
    guard let work = Baseline.costs(run.group, run.shape, on: device), work.traffic.total[0] > 0 else {
      return nil
    }
    let flops = work.matmulFLOPs > 0 ? work.matmulFLOPs : work.vectorFLOPs
    guard flops > 0 else { return nil }
    let far = run.traffic(on: device, profile).first { $0.level == profile.levels[0].name }
    guard let far, far.measured.total != nil, far.counted > 0 else {
      return (flops, flops / work.traffic.total[0], nil)
    }
    return (flops, flops / far.predicted, flops / far.counted)
  }
}
