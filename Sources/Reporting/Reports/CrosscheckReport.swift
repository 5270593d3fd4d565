import Kernels

/// `crosscheck`: every kernel, what was predicted beside what was counted, simulated and measured.
public enum CrosscheckReport {
  /// - Parameters:
  ///   - skipped: witnesses that were not heard, and why.
  ///   - measured: the machine and the day, where a clock ran; `noise`: how steady it ran.
  ///   - finished: how far it came where it was interrupted, and then there is no verdict.
  public static func document(
    _ traffic: [Crosscheck.Traffic], _ times: [Crosscheck.Time], skipped: [String] = [],
    measured: String? = nil, noise: Noise? = nil, finished: String? = nil
  ) -> Document {
    let failed = traffic.count { $0.disagrees } + times.count { $0.disagrees }
    let verdict = Crosscheck.verdict(traffic, times)
    var blocks: [Document.Block] = [.heading("Bytes"), .paragraph(CrosscheckBytes.summary(traffic))]
    blocks += [.table(CrosscheckBytes.table(traffic)), .list(CrosscheckBytes.notes + skipped)]
    let operators = CrosscheckBytes.operators(traffic)
    if !operators.rows.isEmpty {
      blocks += [
        .heading("Operators"),
        .paragraph(
          "Kernels beside the cost model, where a cache holds everything: bytes and products have to be equal. A kernel's"
            + " own scratch, and products that a mask throws away, are left out; what the cost model charges whatever"
            + " the cache (scores of naive attention, rows between an expert's steps) is counted. Element-wise FLOPs"
            + " are shown."),
        .table(operators),
      ]
    }
    if !times.isEmpty {
      blocks += [
        .heading("Seconds" + (measured.map { " on \($0)" } ?? "")),
        .paragraph(
          "ratio: measured ÷ predicted from the probed profile, nothing fitted; far memory at the rate that it was"
            + " read with beside each run."),
        .table(columns(times).table(times)),
      ]
      if let error = Crosscheck.calibratedError(times) {
        let verdict = error <= Crosscheck.calibratedBound ? "within" : "beyond"
        blocks.append(
          .paragraph(
            "calibrated: two shares a kernel, of the core's rates and of bandwidth, fitted to runs of other shapes;"
              + " off by \(Units.percent(error)) on average, \(verdict) the \(Units.percent(Crosscheck.calibratedBound))"
              + " that are accepted."))
      }
      if let noise { blocks.append(.paragraph(ProbeReport.words(noise))) }
    }
    let title =
      switch verdict {
      case .agree: "no disagreement"
      case .notJudged: "bytes agree, seconds are not judged"
      case .disagree where failed == 0: "calibrated predictions are off"
      case .disagree: "\(failed) disagreement\(failed == 1 ? "" : "s")"
      }
    var document = Document(
      title: finished.map { "Cross-check interrupted: \($0)" } ?? "Cross-check: \(title)",
      blocks: blocks,
      records: .joined((CrosscheckBytes.columns, traffic), (columns(times), times), first: heading),
      json: .members(
        ("schema", .string("rooftree/crosscheck/1")), ("disagreements", .number(Double(failed))),
        ("verdict", finished == nil ? .string(verdict.rawValue) : .null),
        ("noise", noise.map(ProbeReport.json) ?? .null),
        ("skipped", .array(skipped.map { .string($0) })),
        ("traffic", CrosscheckBytes.columns.json(traffic)), ("times", columns(times).json(times))),
      charts: { CrosscheckCharts.charts(traffic, times) })
    if finished == nil { document.answer = Verdict.lines(traffic, times) }
    return document
  }

  /// Bytes and seconds under one heading, in an order that files of before have.
  private static let heading = [
    "kernel", "shape", "level", "predicted_bytes", "counted_bytes", "simulated_bytes", "datasheet_seconds",
    "predicted_seconds", "measured_seconds", "bound", "flags", "caches", "condition", "calibrated_seconds",
  ]

  /// Tables leave out what nothing was measured or given for.
  private static func columns(_ times: [Crosscheck.Time]) -> [Column<Crosscheck.Time>] {
    typealias Cell = Column<Crosscheck.Time>
    let datasheet = Cell("datasheet_seconds", "datasheet", Units.seconds, absent: "–") {
      $0.datasheet?.seconds
    }
    let calibrated = Cell("calibrated_seconds", "calibrated", Units.seconds, absent: "–") {
      $0.calibratedSeconds
    }
    let known = [datasheet, calibrated].filter { column in
      times.contains { column.value($0).number != nil }
    }
    return [
      Cell("kernel", "kernel", word: \.kernel), Cell("shape", "shape", word: \.shape),
      datasheet.only(.data),
      Cell("predicted_seconds", "predicted", Units.seconds) { $0.predicted.seconds },
      Cell("bound", "bound", word: \.predicted.bound),
      .member("predicted_bytes") { .array($0.predicted.bytes.map { .number($0) }) },
      calibrated.only(.data),
    ] + known.map { $0.only(.table) } + [
      Cell("measured_seconds", "measured", Units.seconds) { $0.measured.minimum },
      Cell("ratio", "ratio", Units.plain, at: [.table, .json]) { $0.ratio },
      .member("judged") { .bool($0.judged) },
      Cell("flags", "flags", words: { $0.flags.map(\.words) }),
    ]
  }
}
