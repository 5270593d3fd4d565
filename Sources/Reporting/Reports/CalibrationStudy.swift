import Basics
import Calibration
import CostModel

/// How good the models are: shapes held out, beside what is simpler, over the number of runs.
public enum CalibrationStudy {
  /// Runs of one device.
  public struct Source: Sendable {
    public var profile: HardwareProfile
    public var runs: [Run]

    public init(profile: HardwareProfile, runs: [Run]) {
      self.profile = profile
      self.runs = runs
    }
  }

  /// One group's held-out predictions by each method.
  struct Outcome: Sendable {
    var label: String
    var device: String
    var group: RunGroup
    var model, roofline, scalars: [(measured: Double, predicted: Double)]
    var coverage: Double
    /// Error by number of runs of the fit.
    var curve: [(runs: Int, error: Double)]
    var families: [(family: String, error: Double, runs: Int)]
    /// Error without each effect.
    var ablation: [(effect: String, error: Double)]
  }

  static let sizes = [5, 10, 20, 50, 200]

  static func outcome(_ device: DeviceQuantities, _ name: String, _ group: RunGroup, _ runs: [Run])
    -> Outcome?
  {
    let model = KernelModels.model(for: group)
    guard runs.count >= GroupFitting.fewestRuns(group), runs.count > Transfer.few else { return nil }
    let held = GroupFitting.heldOut(group, runs, on: device).filter { $0.run.isModelSized }
    guard held.count >= 5 else { return nil }
    let scalars = GroupFitting.heldOut(group, runs, on: device, model: ThreeScalarModel(group: group))
      .filter { $0.run.isModelSized }
    let curve = sizes.filter { $0 < runs.count * 2 / 3 }.map { size -> (runs: Int, error: Double) in
      let rows = GroupFitting.heldOut(group, runs, on: device, limit: size).filter { $0.run.isModelSized }
      return (size, error(rows.map { ($0.run.seconds, $0.predicted) }))
    }
    let families = Dictionary(grouping: held) { familyName($0.run) }.map { name, rows in
      (family: name, error: error(rows.map { ($0.run.seconds, $0.predicted) }), runs: rows.count)
    }
    let names = Set(model.parameters.map(\.name))
    let ablation = Ablation.effects(of: group.kernel).filter { !names.isDisjoint(with: $0.fixed.keys) }.map {
      let rows = GroupFitting.heldOut(group, runs, on: device, model: AblatedModel(model, fixing: $0.fixed))
        .filter { $0.run.isModelSized }
      return (effect: $0.name, error: error(rows.map { ($0.run.seconds, $0.predicted) }))
    }
    return Outcome(
      label: "\(group.framework) \(CalibrationReport.precision(group))", device: name, group: group,
      model: held.map { ($0.run.seconds, $0.predicted) },
      roofline: held.map { ($0.run.seconds, Baseline.roofline(group, $0.run.shape, on: device)) },
      scalars: scalars.map { ($0.run.seconds, $0.predicted) }, coverage: coverage(held), curve: curve,
      families: families.sorted { $0.family < $1.family }, ablation: ablation)
  }

  /// Intervals from two thirds of the held-out families, judged on the last third, each third in turn; of fewer than six
  /// families, from two thirds of the row counts.
  private static func coverage(_ held: [(run: Run, predicted: Double)]) -> Double {
    let few = Set(held.map(\.run.family)).count < 6
    var inside = 0
    for fold in 0..<3 {
      func belongs(_ run: Run) -> Bool {
        abs((run.family + (few ? [run.shape.m] : [])).reduce(0) { $0 * 31 + $1 }.hashable) % 3 == fold
      }
      let known = held.filter { !belongs($0.run) }.map { logarithm($0.run.seconds / $0.predicted) }
        .sorted()
      let (low, high) = GroupFitting.bounds(of: known)
      inside += held.count {
        guard belongs($0.run) else { return false }
        let ratio = logarithm($0.run.seconds / $0.predicted)
        return low <= ratio && ratio <= high
      }
    }
    return Double(inside) / Double(max(1, held.count))
  }

  /// A coarse family for the split table.
  private static func familyName(_ run: Run) -> String {
    let s = run.shape
    switch run.group.kernel {
    case .gemm: return s.m <= 64 ? "m ≤ 64" : s.m <= 1024 ? "m ≤ 1,024" : "m > 1,024"
    case .attentionPrefill, .attentionDecode:
      return s.window > 0 ? "windowed" : s.heads == s.keyValueHeads ? "MHA" : "GQA, MQA"
    case .mixture: return s.tokens <= 128 ? "≤ 128 tokens" : "> 128 tokens"
    default: return "all"
    }
  }

  static func error(_ rows: [(Double, Double)]) -> Double {
    100 * rows.reduce(0) { $0 + abs($1.1 / $1.0 - 1) } / Double(max(1, rows.count))
  }

  static func ratio(_ rows: [(measured: Double, predicted: Double)]) -> Double {
    exponential(
      rows.reduce(0) { $0 + logarithm($1.measured / $1.predicted) } / Double(max(1, rows.count)))
  }

  static func median(_ values: [Double]) -> Double { GroupFitting.quantile(values.sorted(), 0.5) }

  /// Rows of the headline table and which groups belong to each.
  static let rows: [(name: String, target: Double?, belongs: @Sendable (RunGroup) -> Bool)] = [
    ("GEMM bf16, fp16", 6, { $0.kernel == .gemm && ["bfloat16", "float16"].contains($0.dtype) }),
    ("GEMM fp8, block", 10, { $0.kernel == .gemm && !["bfloat16", "float16"].contains($0.dtype) }),
    ("attention prefill", 11, { $0.kernel == .attentionPrefill }),
    ("attention decode (vLLM, SGLang)", 8, { $0.kernel == .attentionDecode && $0.framework != "trtllm" }),
    ("attention decode (TensorRT-LLM)", nil, { $0.kernel == .attentionDecode && $0.framework == "trtllm" }),
    ("MLA prefill", nil, { $0.kernel == .latentPrefill }),
    ("MLA decode", nil, { $0.kernel == .latentDecode }),
    ("MoE", 10, { $0.kernel == .mixture }),
    (
      "NVLink collectives", 8,
      {
        [.allReduce, .allGather, .reduceScatter, .allToAll].contains($0.kernel)
          && $0.framework != "nccl_vidur"
      }
    ), ("RMSNorm", 8, { $0.kernel == .rmsNorm }),
  ]

  /// How often `document` reports a step.
  public static func steps(_ sources: [Source]) -> Int {
    2 * sources.reduce(0) { $0 + Set($1.runs.map(\.group)).count }
  }

  /// Everything at once; heavy, so all groups are fitted in parallel.
  public static func document(_ sources: [Source], step: () -> Void) async -> Document {
    var outcomes: [Outcome] = []
    await withTaskGroup(of: Outcome?.self) { tasks in
      for source in sources {
        guard let device = DeviceQuantities(source.profile) else { continue }
        for (group, runs) in Dictionary(grouping: source.runs, by: \.group) {
          tasks.addTask { outcome(device, source.profile.name, group, runs) }
        }
      }
      for await outcome in tasks {
        step()
        if let outcome { outcomes.append(outcome) }
      }
    }
    outcomes.sort { ($0.group, $0.device) < ($1.group, $1.device) }
    let transfers = await Transfer.all(sources, step: step)
    let devices = sources.map(\.profile.name).joined(separator: ", ")
    return Document(
      title: "How good the calibrated models are: \(devices)",
      blocks: [
        .paragraph(
          "Mean absolute percentage errors on runs whose whole shape family was held out of the fit"
            + " (\(GroupFitting.folds) folds), on"
            + " shapes that language models have; the median of the groups (device, framework, version, precision)."
            + " Beside it the plain roofline of the data sheet, and a fit of one compute efficiency, one bandwidth"
            + " efficiency and one fixed overhead a group."), .table(headline(outcomes)),
        .heading("Learning curve: held-out error over runs of the fit"), .table(learning(outcomes)),
        .heading("Carried over to another device"), .paragraph(Transfer.method),
        .table(Transfer.table(transfers)),
        .heading("Ablation: held-out error without an effect"), .table(ablations(outcomes)),
        .list(remaining(outcomes, transfers) + unjudged(sources)),
        .heading("By group"), .table(groups(outcomes)), .heading("By family"), .table(families(outcomes)),
        .paragraph(
          "Medians hide nothing here: groups far above the others are TensorRT-LLM's decode attention, whose kernel"
            + " choice jumps between shapes, expert layers on A100, tuned for some shapes only, and profiles of 1 µs"
            + " resolution (sarathi, nccl_vidur)."),
      ],
      records: Records(
        columns: [
          "device", "kernel", "framework", "version", "dtype", "kv_dtype", "n", "mape", "roofline_mape",
          "three_scalar_mape", "ratio", "coverage",
        ],
        rows: outcomes.map {
          [
            .string($0.device), .string($0.group.kernel.rawValue), .string($0.group.framework),
            .string($0.group.version), .string($0.group.dtype), .string($0.group.cacheDtype),
            .number(Double($0.model.count)), .number(error($0.model)), .number(error($0.roofline)),
            .number(error($0.scalars)), .number(ratio($0.model)), .number($0.coverage),
          ]
        }),
      json: .members(("schema", .string("rooftree/calibration-study/1"))))
  }

  /// What stays above its aim, and what of it no model can mend.
  private static func remaining(_ outcomes: [Outcome], _ transfers: [Transfer]) -> [String] {
    var lines = rows.compactMap { row -> String? in
      let found = outcomes.filter { row.belongs($0.group) }
      guard let target = row.target, !found.isEmpty else { return nil }
      let reached = median(found.map { error($0.model) })
      guard (reached * 10).rounded() / 10 > target else { return nil }
      let families = Set(found.flatMap { outcome in outcome.families.map(\.family) }).count
      let floor = median(found.map { roundingError($0.model.map(\.measured)) })
      return "\(row.name): \(percent(reached)) against an aim of \(percent(target))"
        + (floor > 1
          ? "; measured to whole microseconds, which alone is an error of \(percent(floor)) on average" : "")
        + (row.name == "RMSNorm" && families == 1
          ? "; two widths were measured, so that holding out one extrapolates from the other" : "") + "."
    }
    lines += Transfer.remaining(transfers)
    if lines.isEmpty { lines = ["Every kernel is within its aim, the kits too."] }
    return lines
  }

  /// What these devices cannot show.
  private static func unjudged(_ sources: [Source]) -> [String] {
    let cores = sources.map(\.profile.cores)
    return Set(cores).count < cores.count
      ? []
      : [
        "Not judged: carrying over to a sibling with more bandwidth; no two of these devices have the same cores."
      ]
  }

  /// Mean error that a clock of whole microseconds makes by itself, in percent: a quarter of its step on average; 0 where
  /// times are finer.
  private static func roundingError(_ seconds: [Double]) -> Double {
    let steps = seconds.filter { abs(($0 * 1e6).rounded() - $0 * 1e6) < 1e-6 }
    guard Double(steps.count) > 0.8 * Double(seconds.count) else { return 0 }
    return 100 * seconds.reduce(0) { $0 + 0.25e-6 / $1 } / Double(max(1, seconds.count))
  }

  private static func percent(_ value: Double) -> String { Units.fixed(value, 1) + " %" }

  private static func headline(_ outcomes: [Outcome]) -> Table {
    Table(
      columns: [
        ("kernel", .left), ("groups", .right), ("roofline", .right), ("three scalars", .right),
        ("model", .right),
        ("aim", .right), ("ratio", .right), ("in 80 % interval", .right),
      ],
      rows: rows.compactMap { row in
        let found = outcomes.filter { row.belongs($0.group) }
        guard !found.isEmpty else { return nil }
        let pooled = found.flatMap(\.model)
        let inside =
          found.reduce(0) { $0 + $1.coverage * Double($1.model.count) } / Double(max(1, pooled.count))
        return [
          row.name, "\(found.count)", percent(median(found.map { error($0.roofline) })),
          percent(median(found.map { error($0.scalars) })), percent(median(found.map { error($0.model) })),
          row.target.map { Units.fixed($0, 0) + " %" } ?? "–", Units.fixed(ratio(pooled), 3),
          Units.percent(inside),
        ]
      })
  }

  private static func learning(_ outcomes: [Outcome]) -> Table {
    Table(
      columns: [("kernel", .left)] + sizes.map { ("\($0)", .right) } + [("all", .right)],
      rows: rows.compactMap { row in
        let found = outcomes.filter { row.belongs($0.group) }
        guard !found.isEmpty else { return nil }
        return [row.name]
          + sizes.map { size in
            let errors = found.compactMap { outcome in outcome.curve.first { $0.runs == size }?.error }
            return errors.isEmpty ? "" : percent(median(errors))
          } + [percent(median(found.map { error($0.model) }))]
      })
  }

  private static func ablations(_ outcomes: [Outcome]) -> Table {
    var lines: [[String]] = []
    for row in Self.rows {
      let found = outcomes.filter { row.belongs($0.group) }
      var effects: [String] = []
      for outcome in found { effects += outcome.ablation.map(\.effect).filter { !effects.contains($0) } }
      for effect in effects {
        let pairs = found.compactMap { outcome in
          outcome.ablation.first { $0.effect == effect }.map { ($0.error, error(outcome.model)) }
        }
        lines.append([
          row.name, effect, percent(median(pairs.map(\.0))), percent(median(pairs.map(\.1))),
        ])
      }
    }
    return Table(
      columns: [("kernel", .left), ("effect", .left), ("without", .right), ("with", .right)], rows: lines)
  }

  private static func groups(_ outcomes: [Outcome]) -> Table {
    Table(
      columns: [
        ("device", .left), ("kernel", .left), ("software", .left), ("n", .right), ("roofline", .right),
        ("three scalars", .right), ("model", .right), ("ratio", .right),
      ],
      rows: outcomes.map {
        [
          $0.device, $0.group.kernel.rawValue, $0.label, "\($0.model.count)", percent(error($0.roofline)),
          percent(error($0.scalars)), percent(error($0.model)), Units.fixed(ratio($0.model), 3),
        ]
      })
  }

  private static func families(_ outcomes: [Outcome]) -> Table {
    var rows: [[String]] = []
    for row in Self.rows {
      let found = outcomes.filter { row.belongs($0.group) }
      let names = Set(found.flatMap { $0.families.map(\.family) }).sorted()
      guard names.count > 1 else { continue }
      for name in names {
        let parts = found.compactMap { outcome in outcome.families.first { $0.family == name } }
        rows.append([
          row.name, name, "\(parts.reduce(0) { $0 + $1.runs })", percent(median(parts.map(\.error))),
        ])
      }
    }
    return Table(
      columns: [("kernel", .left), ("family", .left), ("n", .right), ("model", .right)], rows: rows)
  }
}

extension Double {
  /// A whole number to take a remainder of, the same everywhere.
  fileprivate var hashable: Int { Int(truncatingRemainder(dividingBy: 1_000_003)) }
}
