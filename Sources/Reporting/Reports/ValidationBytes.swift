import Basics
import Calibration
import CostModel

/// Measured bytes of runs, level by level, beside those that the cost model charges.
struct ValidationBytes {
  /// One level of one run.
  struct Entry {
    var run: Run
    var traffic: ValidatedTraffic
  }

  private let groups: [ValidatedGroup]
  private let device: DeviceQuantities?
  private let hardware: HardwareProfile
  let entries: [Entry]
  /// Those with counted bytes, from far to near.
  private let levels: [String]

  init(_ groups: [ValidatedGroup], _ hardware: HardwareProfile) {
    let device = DeviceQuantities(hardware)
    (self.groups, self.device, self.hardware) = (groups, device, hardware)
    entries = groups.lazy.flatMap(\.rows).flatMap { row in
      (device.map { row.run.traffic(on: $0, hardware) } ?? []).map { Entry(run: row.run, traffic: $0) }
    }
    let found = Set(entries.map(\.traffic.level))
    levels = hardware.levels.map(\.name).filter(found.contains)
  }

  // MARK: - For people

  private static let mostRows = 20

  var blocks: [Document.Block] {
    guard !entries.isEmpty else { return [] }
    let worst = entries.sorted { distance($0) > distance($1) }
    return [
      .heading("Bytes"), .table(summary),
      .paragraph(
        "Across the boundary below each level, reads and writes added where both were counted. Ratio: measured over"
          + " predicted, their geometric mean above. The cost model charges no line that is read only because it is"
          + " written; caches that allocate on writes read it."),
      .table(Self.columns.table(Array(worst.prefix(Self.mostRows)))),
    ]
  }

  private func distance(_ entry: Entry) -> Double {
    entry.traffic.counted > 0 ? abs(logarithm(entry.traffic.ratio)) : .infinity
  }

  private var summary: Table {
    Table(
      columns: [
        ("level", .left), ("n", .right), ("predicted", .right), ("measured", .right), ("ratio", .right),
        ("mean error", .right),
      ],
      rows: levels.map { level in
        let own = entries.filter { $0.traffic.level == level }.map(\.traffic)
        let counted = own.filter { $0.counted > 0 }
        let mean = exponential(counted.reduce(0) { $0 + logarithm($1.ratio) } / Double(max(1, counted.count)))
        let error =
          counted.reduce(0) { $0 + abs($1.predicted / $1.counted - 1) } / Double(max(1, counted.count))
        return [
          level, "\(own.count)", Units.traffic(own.reduce(0) { $0 + $1.predicted }),
          Units.traffic(own.reduce(0) { $0 + $1.counted }), Units.fixed(mean, 3),
          Units.fixed(100 * error, 1) + " %",
        ]
      })
  }

  // MARK: - For machines

  private static let columns: [Column<Entry>] = [
    Column("line", "row") { Double($0.run.line) },
    Column("kernel", "kernel", word: \.run.group.kernel.rawValue),
    Column("shape", "shape", word: { ValidationReport.describe($0.run) }),
    Column("level", "level", word: \.traffic.level),
    Column("predicted_read_bytes", at: .json) { $0.traffic.predictedRead },
    Column("predicted_write_bytes", at: .json) { $0.traffic.predictedWrite },
    Column("measured_read_bytes", at: .json) { $0.traffic.measured.read },
    Column("measured_write_bytes", at: .json) { $0.traffic.measured.write },
    Column("predicted_bytes", "predicted", Units.traffic) { $0.traffic.predicted },
    Column("measured_bytes", "measured", Units.traffic) { $0.traffic.counted },
    Column("ratio", "ratio", Units.plain) { $0.traffic.ratio },
  ]

  var json: JSONValue { Self.columns.json(entries) }

  /// Further columns of the rows' CSV.
  var columns: [String] { levels.flatMap { ["\($0)_predicted_bytes", "\($0)_measured_bytes"] } }

  func cells(_ row: ValidatedRow) -> [JSONValue] {
    guard !levels.isEmpty, let device else { return [] }
    let own = row.run.traffic(on: device, hardware)
    return levels.flatMap { level -> [JSONValue] in
      own.first { $0.level == level }.map { [.number($0.predicted), .number($0.counted)] } ?? [.null, .null]
    }
  }

  /// The roofline with what was measured: where bytes were counted beside what was predicted, else at the bytes charged.
  var charts: [Chart] {
    guard let device else { return [] }
    let points = groups.flatMap(\.rows).compactMap { row in
      row.intensities(on: device, hardware).map { point in
        RooflineChart.Measured(
          name: "\(row.run.group.kernel.rawValue) \(ValidationReport.describe(row.run))",
          category: row.run.group.kernel.rawValue,
          predicted: (point.predicted, point.flops / row.predicted.seconds),
          measured: (point.measured ?? point.predicted, point.flops / row.run.seconds),
          isCounted: point.measured != nil)
      }
    }
    let formats = Set(groups.map { ComputeFormat(activations: $0.group.format.number ?? .bf16) })
    let counted = points.filter(\.isCounted)
    guard counted.isEmpty else { return [RooflineChart.counted(counted, on: hardware, formats: formats)] }
    return points.isEmpty ? [] : [RooflineChart.timed(points, on: hardware, formats: formats)]
  }
}
