import CostModel
import Specs

/// What tiling saves for the user's own shape: the same pass with scores in far memory and without.
enum AttentionSection {
  private struct Row {
    var algorithm: AttentionAlgorithm
    var sum: AttentionSum
  }

  static func blocks(_ scenario: Scenario) -> [Document.Block] {
    let (evaluator, work) = (scenario.evaluator, scenario.workload)
    guard work.phase == .prefill, let naive = evaluator.attention(of: work, by: .naive),
      let flash = evaluator.attention(of: work, by: .flash)
    else { return [] }
    let levels = scenario.profile.levels
    let columns: [Column<Row>] =
      [
        Column("", "algorithm", word: \.algorithm.rawValue),
        Column("", "matmul FLOPs", Units.flops) { $0.sum.matmulFLOPs },
      ]
      + levels.indices.map { lane in
        Column("", "\(levels[lane].name) bytes", Units.traffic) { $0.sum.traffic.total[lane] }
      } + [Column("", "time", Units.seconds) { $0.sum.seconds }]
    return [
      .heading("Attention: scores in far memory, or tiled"),
      .table(columns.table([Row(algorithm: .naive, sum: naive), Row(algorithm: .flash, sum: flash)])),
      .paragraph(
        "The same products, \(Units.plain(naive.traffic.total[0] / flash.traffic.total[0])) × less"
          + " \(levels[0].name) traffic, \(Units.plain(naive.seconds / flash.seconds)) × the speed."
          + bounds(scenario)),
    ]
  }

  /// Θ(Nd + N²) against Θ(N²d²/M) for the first attention layer's shape.
  private static func bounds(_ scenario: Scenario) -> String {
    guard let sram = scenario.profile.levels.last(where: \.perCore),
      let study = AttentionStudy(of: scenario.evaluator, scenario.workload)
    else { return "" }
    let (standard, flash) = study.bounds(sramBytes: sram.capacityBytes)
    return
      " The published orders of accesses for one layer (arXiv:2205.14135 theorem 2): Θ(Nd + N²) ="
      + " \(Units.plain(standard / 1e6)) M elements against Θ(N²d²/M) = \(Units.plain(flash / 1e6)) M with M ="
      + " \(Units.memory(sram.capacityBytes)) of \(sram.name) a core, a ratio of \(Units.plain(standard / flash));"
      + " with N = \(Units.whole(study.length)), d = \(Units.whole(study.headDim))."
  }
}
