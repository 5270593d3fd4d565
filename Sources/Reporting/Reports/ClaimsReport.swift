import Kernels

/// What people claim of architectures, in the kernels' own bytes; computed, the same everywhere.
public enum ClaimsReport {
  public static func document() -> Document {
    let rows = Claims.rows()
    var blocks: [Document.Block] = [
      .paragraph(
        "Bytes below a cache of \(Units.memory(Claims.cacheBytes)), write-allocation counted, by the formulas that stand beside the kernels and that their counters match to the byte. ratio: to the first row of the same comparison."
      )
    ]
    var seen: [String] = []
    for row in rows where !seen.contains(row.claim) {
      seen.append(row.claim)
      blocks.append(.heading(row.claim))
      blocks.append(
        .table(
          Table(
            columns: [
              ("kernel", .left), ("shape", .left), ("products", .right), ("bytes", .right), ("ratio", .right),
            ],
            rows: rows.filter { $0.claim == row.claim }.map {
              [
                $0.kernel, $0.shape, Units.flops($0.matmulFLOPs), Units.traffic($0.bytes),
                Units.plain($0.ratio),
              ]
            })))
    }
    return Document(
      title: "What is claimed, in bytes", blocks: blocks,
      records: Records(
        columns: ["claim", "kernel", "shape", "matmul_flops", "bytes", "ratio"],
        rows: rows.map {
          [
            .string($0.claim), .string($0.kernel), .string($0.shape), .number($0.matmulFLOPs),
            .number($0.bytes), .number($0.ratio),
          ]
        }),
      json: .members(
        ("schema", .string("rooftree/claims/1")), ("cache_bytes", .number(Claims.cacheBytes)),
        (
          "rows",
          .array(
            rows.map {
              .members(
                ("claim", .string($0.claim)), ("kernel", .string($0.kernel)), ("shape", .string($0.shape)),
                ("matmul_flops", .number($0.matmulFLOPs)), ("bytes", .number($0.bytes)),
                ("ratio", .number($0.ratio)))
            })
        )))
  }
}
