import Dispatch
import Foundation

/// How well the models predict what they have not seen, beside simpler models and without single effects.
public struct Study: Sendable {
  /// Kernels that are judged together.
  public enum Class: String, CaseIterable, Hashable, Sendable {
    case gemm16 = "GEMM bf16"
    case gemmNarrow = "GEMM fp8, block, fp4"
    case prefill = "attention prefill"
    case decode = "attention decode (vLLM, SGLang)"
    case experts = "MoE"
    case collectives = "NVLink collectives"
    case norm = "RMSNorm"

    /// nil for groups that are listed but not judged.
    public init?(_ key: GroupKey) {
      switch key.kernel {
      case .gemm: self = key.format.quantisesInput ? .gemmNarrow : .gemm16
      case .attentionPrefill: self = .prefill
      case .attentionDecode where key.framework != "trtllm": self = .decode
      case .moe: self = .experts
      case .allGather, .reduceScatter, .allToAll: self = .collectives
      case .rmsNorm: self = .norm
      default: return nil
      }
    }
  }

  public struct GroupResult: Sendable {
    public var key: GroupKey
    public var device: String
    public var runs: Int
    public var roofline: ErrorSummary
    public var scalars: ErrorSummary
    public var model: ErrorSummary
    /// Held-out MAPE by number of runs fitted; `nil` where the group has fewer.
    public var curve: [Double?]
    /// Held-out MAPE with one parameter at its neutral end, by name.
    public var ablation: [(name: String, mape: Double)]
  }

  public static let curveSizes = [5, 10, 20, 50, 200]
  public var groups: [GroupResult]

  /// - Parameters:
  ///   - prior: start of groups with few runs, and of the learning curve.
  public init(_ set: RunSet, device: DeviceQuantities, prior: Calibration?) {
    let usable = set.believable(on: device).groups.filter { $0.runs.count >= 10 }
    let box = Box(count: usable.count)
    DispatchQueue.concurrentPerform(iterations: usable.count) { index in
      let (key, runs) = usable[index]
      box.put(Self.result(key, runs, device: device, prior: prior), at: index)
    }
    groups = box.all
  }

  private static func result(
    _ key: GroupKey, _ runs: [MeasuredRun], device: DeviceQuantities, prior: Calibration?
  ) -> GroupResult {
    let start = prior?.group(
      key.kernel, format: key.format, framework: key.framework, version: key.version,
      cacheFormat: key.cacheFormat)?.parameters
    let fitter = GroupFitter(device: device, prior: runs.count > Calibrator.manyRuns ? nil : start)
    let model = KernelModel.of(key.kernel, key.format)
    let group = fitter.fit(key, runs)
    func summary(_ predicted: [Double], bounded: Bool = false) -> ErrorSummary {
      ErrorSummary(
        zip(runs, predicted).filter { $1.isFinite && $0.isLLMSized }.map { run, seconds in
          (
            seconds, run.seconds, bounded ? seconds * exponential(group.low) : nil,
            bounded ? seconds * exponential(group.high) : nil
          )
        })
    }
    let plain = GroupFitter(device: device)
    return GroupResult(
      key: key, device: device.name, runs: runs.count,
      roofline: summary(runs.map { IdealWork(key.kernel, $0.shape).seconds(on: device) }),
      scalars: summary(plain.heldOut(runs, model: .threeScalars(key.kernel))),
      model: summary(fitter.heldOut(runs, model: model), bounded: true),
      curve: curve(runs, model: model, device: device, prior: start),
      ablation: runs.count < 60
        ? []
        : model.ablations.map { name, reduced in (name, summary(fitter.heldOut(runs, model: reduced)).mape) })
  }

  /// Fits n runs of the families that are not in the first fold, and judges that fold.
  private static func curve(
    _ runs: [MeasuredRun], model: KernelModel, device: DeviceQuantities, prior: [Double]?
  ) -> [Double?] {
    let folds = GroupFitter.fold(runs, 5)
    let judged = runs.indices.filter { folds[$0] == 0 && runs[$0].isLLMSized }.map { runs[$0] }
    let training = runs.indices.filter { folds[$0] != 0 }.map { runs[$0] }
      .sorted { (fnv($0.identity), $0.identity) < (fnv($1.identity), $1.identity) }
    guard !judged.isEmpty else { return curveSizes.map { _ in nil } }
    let fitter = GroupFitter(device: device, prior: prior)
    return curveSizes.map { size in
      guard training.count >= size else { return nil }
      let p = fitter.parameters(Array(training.prefix(size)), model: model, starts: 2)
      return ErrorSummary(judged.map { (model.seconds($0.shape, device, p), $0.seconds, nil, nil) }).mape
    }
  }

  private final class Box: @unchecked Sendable {
    private let lock = NSLock()
    private var slots: [GroupResult?]
    init(count: Int) { slots = Array(repeating: nil, count: count) }
    func put(_ value: GroupResult, at index: Int) {
      lock.lock()
      slots[index] = value
      lock.unlock()
    }
    var all: [GroupResult] { slots.compactMap { $0 } }
  }
}

extension KernelModel {
  /// The model without one effect each: a cost pinned to nothing, a limit pinned where it never binds.
  var ablations: [(name: String, model: KernelModel)] {
    let limits: Set<String> = [
      "core_pull", "head_tile", "most_splits", "most_splits_ungrouped", "blocks_per_core",
      "block_bytes_per_ns",
    ]
    return parameters.indices.compactMap { index in
      let parameter = parameters[index]
      if parameter.name.hasSuffix("efficiency")
        || ["overlap", "sharpness", "slice_k", "split_keys"].contains(parameter.name)
      {
        return nil
      }
      let value = limits.contains(parameter.name) ? parameter.upper : parameter.lower
      var reduced = self
      reduced.parameters[index] = Parameter(
        parameter.name, parameter.meaning, value * 0.999999...value * 1.000001, typical: value, spread: 1e-3)
      return (parameter.name, reduced)
    }
  }
}
