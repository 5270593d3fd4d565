import CostModel

/// What tiling saves for the user's own shape: the same pass with scores in far memory and without.
enum AttentionSection {
  static func blocks(_ input: AnalysisInput) -> [Document.Block] {
    guard input.workload.phase == .prefill else { return [] }
    let evaluator = input.evaluator
    var rows: [[String]] = []
    var far: [AttentionAlgorithm: Double] = [:]
    var seconds: [AttentionAlgorithm: Double] = [:]
    for algorithm in [AttentionAlgorithm.naive, .flash] {
      var work = input.workload
      work.attention = algorithm
      let ops = evaluator.analyze(work).operators.filter { $0.call.kind == .attention }
      guard !ops.isEmpty else { return [] }
      let traffic = ops.reduce(Traffic()) { $0 + $1.traffic }.total
      far[algorithm] = traffic[0]
      seconds[algorithm] = ops.reduce(0) { $0 + $1.seconds }
      let flops = ops.reduce(0) { $0 + $1.matmulFLOPs }
      rows.append(
        [algorithm.rawValue, Units.flops(flops)]
          + evaluator.profile.levels.indices.map { Units.traffic(traffic[$0]) }
          + [Units.seconds(seconds[algorithm] ?? 0)])
    }
    let levels = evaluator.profile.levels.map { ("\($0.name) bytes", Table.Alignment.right) }
    var blocks: [Document.Block] = [
      .heading("Attention: scores in far memory, or tiled"),
      .table(
        Table(
          columns: [("algorithm", .left), ("matmul FLOPs", .right)] + levels + [("time", .right)], rows: rows)
      ),
    ]
    if let naive = far[.naive], let flash = far[.flash], let slow = seconds[.naive],
      let fast = seconds[.flash]
    {
      blocks.append(
        .paragraph(
          "The same products, \(Units.plain(naive / flash)) × less \(evaluator.profile.levels[0].name) traffic,"
            + " \(Units.plain(slow / fast)) × the speed." + bounds(input)))
    }
    return blocks
  }

  /// Θ(Nd + N²) against Θ(N²d²/M) for the first attention layer's shape.
  private static func bounds(_ input: AnalysisInput) -> String {
    let evaluator = input.evaluator
    guard let sram = evaluator.profile.levels.last(where: \.perCore),
      let spec = evaluator.model.kinds.lazy.compactMap({ kind -> AttentionSpec? in
        if case .attention(let spec) = kind.layer.mixer { spec } else { nil }
      }).first
    else { return "" }
    let study = AttentionStudy(
      batch: input.workload.batch, heads: Double(spec.heads), length: input.workload.length,
      headDim: Double(spec.headDim), bytesPerElement: evaluator.precision.activations.bytesPerElement)
    let (standard, flash) = study.bounds(sramBytes: sram.capacityBytes)
    return
      " The published orders of accesses for one layer (arXiv:2205.14135 theorem 2): Θ(Nd + N²) ="
      + " \(Units.plain(standard / 1e6)) M elements against Θ(N²d²/M) = \(Units.plain(flash / 1e6)) M with M ="
      + " \(Units.memory(sram.capacityBytes)) of \(sram.name) a core, a ratio of \(Units.plain(standard / flash));"
      + " with N = \(Units.whole(input.workload.length)), d = \(spec.headDim)."
  }
}
