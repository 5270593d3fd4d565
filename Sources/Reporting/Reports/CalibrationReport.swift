import Calibration
import CostModel

/// `calibrate`: what was fitted, and how good it is.
public enum CalibrationReport {
  public static func document(
    _ calibration: FittedDevice, rejected: [String], refused: [String]
  ) -> Document {
    let rows = calibration.groups.map { fit in
      [
        fit.group.kernel.rawValue, "\(fit.group.framework.name) \(fit.group.version)", precision(fit.group),
        Units.whole(Double(fit.runs)),
        Units.error(fit.inSampleMAPE), Units.error(fit.heldOutMAPE),
        "× \(Units.fixed(fit.interval.low, 2)) … \(Units.fixed(fit.interval.high, 2))",
      ]
    }
    var blocks: [Document.Block] = []
    let doubtful = calibration.groups.filter(\.isDoubtful)
    if !doubtful.isEmpty {
      blocks.append(
        .paragraph(
          "Not to be trusted: "
            + doubtful.map {
              "\($0.group.label) is \(Units.fixed(max($0.inSampleMAPE, $0.heldOutMAPE), 0)) % off"
            }.joined(separator: "; ") + "."))
    }
    if let origin = calibration.startedFrom {
      blocks.append(
        .paragraph("Started from the calibration of \(origin): where runs are few, parameters stay near it."))
    }
    blocks += [
      .table(
        Table(
          columns: [
            ("kernel", .left), ("software", .left), ("precision", .left), ("runs", .right),
            ("in sample", .right),
            ("held out", .right), ("80 % interval", .right),
          ], rows: rows)),
      .paragraph(
        "Errors are mean absolute percentage errors: on the rows of the fit, and on whole shape families held out of"
          + " it. The interval bounds 80 % of held-out runs."),
    ]
    if !refused.isEmpty {
      blocks.append(.heading("Refused groups"))
      blocks.append(.list(refused))
    }
    if !rejected.isEmpty {
      let listed = RejectedRows.listed(rejected)
      blocks.append(.heading(listed[0]))
      blocks.append(.list(Array(listed.dropFirst())))
    }
    return Document(
      title: "Calibration of \(calibration.hardware): \(calibration.groups.count) groups", blocks: blocks,
      records: records(calibration), json: json(calibration, rejected: rejected.count, refused: refused),
      charts: { [intervals(calibration)] })
  }

  /// How far off 80 % of held-out runs may be, the widest first.
  private static func intervals(_ calibration: FittedDevice) -> Chart {
    let groups = calibration.groups.sorted {
      ($1.interval.high / $1.interval.low, $0.group.label) < (
        $0.interval.high / $0.interval.low, $1.group.label
      )
    }
    return RatioRows(
      name: "intervals", title: "What 80 % of held-out runs lie within", subtitle: calibration.hardware,
      axisTitle: "measured over predicted",
      rows: groups.prefix(CrosscheckCharts.mostRows).map { fit in
        (
          fit.group.label, "\(fit.runs) runs",
          [.init(series: 0, ratio: fit.interval.low), .init(series: 1, ratio: fit.interval.high)]
        )
      }, close: 0, series: ["lower end", "upper end"]
    ).chart(
      caption: groups.count > CrosscheckCharts.mostRows
        ? "The \(CrosscheckCharts.mostRows) widest of \(groups.count)." : "",
      finding: groups.first.map {
        "\($0.group.label) is the widest, × \(Units.fixed($0.interval.low, 2)) to × \(Units.fixed($0.interval.high, 2))."
      } ?? "No group.")
  }

  static func precision(_ group: RunGroup) -> String {
    func short(_ format: RunFormat) -> String { format.number?.name ?? format.spelling }
    return short(group.format)
      + (group.cache == .silent || group.cache == group.format ? "" : "/\(short(group.cache))")
  }

  private static func records(_ calibration: FittedDevice) -> Records {
    Records(
      columns: [
        "hardware", "kernel", "framework", "version", "dtype", "kv_dtype", "runs", "in_sample_mape",
        "held_out_mape",
        "interval_low", "interval_high", "parameter", "value",
      ],
      rows: calibration.groups.flatMap { fit in
        fit.named.map { parameter, value in
          [
            .string(calibration.hardware), .string(fit.group.kernel.rawValue),
            .string(fit.group.framework.name),
            .string(fit.group.version), .string(fit.group.format.spelling), .string(fit.group.cache.spelling),
            .number(Double(fit.runs)), .number(fit.inSampleMAPE), .number(fit.heldOutMAPE),
            .number(fit.interval.low), .number(fit.interval.high), .string(parameter.name), .number(value),
          ]
        }
      })
  }

  private static func json(_ calibration: FittedDevice, rejected: Int, refused: [String]) -> JSONValue {
    .members(
      ("schema", .string("rooftree/calibration-report/1")), ("hardware", .string(calibration.hardware)),
      ("rejected_rows", .number(Double(rejected))), ("refused", .array(refused.map { .string($0) })),
      (
        "groups",
        .array(
          calibration.groups.map { fit in
            .members(
              ("kernel", .string(fit.group.kernel.rawValue)),
              ("framework", .string(fit.group.framework.name)),
              ("version", .string(fit.group.version)), ("dtype", .string(fit.group.format.spelling)),
              ("kv_dtype", .string(fit.group.cache.spelling)), ("n", .number(Double(fit.runs))),
              ("fingerprint", .string(fit.fingerprint)), ("in_sample_mape", .number(fit.inSampleMAPE)),
              ("held_out_mape", .number(fit.heldOutMAPE)), ("interval_low", .number(fit.interval.low)),
              ("interval_high", .number(fit.interval.high)),
              (
                "parameters",
                .object(
                  fit.named.map { JSONValue.Member($0.parameter.name, .number($0.value)) })
              ))
          })
      ))
  }
}

extension FittedDevice {
  /// `h100-sxm`, or `b200 (few runs, started from h100-sxm)`.
  var origin: String { hardware + (startedFrom.map { " (few runs, started from \($0))" } ?? "") }
}
