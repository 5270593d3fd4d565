import Calibration

/// What a fit came to: errors in sample and held out, group by group.
public enum CalibrationReport {
  public static func document(_ outcome: Calibrator.Outcome) -> Document {
    let calibration = outcome.calibration
    var blocks: [Document.Block] = [
      .paragraph(
        "\(calibration.runs) runs in \(calibration.groups.count) groups, \(outcome.rejected.count) rows left out."
          + " Held-out errors are of whole shape families that the parameters never saw."),
      .table(table(calibration.groups)),
    ]
    if let prior = calibration.prior {
      blocks.append(.paragraph("Groups marked “adapted” have few runs and start from \(prior)'s parameters."))
    }
    if !outcome.refused.isEmpty {
      blocks.append(.heading("Refused"))
      blocks.append(.list(outcome.refused))
    }
    return Document(
      title: "Calibration of \(calibration.device)", blocks: blocks, records: records(calibration.groups),
      json: .members(
        ("schema", .string("rooftree/calibration-summary/1")), ("device", .string(calibration.device)),
        ("fingerprint", .string(calibration.fingerprint)), ("runs", .number(Double(calibration.runs))),
        ("rejected", .number(Double(outcome.rejected.count))),
        ("refused", .array(outcome.refused.map(JSONValue.string))),
        ("groups", .array(calibration.groups.map(json)))))
  }

  private static func table(_ groups: [GroupCalibration]) -> Table {
    Table(
      columns: [
        ("group", .left), ("origin", .left), ("runs", .right), ("MAPE in", .right), ("MAPE held out", .right),
        ("median", .right), ("meas/pred", .right), ("80 % interval", .right),
      ],
      rows: groups.map { group in
        [
          group.key.title, group.origin.rawValue, "\(group.runs)", Units.fixed(group.inSample.mape, 1),
          Units.fixed(group.heldOut.mape, 1), Units.fixed(group.heldOut.median, 1),
          Units.fixed(group.heldOut.geometricMeanRatio, 3),
          "\(Units.fixed(group.intervalRatios.low, 2))–\(Units.fixed(group.intervalRatios.high, 2))",
        ]
      })
  }

  private static func records(_ groups: [GroupCalibration]) -> Records {
    Records(
      columns: [
        "kernel", "framework", "version", "dtype", "kv_dtype", "origin", "runs", "mape_in_sample",
        "mape_held_out", "interval_low", "interval_high",
      ],
      rows: groups.map {
        [
          .string($0.key.kernel.rawValue), .string($0.key.framework), .string($0.key.version),
          .string($0.key.format.rawValue), .string($0.key.cacheFormat), .string($0.origin.rawValue),
          .number(Double($0.runs)), .number($0.inSample.mape), .number($0.heldOut.mape),
          .number($0.intervalRatios.low), .number($0.intervalRatios.high),
        ]
      })
  }

  private static func json(_ group: GroupCalibration) -> JSONValue {
    .members(
      ("kernel", .string(group.key.kernel.rawValue)), ("framework", .string(group.key.framework)),
      ("version", .string(group.key.version)), ("dtype", .string(group.key.format.rawValue)),
      ("kv_dtype", .string(group.key.cacheFormat)), ("origin", .string(group.origin.rawValue)),
      ("n", .number(Double(group.runs))), ("mape_in_sample", .number(group.inSample.mape)),
      ("mape_held_out", .number(group.heldOut.mape)),
      ("interval", .array([.number(group.intervalRatios.low), .number(group.intervalRatios.high)])),
      (
        "parameters",
        .object(zip(group.model.parameters, group.parameters).map { .init($0.name, .number($1)) })
      ))
  }
}
