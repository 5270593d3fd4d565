import Kernels

/// `bench`: measured runs, as a table for people and in the columns that `calibrate` reads.
public enum BenchReport {
  /// - Parameters:
  ///   - version: the instruction set that ran, in the column of frameworks' versions.
  ///   - interrupted: not all that was asked for was run.
  public static func document(
    _ runs: [Bench.Run], processor: String, version: String, date: String, interrupted: Bool
  ) -> Document {
    let columns = identity(version) + figures + bytes(runs)
    return Document(
      title: "Measured on \(processor), \(runs.first?.threads ?? 0) threads, \(date)",
      records: Records(columns, runs),
      json: .members(
        ("schema", .string("rooftree/bench/1")), ("processor", .string(processor)),
        ("interrupted", .bool(interrupted)), ("runs", columns.json(runs))),
      charts: { runs.contains { $0.flops > 0 } ? [chart(runs, on: processor)] : [] }
    ) {
      let notes = [
        "min, median: warm, repeated on the same data; cold: after 64 MiB of other data was read.",
        "error: largest difference from naive loops in double precision ÷ largest magnitude.",
      ]
      let kept = interrupted ? ["Interrupted: what was finished is kept."] : []
      return [.table(columns.table(runs)), .list(kept + notes)]
    }
  }

  /// How fast, over how much there is to do.
  private static func chart(_ runs: [Bench.Run], on processor: String) -> Chart {
    let computing = runs.filter { $0.flops > 0 }
    let fastest = computing.max { $0.flops / $0.warm.minimum < $1.flops / $1.warm.minimum }
    return MapChart(
      name: "rates", title: "Rate over size, \(processor)", horizontalTitle: "FLOPs of a run",
      verticalTitle: "FLOP/s", series: ["kernel"],
      points: computing.map { ($0.kernel.name, 0, $0.flops, $0.flops / $0.warm.minimum) },
      shownX: { Units.flops($0).replacing("FLOP", with: "") }, shownY: Units.flopRate
    ).chart(
      caption: "Each run that computes, at its fastest repeat. Named where there is room.",
      finding: fastest.map {
        "\($0.kernel.name) of \($0.kernel.shape) is the fastest, \(Units.flopRate($0.flops / $0.warm.minimum))."
      } ?? "")
  }

  /// Counted bytes by level, in the words of measured runs.
  private static func bytes(_ runs: [Bench.Run]) -> [Column<Bench.Run>] {
    let levels = runs.flatMap { $0.bytes.map(\.level) }.reduce(into: [String]()) {
      if !$0.contains($1) { $0.append($1) }
    }
    return levels.flatMap { level in
      [
        Column("\(level)_read_bytes", at: .data) { run in run.bytes.first { $0.level == level }?.read },
        Column("\(level)_write_bytes", at: .data) { run in run.bytes.first { $0.level == level }?.write },
      ]
    }
  }

  /// What was run, in the words of measured runs.
  private static func identity(_ version: String) -> [Column<Bench.Run>] {
    [
      Column("source", at: .csv, word: { _ in "rooftree bench" }),
      Column("gpu", at: .csv, word: { _ in "this-machine" }),
      Column("framework", at: .csv, word: { _ in "rooftree" }),
      Column("version", at: .csv, word: { _ in version }),
      Column("kernel", at: .csv, word: \.kernel.measured.kernel),
      Column("dtype", at: .csv, word: \.kernel.formats.stored.name),
    ]
      + MeasuredShape.Column.allCases.map { dimension in
        Column(dimension.rawValue, at: .csv) { $0.kernel.measured[dimension].map { Double($0) } }
      }
  }

  private static let figures: [Column<Bench.Run>] = [
    Column("kernel", "kernel", at: [.table, .json], word: \.kernel.name),
    Column("shape", "shape", at: [.table, .json], word: \.kernel.shape),
    Column("threads", at: .json) { Double($0.threads) },
    Column("flops", at: .json) { $0.flops },
    Column("seconds", "min", Units.seconds, at: [.table, .json]) { $0.warm.minimum },
    Column("time_us", at: .csv) { $0.warm.minimum * 1e6 },
    Column("kv_dtype", at: .csv, word: { $0.kernel.measured[.heads] == nil ? "" : "fp32" }),
    Column("kernel_source", at: .csv, word: \.kernel.name),
    Column("threads", at: .csv) { Double($0.threads) },
    Column("median_seconds", "median", Units.seconds, at: [.table, .json]) { $0.warm.median },
    Column("median_us", at: .csv) { $0.warm.median * 1e6 },
    .shown("p90/min") { Units.plain($0.warm.spread) },
    Column("p90_seconds", at: .json) { $0.warm.p90 }, Column("p90_us", at: .csv) { $0.warm.p90 * 1e6 },
    Column("cold_seconds", "cold", Units.seconds, at: [.table, .json]) { $0.coldSeconds },
    Column("cold_us", at: .csv) { $0.coldSeconds * 1e6 },
    Column("runs", at: .csv) { Double($0.warm.runs) },
    .shown("rate") { Units.flopRate($0.flops / $0.warm.minimum) },
    Column("error", "error", Units.plain, at: [.table, .json], absent: "not checked") {
      $0.checked ? $0.error : nil
    },
  ]
}

extension Bench.Run {
  fileprivate var flops: Double { kernel.matmulFLOPs + kernel.vectorFLOPs }
}
