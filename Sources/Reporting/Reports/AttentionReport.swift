import CostModel

/// `attention`: one attention kernel pass by pass, standard against tiled.
public enum AttentionReport {
  /// What a publication measured for the same shape, shown beside the prediction.
  public struct Published: Sendable {
    public var standardBytes, flashBytes, standardSeconds, flashSeconds: Double
    public var source: String

    /// FlashAttention, figure 2 left: batch 64, 16 heads, length 1,024, head_dim 64, mask and dropout, forward
    /// and backward, fp16, A100 40 GB.
    public static let figure2 = Published(
      standardBytes: 40.3e9, flashBytes: 4.4e9, standardSeconds: 41.7e-3, flashSeconds: 7.3e-3,
      source: "FlashAttention, arXiv:2205.14135 figure 2 (left)")

    /// The publication for this study, if it is the published one.
    public static func matching(_ study: AttentionStudy, on profile: HardwareProfile) -> Published? {
      let figure = AttentionStudy(
        batch: 64, heads: 16, length: 1024, headDim: 64, mask: true, dropout: true, backward: true)
      return study == figure && profile.name.hasPrefix("a100-sxm-40") ? figure2 : nil
    }
  }

  public static func document(_ study: AttentionStudy, on profile: HardwareProfile, peak: Double) -> Document
  {
    let sram = profile.levels.last(where: \.perCore)?.capacityBytes ?? 0
    let standard = study.standard
    let flash = study.flash(sramBytes: sram)
    func seconds(_ pass: AttentionStudy.Pass) -> Double {
      max(
        pass.matmulFLOPs / peak, pass.vectorFLOPs / profile.vectorFLOPsPerSecond,
        pass.bytes / profile.levels[0].bytesPerSecond)
    }
    let sums = [standard, flash].map { passes in
      (bytes: passes.reduce(0) { $0 + $1.bytes }, seconds: passes.reduce(0) { $0 + seconds($1) })
    }
    func table(_ passes: [AttentionStudy.Pass]) -> Table {
      let rows =
        passes.map {
          [
            $0.name, Units.traffic($0.readBytes), Units.traffic($0.writeBytes),
            Units.flops($0.matmulFLOPs), Units.seconds(seconds($0)),
          ]
        } + [
          [
            "total", Units.traffic(passes.reduce(0) { $0 + $1.readBytes }),
            Units.traffic(passes.reduce(0) { $0 + $1.writeBytes }),
            Units.flops(passes.reduce(0) { $0 + $1.matmulFLOPs }),
            Units.seconds(passes.reduce(0) { $0 + seconds($1) }),
          ]
        ]
      return Table(
        columns: [
          ("pass", .left), ("read", .right), ("written", .right), ("matmul FLOPs", .right), ("time", .right),
        ], rows: rows, hasTotal: true)
    }
    let bounds = study.bounds(sramBytes: sram)
    var blocks: [Document.Block] = [
      .paragraph(
        "Batch \(Units.whole(study.batch)), \(Units.whole(study.heads)) heads, length"
          + " \(Units.whole(study.length)), head_dim \(Units.whole(study.headDim))"
          + (study.mask ? ", mask" : "") + (study.dropout ? ", dropout" : "")
          + (study.causal ? ", causal" : "")
          + (study.backward ? ", forward and backward" : ", forward")
          + ", \(Units.plain(study.bytesPerElement)) bytes an element; \(profile.levels[0].name) of"
          + " \(profile.title)."),
      .heading("Standard: every intermediate in far memory"), .table(table(standard)),
      .heading("FlashAttention: keys outside, queries inside, tiles in SRAM"), .table(table(flash)),
      .paragraph(
        "Block of \(Units.whole(study.blockColumns(sramBytes: sram))) keys: four tiles of block × head_dim fill"
          + " \(Units.memory(sram)). Orders of accesses without constants: Θ(Nd + N²) ="
          + " \(Units.plain(bounds.standard / 1e6)) M elements, Θ(N²d²/M) ="
          + " \(Units.plain(bounds.flash / 1e6)) M, ratio \(Units.plain(bounds.standard / bounds.flash))."),
      .paragraph(
        "Traffic \(Units.traffic(sums[0].bytes)) against \(Units.traffic(sums[1].bytes)), ÷"
          + " \(Units.plain(sums[0].bytes / sums[1].bytes)); at best \(Units.seconds(sums[0].seconds)) against"
          + " \(Units.seconds(sums[1].seconds)), × \(Units.plain(sums[0].seconds / sums[1].seconds)) the speed."
          + " Useful products: \(Units.flops(study.usefulMatmulFLOPs))."),
    ]
    if let published = Published.matching(study, on: profile) {
      blocks += comparison(published, sums: sums, study: study)
    }
    return Document(
      title: "Attention on \(profile.title), pass by pass", blocks: blocks,
      records: records(
        ["standard": standard, "flash": flash], order: ["standard", "flash"], seconds: seconds),
      json: json(study, profile, standard: standard, flash: flash, seconds: seconds))
  }

  private static func comparison(
    _ published: Published, sums: [(bytes: Double, seconds: Double)], study: AttentionStudy
  ) -> [Document.Block] {
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
              "standard, traffic", Units.traffic(sums[0].bytes), Units.traffic(published.standardBytes),
              off(sums[0].bytes, published.standardBytes),
            ],
            [
              "flash, traffic", Units.traffic(sums[1].bytes), Units.traffic(published.flashBytes),
              off(sums[1].bytes, published.flashBytes),
            ],
            [
              "standard, time", Units.seconds(sums[0].seconds), Units.seconds(published.standardSeconds),
              "at best",
            ],
            [
              "flash, time", Units.seconds(sums[1].seconds), Units.seconds(published.flashSeconds), "at best",
            ],
            [
              "speed-up", "× " + Units.plain(sums[0].seconds / sums[1].seconds),
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

  private static func records(
    _ passes: [String: [AttentionStudy.Pass]], order: [String], seconds: (AttentionStudy.Pass) -> Double
  ) -> Records {
    Records(
      columns: [
        "algorithm", "pass", "direction", "read_bytes", "write_bytes", "matmul_flops", "vector_flops",
        "seconds",
      ],
      rows: order.flatMap { name in
        (passes[name] ?? []).map {
          [
            .string(name), .string($0.name), .string($0.backward ? "backward" : "forward"),
            .number($0.readBytes), .number($0.writeBytes), .number($0.matmulFLOPs), .number($0.vectorFLOPs),
            .number(seconds($0)),
          ]
        }
      })
  }

  private static func json(
    _ study: AttentionStudy, _ profile: HardwareProfile, standard: [AttentionStudy.Pass],
    flash: [AttentionStudy.Pass], seconds: (AttentionStudy.Pass) -> Double
  ) -> JSONValue {
    func list(_ passes: [AttentionStudy.Pass]) -> JSONValue {
      .members(
        ("bytes", .number(passes.reduce(0) { $0 + $1.bytes })),
        ("seconds", .number(passes.reduce(0) { $0 + seconds($1) })),
        (
          "passes",
          .array(
            passes.map {
              .members(
                ("name", .string($0.name)), ("backward", .bool($0.backward)),
                ("read_bytes", .number($0.readBytes)), ("write_bytes", .number($0.writeBytes)),
                ("matmul_flops", .number($0.matmulFLOPs)), ("vector_flops", .number($0.vectorFLOPs)),
                ("seconds", .number(seconds($0))))
            })
        ))
    }
    return .members(
      ("schema", .string("rooftree/attention/1")), ("hardware", .members(("name", .string(profile.name)))),
      ("matmul_flops", .number(study.usefulMatmulFLOPs)), ("standard", list(standard)), ("flash", list(flash))
    )
  }
}
