import Kernels

/// What people claim of architectures, in the kernels' own bytes; computed, the same everywhere.
public enum ClaimsReport {
  private static let columns: [Column<Claims.Row>] = [
    Column("claim", at: .data, word: \.claim), Column("kernel", "kernel", word: \.kernel),
    Column("shape", "shape", word: \.shape),
    Column("matmul_flops", "products", Units.flops) { $0.matmulFLOPs },
    Column("bytes", "bytes", Units.traffic) { $0.bytes }, Column("ratio", "ratio", Units.plain) { $0.ratio },
  ]

  /// A table a claim.
  public static func document() -> Document {
    let rows = Claims.rows()
    return Document(
      title: "What is claimed, in bytes", records: Records(columns, rows),
      json: .members(
        ("schema", .string("rooftree/claims/1")), ("cache_bytes", .number(Claims.cacheBytes)),
        ("rows", columns.json(rows)))
    ) {
      let claims = rows.reduce(into: [String]()) { if !$0.contains($1.claim) { $0.append($1.claim) } }
      return [
        .paragraph(
          "Bytes below a cache of \(Units.memory(Claims.cacheBytes)), write-allocation counted, by the formulas that stand beside the kernels and that their counters match to the byte. ratio: to the first row of the same comparison."
        )
      ]
        + claims.flatMap { claim -> [Document.Block] in
          [.heading(claim), .table(columns.table(rows.filter { $0.claim == claim }))]
        }
    }
  }
}
