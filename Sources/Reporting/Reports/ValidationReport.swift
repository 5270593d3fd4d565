import Basics
import Calibration
import CostModel

/// `validate`: errors per group and kernel on any file of runs.
public enum ValidationReport {
  public static func document(
    _ groups: [ValidatedGroup], hardware: HardwareProfile, calibration: FittedDevice,
    passes: [ValidatedPass],
    rejected: [String]
  ) -> Document {
    var blocks: [Document.Block] = [.paragraph(source(groups, hardware, calibration))]
    blocks.append(.table(table(groups)))
    blocks.append(.paragraph(timeWeighted(groups)))
    blocks += bound(groups, hardware)
    let bytes = ValidationBytes(groups, hardware)
    blocks += bytes.blocks
    if !passes.isEmpty {
      blocks += [.heading("Whole passes"), .table(table(passes)), .paragraph(passesMeaning)]
    }
    let worst = groups.indices.flatMap { group in groups[group].rows.indices.map { (group, $0) } }
      .map { (distance: abs(logarithm(groups[$0].rows[$1].ratio)), group: $0, row: $1) }
      .sorted { $0.distance > $1.distance }.prefix(10).map {
        (groups[$0.group], groups[$0.group].rows[$0.row])
      }
    blocks.append(.heading("Worst rows"))
    blocks.append(
      .table(
        Table(
          columns: [
            ("row", .left), ("kernel", .left), ("shape", .left), ("measured", .right), ("predicted", .right),
          ],
          rows: worst.map { group, row in
            [
              place(row.run), group.group.kernel.rawValue,
              describe(row.run), Units.seconds(row.run.seconds), Units.seconds(row.predicted.seconds),
            ]
          })))
    if !rejected.isEmpty {
      let listed = RejectedRows.listed(rejected)
      blocks.append(.heading(listed[0]))
      blocks.append(.list(Array(listed.dropFirst())))
    }
    let runs = Double(groups.reduce(0) { $0 + $1.rows.count })
    var document = Document(
      title: "Validation on \(hardware.title): \(Units.whole(runs)) runs",
      blocks: blocks,
      records: records(groups, bytes), json: json(groups, passes, bytes, rejected: rejected.count),
      charts: { charts(groups, hardware) + bytes.charts })
    document.answer = Verdict.lines(groups)
    return document
  }

  /// Who beats the bound, by name, and what excuses them.
  private static func bound(_ groups: [ValidatedGroup], _ hardware: HardwareProfile) -> [Document.Block] {
    func count(_ verdict: BoundVerdict) -> Int {
      groups.reduce(0) { $0 + $1.rows.count { $0.verdict == verdict } }
    }
    let runs = groups.reduce(0) { $0 + $1.rows.count }
    let beaten = groups.flatMap { group in
      group.rows.lazy.filter { $0.verdict == .beaten }.map { (group, $0) }
    }
    let slack = Units.percent(RunBound.slack)
    var blocks: [Document.Block] = [
      .heading("The bound"),
      .paragraph(
        "\(Units.whole(Double(beaten.count))) of \(Units.whole(Double(runs))) runs beat what nothing beats by more"
          + " than \(slack) (far memory, peaks and links of the data sheet; compulsory bytes, full overlap). Excused:"
          + " \(count(.warmCache)) by a warm cache (operands of at most twice \(Units.memory(hardware.keptBytes)); they"
          + " hold the bound less one such cache), \(count(.aboveSheet)) above the data sheet (at most 10 % faster, at"
          + " most one in a thousand of a device's)."),
    ]
    let nearest = groups.compactMap { group in group.nearestToBound.map { (group, $0) } }
    blocks += [
      .paragraph("Of each group, the run nearest to its bound:"),
      .table(
        Table(
          columns: [
            ("kernel", .left), ("framework", .left), ("precision", .left), ("shape", .left),
            ("measured", .right), ("÷ bound", .right), ("÷ expected", .right), ("bound by", .left),
          ],
          rows: nearest.map { group, row in
            [
              group.group.kernel.rawValue, group.group.framework.name,
              CalibrationReport.precision(group.group), describe(row.run), Units.seconds(row.run.seconds),
              Units.fixed(row.overBound, 2), Units.fixed(row.ratio, 2), row.bound.by.name(hardware),
            ]
          })),
    ]
    if !beaten.isEmpty {
      blocks.append(
        .table(
          Table(
            columns: [
              ("row", .left), ("kernel", .left), ("shape", .left), ("measured", .right), ("bound", .right),
              ("by", .left), ("resident bound", .right),
            ],
            rows: beaten.map { group, row in
              [
                place(row.run), group.group.kernel.rawValue, describe(row.run),
                Units.seconds(row.run.seconds),
                Units.seconds(row.bound.seconds), row.bound.by.name(hardware),
                Units.seconds(row.bound.resident),
              ]
            })))
    }
    return blocks
  }

  private static func place(_ run: Run) -> String {
    "\(run.file.split(separator: "/").last ?? ""):\(run.line)"
  }

  /// What a reader should know of a row.
  private static func note(_ row: ValidatedRow, in group: ValidatedGroup) -> String {
    var notes = row.verdict.map { [$0.rawValue] } ?? []
    if let even = row.bound.balanced, row.run.seconds < even * (1 - RunBound.slack) {
      notes.append("fewer experts than evenly dealt tokens touch")
    }
    if group.isInSample { notes.append("in sample") }
    return notes.joined(separator: "; ")
  }

  private static func source(
    _ groups: [ValidatedGroup], _ hardware: HardwareProfile, _ calibration: FittedDevice
  ) -> String {
    guard !calibration.groups.isEmpty else {
      return "By the prior: parameters that all measured devices share, on \(hardware.name)."
    }
    let bases = Set(groups.map(\.basis.rawValue)).sorted().joined(separator: ", ")
    return calibration.hardware == hardware.name
      ? "Calibrated on \(calibration.origin)\(bases == "calibrated" ? "" : ": \(bases)")."
      : "Calibrated on \(calibration.hardware), carried over to \(hardware.name) by its physical quantities; intervals"
        + " are widened (\(bases))."
  }

  private static func table(_ groups: [ValidatedGroup]) -> Table {
    Table(
      columns: [
        ("kernel", .left), ("framework", .left), ("precision", .left), ("n", .right), ("MAPE", .right),
        ("median", .right), ("90 %", .right), ("ratio", .right), ("in interval", .right),
        ("", .left),
      ],
      rows: groups.map { group in
        [
          group.group.kernel.rawValue, group.group.framework.name, CalibrationReport.precision(group.group),
          Units.whole(Double(group.rows.count)), Units.error(group.mape),
          Units.error(GroupFitting.quantile(group.errors, 0.5)),
          Units.error(GroupFitting.quantile(group.errors, 0.9)),
          Units.fixed(group.geometricMean, 3),
          group.coverage.map { Units.percent($0) } ?? "", group.isInSample ? "in sample" : "",
        ]
      })
  }

  /// A 3 µs launch counts as much as a 30 ms prefill in a mean of percentages; here each counts by its time.
  private static func timeWeighted(_ groups: [ValidatedGroup]) -> String {
    var (measured, missed) = (0.0, 0.0)
    for row in groups.lazy.flatMap(\.rows) {
      measured += row.run.seconds
      missed += abs(row.predicted.seconds - row.run.seconds)
    }
    return
      "Ratio: geometric mean of measured over predicted. Weighted by time, as kernels of a forward pass are, the"
      + " error is \(Units.fixed(measured > 0 ? 100 * missed / measured : 0, 1)) %."
  }

  private static let passesMeaning =
    "Each operator's prediction is corrected by measured over predicted of the run nearest to its shape; what has no run"
    + " within a factor of four counts as predicted."

  private static func table(_ passes: [ValidatedPass]) -> Table {
    Table(
      columns: [
        ("model", .left), ("pass", .left), ("framework", .left), ("predicted", .right), ("corrected", .right),
        ("error", .right), ("measured share", .right),
      ],
      rows: passes.map { pass in
        [
          pass.model, pass.work, pass.framework.name, Units.seconds(pass.check.predicted),
          Units.seconds(pass.check.corrected),
          (pass.check.error < 0 ? "−" : "+") + Units.fixed(abs(pass.check.error), 1) + " %",
          Units.percent(pass.check.shareMeasured),
        ]
      })
  }

  static func describe(_ run: Run) -> String {
    func n(_ value: Double) -> String { Units.whole(value) }
    switch run.shape.measured {
    case .call(.product(let call)): return "\(n(call.rows)) × \(n(call.outputs)) × \(n(call.inputs))"
    case .call(.attention(let call)):
      return "\(n(call.sequences)) × \(n(call.queries > 1 ? call.queries : call.length)),"
        + " \(n(call.heads))/\(n(call.storedHeads)) heads of \(n(call.keyWidth))"
    case .call(.experts(let call)):
      return "\(n(call.tokens)) tokens, \(n(call.topK)) of \(n(call.experts)),"
        + " \(n(call.hidden)) × \(n(Double(call.expert.intermediate)))"
    case .call(.rows(let call)): return "\(n(call.rows)) × \(n(call.width))"
    case .call: return run.group.kernel.rawValue
    case .message(let bytes): return "\(n(run.shape.ranks)) ranks, \(n(bytes)) B"
    case .pass(let pass):
      return "\(n(pass.passes)) passes of \(n(pass.tokens)) tokens, \(n(pass.weights)) weights"
    }
  }

  private static func records(_ groups: [ValidatedGroup], _ bytes: ValidationBytes) -> Records {
    Records(
      columns: [
        "gpu", "kernel", "framework", "version", "dtype", "kv_dtype", "line", "shape", "measured_seconds",
        "predicted_seconds", "seconds_low", "seconds_high", "basis", "bound_seconds",
        "resident_bound_seconds",
        "note",
      ] + bytes.columns
    ) { body in
      for group in groups {
        for row in group.rows {
          try body(
            [
              .string(group.gpu), .string(group.group.kernel.rawValue), .string(group.group.framework.name),
              .string(group.group.version), .string(group.group.format.spelling),
              .string(group.group.cache.spelling),
              .number(Double(row.run.line)), .string(describe(row.run)), .number(row.run.seconds),
              .number(row.predicted.seconds), .number(row.predicted.low), .number(row.predicted.high),
              .string(row.predicted.basis.rawValue), .number(row.bound.seconds), .number(row.bound.resident),
              .string(note(row, in: group)),
            ] + bytes.cells(row))
        }
      }
    }
  }

  private static func json(
    _ groups: [ValidatedGroup], _ passes: [ValidatedPass], _ bytes: ValidationBytes, rejected: Int
  ) -> JSONValue {
    .members(
      ("schema", .string("rooftree/validation/1")), ("rejected_rows", .number(Double(rejected))),
      ("traffic", bytes.json),
      (
        "passes",
        .array(
          passes.map { pass in
            .members(
              ("model", .string(pass.model)), ("pass", .string(pass.work)),
              ("framework", .string(pass.framework.name)),
              ("predicted_seconds", .number(pass.check.predicted)),
              ("corrected_seconds", .number(pass.check.corrected)),
              ("error_percent", .number(pass.check.error)),
              ("share_measured", .number(pass.check.shareMeasured)))
          })
      ),
      (
        "groups",
        .array(
          groups.map { group in
            .members(
              ("gpu", .string(group.gpu)), ("kernel", .string(group.group.kernel.rawValue)),
              ("framework", .string(group.group.framework.name)), ("version", .string(group.group.version)),
              ("dtype", .string(group.group.format.spelling)),
              ("kv_dtype", .string(group.group.cache.spelling)),
              ("n", .number(Double(group.rows.count))), ("mape", .number(group.mape)),
              ("median_ape", .number(GroupFitting.quantile(group.errors, 0.5))),
              ("p90_ape", .number(GroupFitting.quantile(group.errors, 0.9))),
              ("geometric_mean_ratio", .number(group.geometricMean)),
              ("interval_coverage", group.coverage.map { .number($0) } ?? .null),
              ("best_over_bound", .number(group.nearestToBound?.overBound ?? .nan)),
              ("in_sample", .bool(group.isInSample)),
              ("basis", .string(group.basis.rawValue)))
          })
      ))
  }

  private static let mostDots = 20_000

  /// Measured over predicted, a panel a kernel.
  private static func charts(_ groups: [ValidatedGroup], _ hardware: HardwareProfile) -> [Chart] {
    let kernels = groups.map(\.group.kernel.rawValue).reduce(into: [String]()) {
      if !$0.contains($1) { $0.append($1) }
    }
    // A picture of a million dots is none: every so many-th run.
    let step = 1 + groups.reduce(0) { $0 + $1.rows.count } / mostDots
    let facets = kernels.map { kernel -> RatioFacets.Facet in
      (
        name: kernel.replacing("_", with: " "),
        points: groups.filter { $0.group.kernel.rawValue == kernel }.flatMap { group in
          stride(from: 0, to: group.rows.count, by: step).map { group.rows[$0] }
        }.map { row in
          RatioFacets.Point(
            size: row.bound.seconds, ratio: row.ratio, low: row.predicted.low / row.predicted.seconds,
            high: row.predicted.high / row.predicted.seconds, name: describe(row.run))
        }, shown: Units.seconds
      )
    }
    let all = groups.flatMap(\.errors).sorted()
    return RatioFacets(
      name: "ratios", title: "Measured over predicted time", subtitle: hardware.title,
      horizontalTitle: "the time at best", verticalTitle: "measured ÷ predicted", facets: facets
    ).charts(
      caption:
        "\(Units.whole(Double(all.count))) runs by kernel, each a dot over what its work takes at best; shaded: the 80 %"
        + " interval. Named: the farthest outside it. What is beyond the scale stands at its edge.",
      finding:
        "Half of the runs are predicted within \(Units.error(GroupFitting.quantile(all, 0.5))), nine in ten"
        + " within \(Units.error(GroupFitting.quantile(all, 0.9))).")
  }
}
