import Dispatch
import Foundation

/// Fits every group of a set of runs.
public struct Calibrator: Sendable {
  public var device: DeviceQuantities
  public var prior: Calibration?
  /// Groups with more runs than this start from typical values even where there is a prior.
  public static let manyRuns = 30

  public init(device: DeviceQuantities, prior: Calibration?) {
    self.device = device
    self.prior = prior
  }

  public struct Outcome: Sendable {
    public var calibration: Calibration
    public var rejected: [RejectedRun]
    /// Groups that have too few runs, by name with what they need.
    public var refused: [String]
  }

  /// - Parameter progress: called with the groups done and all of them, from any thread.
  public func calibrate(
    _ set: RunSet, progress: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
  ) -> Outcome {
    let gated = set.believable(on: device)
    let groups = gated.groups
    let refused = groups.filter { $0.runs.count < GroupFitter.fewestRuns }.map {
      "\($0.key.title): \($0.runs.count) runs; a group needs at least \(GroupFitter.fewestRuns)"
    }
    let usable = groups.filter { $0.runs.count >= GroupFitter.fewestRuns }
    let results = Results(count: usable.count)
    // The longest first, so that no thread is left with one at the end.
    let order = usable.indices.sorted { (-usable[$0].runs.count, $0) < (-usable[$1].runs.count, $1) }
    DispatchQueue.concurrentPerform(iterations: order.count) { position in
      let index = order[position]
      let (key, runs) = usable[index]
      let start = runs.count > Self.manyRuns ? nil : priorParameters(key)
      let fitted = GroupFitter(device: device, prior: start).fit(key, runs)
      progress(results.put(fitted, at: index), order.count)
    }
    let fitted = results.all
    return Outcome(
      calibration: Calibration(
        device: device.name, fingerprint: gated.fingerprint, runs: fitted.reduce(0) { $0 + $1.runs },
        rejected: gated.rejected.count,
        prior: fitted.contains { $0.origin == .adapted } ? prior?.device : nil, groups: fitted),
      rejected: gated.rejected, refused: refused)
  }

  private func priorParameters(_ key: GroupKey) -> [Double]? {
    prior?.group(
      key.kernel, format: key.format, framework: key.framework, version: key.version,
      cacheFormat: key.cacheFormat)?.parameters
  }

  /// Filled from several threads, each place once.
  private final class Results: @unchecked Sendable {
    private let lock = NSLock()
    private var slots: [GroupCalibration?]
    private var done = 0

    init(count: Int) { slots = Array(repeating: nil, count: count) }

    func put(_ value: GroupCalibration, at index: Int) -> Int {
      lock.lock()
      defer { lock.unlock() }
      slots[index] = value
      done += 1
      return done
    }

    var all: [GroupCalibration] {
      lock.lock()
      defer { lock.unlock() }
      return slots.compactMap { $0 }
    }
  }
}

extension RunSet {
  /// Without the runs that no such device can do.
  public func believable(on device: DeviceQuantities) -> RunSet {
    var kept: [MeasuredRun] = []
    var out = rejected
    for run in runs {
      if run.seconds < IdealWork(run.key.kernel, run.shape).floor(on: device) {
        out.append(
          RejectedRun(
            location: "\(run.file):\(run.line)", reason: "faster than \(device.name)'s datasheet allows"))
      } else {
        kept.append(run)
      }
    }
    return RunSet(runs: kept, rejected: out)
  }
}
