import Kernels

/// `bench`: measured runs, as a table for people and in the columns that `calibrate` reads.
public enum BenchReport {
  public static func document(
    _ runs: [Bench.Run], processor: String, version: String, date: String, interrupted: Bool
  ) -> Document {
    let rows = runs.map { run -> [String] in
      let flops = run.kernel.matmulFLOPs + run.kernel.vectorFLOPs
      return [
        run.kernel.name, run.kernel.shape, Units.seconds(run.warm.minimum), Units.seconds(run.warm.median),
        Units.plain(run.warm.spread), Units.seconds(run.coldSeconds),
        Units.flopRate(flops / run.warm.minimum), run.checked ? Units.plain(run.error) : "not checked",
      ]
    }
    var notes = [
      "min, median: warm, repeated on the same data; cold: after 64 MiB of other data was read.",
      "error: largest difference from naive loops in double precision ÷ largest magnitude.",
    ]
    if interrupted { notes.insert("Interrupted: what was finished is kept.", at: 0) }
    return Document(
      title: "Measured on \(processor), \(runs.first?.threads ?? 0) threads, \(date)",
      blocks: [
        .table(
          Table(
            columns: [
              ("kernel", .left), ("shape", .left), ("min", .right), ("median", .right), ("p90/min", .right),
              ("cold", .right), ("rate", .right), ("error", .right),
            ], rows: rows)), .list(notes),
      ],
      records: Records(
        columns: ["source", "gpu", "framework", "version", "kernel", "dtype"]
          + MeasuredShape.Column.allCases.map(\.rawValue) + [
            "time_us", "kv_dtype", "kernel_source", "threads", "median_us", "p90_us", "cold_us", "runs",
          ],
        rows: runs.map { row($0, processor: processor, version: version) }),
      json: .members(
        ("schema", .string("rooftree/bench/1")), ("processor", .string(processor)),
        ("interrupted", .bool(interrupted)),
        (
          "runs",
          .array(
            runs.map { run in
              .members(
                ("kernel", .string(run.kernel.name)), ("shape", .string(run.kernel.shape)),
                ("threads", .number(Double(run.threads))),
                ("flops", .number(run.kernel.matmulFLOPs + run.kernel.vectorFLOPs)),
                ("seconds", .number(run.warm.minimum)), ("median_seconds", .number(run.warm.median)),
                ("p90_seconds", .number(run.warm.p90)), ("cold_seconds", .number(run.coldSeconds)),
                ("error", run.checked ? .number(run.error) : .null))
            })
        )))
  }

  private static func row(_ run: Bench.Run, processor: String, version: String) -> [JSONValue] {
    let shape = run.kernel.measured
    let head: [JSONValue] = [
      .string("rooftree bench"), .string("this-machine"), .string("rooftree"), .string(version),
      .string(shape.kernel), .string(run.kernel.weightFormat),
    ]
    let dimensions: [JSONValue] = MeasuredShape.Column.allCases.map { column in
      shape[column].map { .number(Double($0)) } ?? .string("")
    }
    return head + dimensions + [
      .number(run.warm.minimum * 1e6), .string(shape[.heads] == nil ? "" : "fp32"), .string(run.kernel.name),
      .number(Double(run.threads)), .number(run.warm.median * 1e6), .number(run.warm.p90 * 1e6),
      .number(run.coldSeconds * 1e6), .number(Double(run.warm.runs)),
    ]
  }
}
