import Calibration
import CostModel

/// `calibrate --study`: how good the models are, in tables.
public enum CalibrationStudyReport {
  /// - Parameter study: of any number of devices.
  public static func document(_ study: CalibrationStudy) -> Document {
    let outcomes = study.outcomes
    let devices = study.sources.map(\.profile.name).joined(separator: ", ")
    let unjudged = unjudged(study.sources)
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
        .heading("Carried over to another device"),
        .paragraph(
          "Parameters of one device with the physical quantities of another: without any run of it, with"
            + " \(StudyTransfer.sample) runs a group that the fit starts from there, and with the same runs alone."
            + " Errors are those of the other runs; of kits of up to \(StudyTransfer.few) runs, of each run from all"
            + " the others."),
        .table(transfers(study.transfers)),
      ] + priorBlocks(study.prior) + [
        .heading("Ablation: held-out error without an effect"), .table(ablations(outcomes)),
      ] + (unjudged.isEmpty ? [] : [.list(unjudged)]) + [
        .heading("By group"), .table(groups(outcomes)), .heading("By family"), .table(families(outcomes)),
        .paragraph(
          "Medians hide nothing here: groups far above the others are TensorRT-LLM's decode attention, whose kernel"
            + " choice jumps between shapes, expert layers on A100, tuned for some shapes only, and profiles of 1 µs"
            + " resolution (sarathi, nccl_vidur)."),
      ], records: records(outcomes), json: .members(("schema", .string("rooftree/calibration-study/1"))))
  }

  private static func records(_ outcomes: [StudyOutcome]) -> Records {
    Records(
      columns: [
        "device", "kernel", "framework", "version", "dtype", "kv_dtype", "n", "mape", "roofline_mape",
        "three_scalar_mape", "ratio", "coverage",
      ],
      rows: outcomes.map {
        [
          .string($0.device), .string($0.group.kernel.rawValue), .string($0.group.framework.name),
          .string($0.group.version), .string($0.group.format.spelling), .string($0.group.cache.spelling),
          .number(Double($0.model.count)), .number(CalibrationStudy.error($0.model)),
          .number(CalibrationStudy.error($0.roofline)), .number(CalibrationStudy.error($0.scalars)),
          .number(CalibrationStudy.ratio($0.model)), .number($0.coverage),
        ]
      })
  }

  private static func priorBlocks(_ study: PriorStudy) -> [Document.Block] {
    guard !study.rows.isEmpty else { return [] }
    return [
      .heading("Devices that nobody measured: the prior"),
      .paragraph(
        "Each device is predicted by parameters that the others share, in units of the device, with an interval from"
          + " nested residuals: each of the others predicted from the rest. Median absolute error and median of measured"
          + " over predicted, devices weighing alike; coverage of the 80 % interval; its bounds. Runs of eager PyTorch"
          + " count from 150 µs up: shorter ones are the host's."),
      .table(
        Table(
          columns: [
            ("kernel", .left), ("devices", .right), ("roofline", .right), ("prior", .right),
            ("ratio", .right),
            ("in 80 % interval", .right), ("interval", .right),
          ],
          rows: study.rows.map { row in
            [
              row.label, "\(row.cells.count)", percent(row.median(\.roofline)), percent(row.median(\.errors)),
              Units.fixed(row.median(\.ratios), 2), Units.percent(row.coverage), text(row.interval),
            ]
          })),
      .table(
        Table(
          columns: [
            ("kernel", .left), ("device", .left), ("runs", .right), ("prior", .right), ("ratio", .right),
            ("in 80 % interval", .right), ("interval", .right),
          ],
          rows: study.rows.flatMap { row in
            row.cells.map { cell in
              [
                row.label, cell.device, "\(cell.errors.count)", percent(CalibrationStudy.median(cell.errors)),
                Units.fixed(CalibrationStudy.median(cell.ratios), 2), Units.percent(cell.coverage),
                text(cell.interval),
              ]
            }
          })),
    ]
  }

  private static func text(_ interval: ErrorInterval) -> String {
    "\(Units.fixed(interval.low, 2))–\(Units.fixed(interval.high, 2))"
  }

  /// What these devices cannot show.
  private static func unjudged(_ sources: [CalibrationStudy.Source]) -> [String] {
    let cores = sources.map(\.profile.cores)
    return Set(cores).count < cores.count
      ? []
      : [
        "Not judged: carrying over to a sibling with more bandwidth; no two of these devices have the same cores."
      ]
  }

  private static func percent(_ value: Double) -> String { Units.fixed(value, 1) + " %" }

  private static func error(_ points: [StudyPoint]) -> String { percent(CalibrationStudy.error(points)) }

  /// The middle of several groups' errors.
  private static func median(_ errors: [Double]) -> String { percent(CalibrationStudy.median(errors)) }

  private static func median(
    _ outcomes: [StudyOutcome], _ method: KeyPath<StudyOutcome, [StudyPoint]>
  ) -> String {
    median(outcomes.map { CalibrationStudy.error($0[keyPath: method]) })
  }

  /// Rows that have groups, with those.
  private static func found(_ outcomes: [StudyOutcome]) -> [(row: StudyRow, outcomes: [StudyOutcome])] {
    StudyRow.all.map { row in (row, outcomes.filter { row.belongs($0.group) }) }.filter { !$0.1.isEmpty }
  }

  private static func headline(_ outcomes: [StudyOutcome]) -> Table {
    Table(
      columns: [
        ("kernel", .left), ("groups", .right), ("roofline", .right), ("three scalars", .right),
        ("model", .right), ("ratio", .right), ("in 80 % interval", .right),
      ],
      rows: found(outcomes).map { row, found in
        let pooled = found.flatMap(\.model)
        let inside =
          found.reduce(0) { $0 + $1.coverage * Double($1.model.count) } / Double(max(1, pooled.count))
        return [
          row.name, "\(found.count)", median(found, \.roofline), median(found, \.scalars),
          median(found, \.model), Units.fixed(CalibrationStudy.ratio(pooled), 3), Units.percent(inside),
        ]
      })
  }

  private static func learning(_ outcomes: [StudyOutcome]) -> Table {
    let sizes = CalibrationStudy.sizes
    return Table(
      columns: [("kernel", .left)] + sizes.map { ("\($0)", .right) } + [("all", .right)],
      rows: found(outcomes).map { row, found in
        [row.name]
          + sizes.map { size in
            let errors = found.compactMap { outcome in outcome.curve.first { $0.runs == size }?.error }
            return errors.isEmpty ? "" : median(errors)
          } + [median(found, \.model)]
      })
  }

  private static func transfers(_ transfers: [StudyTransfer]) -> Table {
    func cell(_ errors: [Double]) -> String { errors.isEmpty ? "–" : median(errors) }
    return Table(
      columns: [
        ("kernel", .left), ("from", .left), ("to", .left), ("groups", .right), ("no runs", .right),
        ("\(StudyTransfer.sample) runs", .right), ("\(StudyTransfer.sample) runs alone", .right),
      ],
      rows: StudyRow.all.flatMap { row -> [[String]] in
        let found = transfers.filter { row.belongs($0.group) }
        var pairs: [[String]] = []
        for transfer in found where !pairs.contains([transfer.from, transfer.to]) {
          pairs.append([transfer.from, transfer.to])
        }
        return pairs.map { pair in
          let own = found.filter { [$0.from, $0.to] == pair }
          return [
            row.name, pair[0], pair[1], "\(own.count)", cell(own.compactMap(\.none)),
            cell(own.compactMap(\.few)), cell(own.compactMap(\.alone)),
          ]
        }
      })
  }

  private static func ablations(_ outcomes: [StudyOutcome]) -> Table {
    Table(
      columns: [("kernel", .left), ("effect", .left), ("without", .right), ("with", .right)],
      rows: found(outcomes).flatMap { row, found -> [[String]] in
        var effects: [String] = []
        for outcome in found { effects += outcome.ablation.map(\.effect).filter { !effects.contains($0) } }
        return effects.map { effect in
          let known = found.filter { $0.ablation.contains { $0.effect == effect } }
          let without = known.compactMap { $0.ablation.first { $0.effect == effect }?.error }
          return [row.name, effect, median(without), median(known, \.model)]
        }
      })
  }

  private static func groups(_ outcomes: [StudyOutcome]) -> Table {
    Table(
      columns: [
        ("device", .left), ("kernel", .left), ("software", .left), ("n", .right), ("roofline", .right),
        ("three scalars", .right), ("model", .right), ("ratio", .right),
      ],
      rows: outcomes.map {
        [
          $0.device, $0.group.kernel.rawValue,
          "\($0.group.framework.name) \(CalibrationReport.precision($0.group))", "\($0.model.count)",
          error($0.roofline), error($0.scalars), error($0.model),
          Units.fixed(CalibrationStudy.ratio($0.model), 3),
        ]
      })
  }

  private static func families(_ outcomes: [StudyOutcome]) -> Table {
    Table(
      columns: [("kernel", .left), ("family", .left), ("n", .right), ("model", .right)],
      rows: found(outcomes).flatMap { row, found -> [[String]] in
        let names = Set(found.flatMap { $0.families.map(\.family) }).sorted()
        return names.count < 2
          ? []
          : names.map { name in
            let parts = found.compactMap { outcome in outcome.families.first { $0.family == name } }
            return [row.name, name, "\(parts.reduce(0) { $0 + $1.runs })", median(parts.map(\.error))]
          }
      })
  }
}
