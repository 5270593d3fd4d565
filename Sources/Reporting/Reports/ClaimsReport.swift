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
    let claims = rows.reduce(into: [String]()) { if !$0.contains($1.claim) { $0.append($1.claim) } }
    return Document(
      title: "What is claimed, in bytes", records: Records(columns, rows),
      json: .members(
        ("schema", .string("rooftree/claims/1")), ("cache_bytes", .number(Claims.cacheBytes)),
        ("rows", columns.json(rows))),
      charts: { claims.map { claim in chart(claim, rows.filter { $0.claim == claim }) } }
    ) {
      [
        .paragraph(
          "Bytes below a cache of \(Units.memory(Claims.cacheBytes)), write-allocation counted, by the formulas that stand beside the kernels and that their counters match to the byte. ratio: to the first row of the same comparison."
        )
      ]
        + claims.flatMap { claim -> [Document.Block] in
          [.heading(claim), .table(columns.table(rows.filter { $0.claim == claim }))]
        }
    }
  }

  /// Bytes of what is claimed to save them, over those of what it is held against.
  private static func chart(_ claim: String, _ rows: [Claims.Row]) -> Chart {
    let compared = rows.filter { !$0.isReference }
    let words = compared.map { [$0.kernel] + $0.shape.split(separator: " ").map(String.init) }
    let shared = (words.first ?? []).filter { word in words.allSatisfy { $0.contains(word) } }
    func listed(_ words: [String]) -> String { words.joined(separator: " ") }
    let least = compared.min { $0.ratio < $1.ratio }
    return RatioRows(
      name: "claim-" + claim.lowercased().split { !$0.isLetter }.joined(separator: "-"),
      title: "Bytes, \(claim)", subtitle: listed(shared),
      axisTitle: "bytes over those of what it is held against",
      rows: zip(compared, words).map { row, words in
        (listed(words.filter { !shared.contains($0) }), row.shape, [.init(series: 0, ratio: row.ratio)])
      }, close: 0, series: ["bytes ÷ bytes"]
    ).chart(
      caption: "Below a cache of \(Units.memory(Claims.cacheBytes)).",
      finding: least.map { "\($0.kernel) of \($0.shape) moves × \(Units.plain($0.ratio)) the bytes." } ?? "")
  }
}
