import CostModel

/// `attention`: one attention kernel pass by pass, standard against tiled.
public enum AttentionReport {
  /// What a publication measured for the same shape, shown beside the prediction.
  struct Published: Sendable {
    var standardBytes, flashBytes, standardSeconds, flashSeconds: Double
    var source: String

    /// FlashAttention, figure 2 left: batch 64, 16 heads, length 1,024, head_dim 64, mask and dropout, forward
    /// and backward, fp16, A100 40 GB.
    static let figure2 = Published(
      standardBytes: 40.3e9, flashBytes: 4.4e9, standardSeconds: 41.7e-3, flashSeconds: 7.3e-3,
      source: "FlashAttention, arXiv:2205.14135 figure 2 (left)")

    /// The publication for this study, if it is the published one.
    static func matching(_ study: AttentionStudy, on profile: HardwareProfile) -> Published? {
      let figure = AttentionStudy(
        batch: 64, heads: 16, length: 1024, headDim: 64, mask: true, dropout: true, backward: true)
      return study == figure && profile.name.hasPrefix("a100-sxm-40") ? figure2 : nil
    }
  }

  private static let columns: [Column<TimedAttention.Pass>] = [
    Column("algorithm", at: .csv, word: { $0.generation?.name ?? "standard" }),
    Column("pass", "pass", at: [.table, .csv], word: \.work.name),
    Column("name", at: .json, word: \.work.name),
    Column("direction", at: .csv, word: { $0.work.backward ? "backward" : "forward" }),
    .member("backward") { .bool($0.work.backward) },
    Column("read_bytes", "read", Units.traffic) { $0.work.readBytes },
    Column("write_bytes", "written", Units.traffic) { $0.work.writeBytes },
    Column("core_bytes", "below the cores", Units.traffic) { $0.work.coreBytes ?? $0.work.bytes },
    Column("matmul_flops", "matmul FLOPs", Units.flops) { $0.work.matmulFLOPs },
    Column("vector_flops", at: .data) { $0.work.vectorFLOPs },
    Column("seconds", "time", Units.seconds) { $0.seconds },
  ]

  /// The whole report.
  public static func document(_ result: TimedAttention) -> Document {
    var document = Document(
      title: "Attention on \(result.profile.title), pass by pass",
      records: Records(columns, result.standard.passes + result.flash.flatMap(\.passes)),
      json: .members(
        ("schema", .string("rooftree/attention/1")),
        ("hardware", .members(("name", .string(result.profile.name)))),
        ("matmul_flops", .number(result.study.usefulMatmulFLOPs)), ("standard", json(result.standard)),
        ("flash", json(result.flash[0])), ("generations", .array(result.flash.map(json))),
        ("bound_seconds", .number(result.floor.seconds)),
        ("bound_by", .string(result.floor.by.name(result.profile))),
        ("resident_bound_seconds", .number(result.floor.resident))),
      charts: { AttentionCharts.charts(result) }
    ) { blocks(result) }
    document.headlines = ([result.standard] + result.flash).map { run in
      "\(run.generation?.name ?? "standard"): \(Units.traffic(run.total.work.bytes)) in \(Units.seconds(run.total.seconds))"
    }
    return document
  }

  private static func json(_ run: TimedAttention.Run) -> JSONValue {
    .members(
      ("name", .string(run.generation?.name ?? "standard")), ("bytes", .number(run.total.work.bytes)),
      ("seconds", .number(run.total.seconds)),
      ("passes", columns.json(run.passes)))
  }

  private static func table(_ run: TimedAttention.Run) -> Document.Block {
    .table(columns.table(run.passes, total: run.total))
  }

  private static func blocks(_ result: TimedAttention) -> [Document.Block] {
    let (study, profile) = (result.study, result.profile)
    let standard = result.standard.total
    let bounds = study.bounds(sramBytes: result.sramBytes)
    var blocks: [Document.Block] = [
      .paragraph(
        "Batch \(Units.whole(study.batch)), \(Units.whole(study.heads)) heads, length"
          + " \(Units.whole(study.length)), head_dim \(Units.whole(study.headDim))"
          + (study.mask ? ", mask" : "") + (study.dropout ? ", dropout" : "")
          + (study.causal ? ", causal" : "")
          + (study.backward ? ", forward and backward" : ", forward")
          + ", \(Units.plain(study.bytesPerElement)) bytes an element; \(profile.levels[0].name) of"
          + " \(profile.title)."),
      .heading("Standard: every intermediate in far memory"), table(result.standard),
    ]
    for run in result.flash {
      guard let generation = run.generation else { continue }
      blocks += [.heading("\(generation.name): \(meaning(generation))"), table(run)]
    }
    blocks += [
      .paragraph(
        "Blocks of the first hold \(Units.whole(study.blockColumns(sramBytes: result.sramBytes))) keys: four tiles of block × head_dim fill"
          + " \(Units.memory(result.sramBytes)). Orders of accesses without constants: Θ(Nd + N²) ="
          + " \(Units.plain(bounds.standard / 1e6)) M elements, Θ(N²d²/M) ="
          + " \(Units.plain(bounds.flash / 1e6)) M, ratio \(Units.plain(bounds.standard / bounds.flash))."),
      .paragraph(
        "Standard attention moves \(Units.traffic(standard.work.bytes)), "
          + result.flash.map { run in
            "\(run.generation?.name ?? "") \(Units.traffic(run.total.work.bytes)) (÷"
              + " \(Units.plain(standard.work.bytes / run.total.work.bytes)), under ideal roofs ×"
              + " \(Units.plain(standard.seconds / run.total.seconds)) the speed)"
          }.joined(separator: ", ") + "."),
      .paragraph(
        "At best \(Units.seconds(result.floor.seconds)), bound by \(result.floor.by.name(profile)): every operand once,"
          + " \(Units.flops(study.usefulMatmulFLOPs)) of products, an exponential a pair, all overlapped; no algorithm is"
          + " faster. \(Units.seconds(result.floor.resident)) where a benchmark finds its operands in the cache."
      ),
    ]
    return blocks + (Published.matching(study, on: profile).map { comparison($0, result) } ?? [])
  }

  private static func meaning(_ generation: AttentionStudy.Generation) -> String {
    switch generation {
    case .first: "keys outside, queries inside, tiles in SRAM"
    case .second: "queries outside, keys inside, results written once"
    case .third: "the same, softmax beside products, keys shared by two cores unless causal"
    }
  }

  private static func comparison(_ published: Published, _ result: TimedAttention) -> [Document.Block] {
    let (study, standard, flash) = (result.study, result.standard.total, result.flash[0].total)
    func off(_ predicted: Double, _ measured: Double) -> String {
      let share = (predicted / measured - 1) * 100
      return (share < 0 ? "−" : "+") + Units.fixed(abs(share), 1) + " %"
    }
    return [
      .heading("Beside the publication"),
      .table(
        Table(
          columns: [("", .left), ("predicted", .right), ("measured", .right), ("difference", .right)],
          rows: [
            [
              "standard, traffic", Units.traffic(standard.work.bytes), Units.traffic(published.standardBytes),
              off(standard.work.bytes, published.standardBytes),
            ],
            [
              "flash, traffic", Units.traffic(flash.work.bytes), Units.traffic(published.flashBytes),
              off(flash.work.bytes, published.flashBytes),
            ],
            [
              "standard, time", Units.seconds(standard.seconds), Units.seconds(published.standardSeconds),
              "ideal roofs",
            ],
            [
              "flash, time", Units.seconds(flash.seconds), Units.seconds(published.flashSeconds),
              "ideal roofs",
            ],
            [
              "speed-up", "× " + Units.plain(standard.seconds / flash.seconds),
              "× " + Units.plain(published.standardSeconds / published.flashSeconds), "",
            ],
          ])),
      .paragraph(
        "Measured: \(published.source). Its GFLOP column (66.6 and 75.2) does not belong to its own workload,"
          + " whose products count to \(Units.flops(study.usefulMatmulFLOPs)) (2 forward and 4 backward products"
          + " of 2·N²·d for each of \(Units.whole(study.batch * study.heads)) heads); it is not used. Predicted"
          + " times are roofline bounds: the measured tiled kernel runs further from its bound than the"
          + " bandwidth-bound standard one, so the measured speed-up is the smaller."),
    ]
  }
}
