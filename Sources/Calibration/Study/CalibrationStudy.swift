import Basics
import CostModel

/// How good the models are: shapes held out, beside what is simpler, over the number of runs.
public struct CalibrationStudy: Sendable {
  /// Runs of one device.
  public struct Source: Sendable {
    /// The device.
    public var profile: HardwareProfile
    /// All that was measured on it.
    public var runs: [Run]

    /// - Parameter runs: all of `profile`.
    public init(profile: HardwareProfile, runs: [Run]) {
      self.profile = profile
      self.runs = runs
    }
  }

  /// What was studied.
  public let sources: [Source]
  /// By group and device.
  public let outcomes: [StudyOutcome]
  /// Each device from another.
  public let transfers: [StudyTransfer]
  /// Each device from what all others share.
  public let prior: PriorStudy

  /// Numbers of runs that learning is shown over.
  public static let sizes = [5, 10, 20, 50, 200]

  /// How often `init` reports a step.
  public static func steps(_ sources: [Source]) -> Int {
    2 * engines(sources).reduce(0) { $0 + Set($1.runs.map(\.group)).count }
      + PriorFitting.classes(sources).count
  }

  /// Runs of inference engines' kernels: eager ones hold the host's launch, and teach the prior alone.
  private static func engines(_ sources: [Source]) -> [Source] {
    sources.map { source in
      Source(
        profile: source.profile,
        runs: source.runs.filter {
          $0.group.framework != .torch && (!$0.group.kernel.isCollective || source.profile.hasFabric)
        })
    }
    .filter { !$0.runs.isEmpty }
  }

  /// Everything at once; heavy, so all groups are fitted in parallel.
  public init(_ sources: [Source], step: () -> Void) async {
    self.sources = sources
    var outcomes: [StudyOutcome] = []
    await withTaskGroup(of: StudyOutcome?.self) { tasks in
      for source in Self.engines(sources) {
        guard let device = DeviceQuantities(source.profile) else { continue }
        for (group, runs) in Dictionary(grouping: source.runs, by: \.group) {
          tasks.addTask { StudyOutcome(device, source.profile.name, group, runs) }
        }
      }
      for await outcome in tasks {
        step()
        if let outcome { outcomes.append(outcome) }
      }
    }
    self.outcomes = outcomes.sorted { ($0.group, $0.device) < ($1.group, $1.device) }
    transfers = await StudyTransfer.all(Self.engines(sources), step: step)
    prior = await PriorStudy(sources, step: step)
  }

  /// Mean absolute error, in percent.
  public static func error(_ rows: [StudyPoint]) -> Double {
    100 * rows.reduce(0) { $0 + abs($1.predicted / $1.measured - 1) } / Double(max(1, rows.count))
  }

  /// Geometric mean of measured over predicted.
  public static func ratio(_ rows: [StudyPoint]) -> Double {
    exponential(rows.reduce(0) { $0 + logarithm($1.measured / $1.predicted) } / Double(max(1, rows.count)))
  }

  /// The middle one; 0 of none.
  public static func median(_ values: [Double]) -> Double { GroupFitting.quantile(values.sorted(), 0.5) }
}

/// Kernels whose groups are judged together.
public struct StudyRow: Sendable {
  /// In tables.
  public let name: String
  /// Whether a group is one of them.
  public let belongs: @Sendable (RunGroup) -> Bool

  /// In the order of the report.
  public static let all: [StudyRow] = [
    StudyRow(name: "GEMM bf16, fp16") { $0.kernel == .gemm && !$0.format.isNarrow },
    StudyRow(name: "GEMM fp8, block") { $0.kernel == .gemm && $0.format.isNarrow },
    StudyRow(name: "attention prefill") { $0.kernel == .attentionPrefill },
    StudyRow(name: "attention decode (vLLM, SGLang)") {
      $0.kernel == .attentionDecode && $0.framework != .trtllm
    },
    StudyRow(name: "attention decode (TensorRT-LLM)") {
      $0.kernel == .attentionDecode && $0.framework == .trtllm
    },
    StudyRow(name: "MLA prefill") { $0.kernel == .latentPrefill },
    StudyRow(name: "MLA decode") { $0.kernel == .latentDecode },
    StudyRow(name: "MoE") { $0.kernel == .mixture },
    StudyRow(name: "NVLink collectives") {
      $0.kernel.isCollective && $0.framework != .ncclOfVidur
    },
    StudyRow(name: "RMSNorm") { $0.kernel == .rmsNorm },
  ]
}

extension Framework {
  /// Vidur's profile of NCCL, of 1 µs resolution.
  static let ncclOfVidur = Framework("nccl_vidur")
}

/// Seconds of a run.
public struct StudyPoint: Sendable {
  public var measured, predicted: Double

  init(_ run: Run, _ predicted: Double) {
    measured = run.seconds
    self.predicted = predicted
  }
}

/// One group's held-out predictions by each method.
public struct StudyOutcome: Sendable {
  /// Its name.
  public let device: String
  /// What was held out and predicted.
  public let group: RunGroup
  /// Of the model, of the data sheet's roofline, of three scalars.
  public let model, roofline, scalars: [StudyPoint]
  /// Share of runs in 80 % intervals that never saw them.
  public let coverage: Double
  /// Error by number of runs of the fit.
  public let curve: [(runs: Int, error: Double)]
  /// Error of coarse families of shapes.
  public let families: [(family: String, error: Double, runs: Int)]
  /// Error without each effect.
  public let ablation: [(effect: String, error: Double)]

  /// - Returns: nil where there are too few runs of sizes that language models have.
  init?(_ device: DeviceQuantities, _ name: String, _ group: RunGroup, _ runs: [Run]) {
    guard runs.count >= GroupFitting.fewestRuns(group), runs.count > StudyTransfer.few else { return nil }
    let held = GroupFitting.heldOut(group, runs, on: device).filter(\.run.isModelSized)
    guard held.count >= 5 else { return nil }
    self.device = name
    self.group = group
    model = held.map(StudyPoint.init)
    roofline = held.map { StudyPoint($0.run, Baseline.roofline(group, $0.run.shape, on: device)) }
    scalars = GroupFitting.heldOut(ThreeScalarModel.self, group, runs, on: device)
      .filter(\.run.isModelSized).map(StudyPoint.init)
    coverage = Self.coverage(held)
    curve = CalibrationStudy.sizes.filter { $0 < runs.count * 2 / 3 }.map { size in
      (size, Self.error(GroupFitting.heldOut(group, runs, on: device, limit: size)))
    }
    families = Dictionary(grouping: held, by: \.run.familyName).map { name, rows in
      (family: name, error: Self.error(rows), runs: rows.count)
    }.sorted { $0.family < $1.family }
    ablation = Self.ablation(KernelModels.model(for: group), group, runs, device)
  }

  private static func error(_ held: [(run: Run, predicted: Double)]) -> Double {
    CalibrationStudy.error(held.filter(\.run.isModelSized).map(StudyPoint.init))
  }

  private static func ablation<Model: KernelModel>(
    _ model: Model.Type, _ group: RunGroup, _ runs: [Run], _ device: DeviceQuantities
  ) -> [(effect: String, error: Double)] {
    model.effects(of: group.kernel).map { effect in
      (
        effect.name,
        error(GroupFitting.heldOut(model, group, runs, on: device, within: effect.parameters))
      )
    }
  }

  /// Intervals from two thirds of the held-out families, judged on the last third, each third in turn; of fewer than six
  /// families, from two thirds of the row counts.
  private static func coverage(_ held: [(run: Run, predicted: Double)]) -> Double {
    let few = Set(held.map(\.run.family)).count < 6
    let rows = held.map { run, predicted in
      let key = run.family + (few ? [run.shape.product.rows + run.shape.rows.rows] : [])
      return (
        fold: abs(key.reduce(0) { $0 * 31 + $1 }.hashable) % 3, ratio: logarithm(run.seconds / predicted)
      )
    }
    var inside = 0
    for fold in 0..<3 {
      let (low, high) = GroupFitting.bounds(of: rows.filter { $0.fold != fold }.map(\.ratio).sorted())
      inside += rows.count { $0.fold == fold && low <= $0.ratio && $0.ratio <= high }
    }
    return Double(inside) / Double(max(1, held.count))
  }
}

extension Run {
  /// A coarse family for the split table.
  fileprivate var familyName: String {
    switch group.kernel {
    case .gemm:
      let rows = shape.product.rows
      return rows <= 64 ? "m ≤ 64" : rows <= 1024 ? "m ≤ 1,024" : "m > 1,024"
    case .attentionPrefill, .attentionDecode:
      let call = shape.attention
      return call.span != .full ? "windowed" : call.heads == call.storedHeads ? "MHA" : "GQA, MQA"
    case .mixture: return shape.experts.tokens <= 128 ? "≤ 128 tokens" : "> 128 tokens"
    default: return "all"
    }
  }
}

extension Double {
  /// A whole number to take a remainder of, the same everywhere.
  fileprivate var hashable: Int { Int(truncatingRemainder(dividingBy: 1_000_003)) }
}
