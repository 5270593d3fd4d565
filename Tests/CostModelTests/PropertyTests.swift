import CostModel
import RandomModels
import Testing

/// What must hold for every spec; a failure names the seed that made it.
@Suite struct PropertyTests {
  static let seeds: [UInt64] = Array(1...150)

  func evaluator(_ seed: UInt64, router: RouterLoad = .balanced) throws -> Evaluator {
    try Evaluator(
      model: RandomSpecs.model(seed), profile: KnownModels.h100, precision: RandomSpecs.precision(seed),
      router: router)
  }

  @Test(arguments: seeds)
  func operatorsAddUp(seed: UInt64) throws {
    let evaluator = try evaluator(seed)
    // Servers' fixed points ask for parts of sequences.
    let part = Workload.decode(batch: 2.5, contextLength: 99.5)
    #expect(evaluator.analyze(part).totals == evaluator.totals(part), "seed \(seed)")
    for work in [Workload.prefill(batch: 3, inputLength: 333), .decode(batch: 7, contextLength: 5000)] {
      let analysis = evaluator.analyze(work)
      #expect(analysis.totals == evaluator.totals(work), "seed \(seed)")
      #expect(
        analysis.operators.reduce(0) { $0 + $1.matmulFLOPs } == analysis.totals.matmulFLOPs, "seed \(seed)")
      let traffic = analysis.operators.reduce(Traffic()) { $0 + $1.traffic }
      #expect(traffic == analysis.totals.traffic, "seed \(seed)")
      for op in analysis.operators {
        #expect(op.seconds >= 0 && op.seconds.isFinite && op.flops >= 0, "seed \(seed) \(op.call.kind)")
        for level in 0..<3 {
          #expect(
            op.traffic.reads[level] >= 0 && op.traffic.writes[level] >= 0, "seed \(seed) \(op.call.kind)")
        }
      }
    }
  }

  /// Nothing ever gets cheaper by asking for more.
  @Test(arguments: seeds)
  func costsNeverFall(seed: UInt64) throws {
    let evaluator = try evaluator(seed)
    // Left open, latent attention takes the faster form, which may have more FLOPs or bytes; each form by itself never.
    func check(_ name: String, _ works: [Workload], _ form: LatentForm?) {
      for (less, more) in zip(works, works.dropFirst()) {
        let a = evaluator.totals(less.latent(form))
        let b = evaluator.totals(more.latent(form))
        let slack = 1 + 1e-12
        #expect(b.seconds * slack >= a.seconds, "seed \(seed): seconds fall over \(name) at \(more)")
        if form == nil { continue }
        #expect(b.flops * slack >= a.flops, "seed \(seed): FLOPs fall over \(name) at \(more)")
        for level in 0..<3 {
          #expect(
            b.traffic.total[level] * slack >= a.traffic.total[level],
            "seed \(seed): traffic of level \(level) falls over \(name) at \(more)")
        }
      }
    }
    let sizes = [1.0, 2, 3, 7, 16, 63, 64, 65, 128, 500]
    let lengths = [1.0, 2, 63, 64, 65, 511, 512, 513, 1023, 2048, 2049, 4095, 4096, 4097, 30_000]
    let hasForms = evaluator.model.kinds.contains {
      if case .latent = $0.layer.mixer { true } else { false }
    }
    for form: LatentForm? in hasForms ? [nil, .naive, .absorbed] : [.naive] {
      check("decode batch", sizes.map { .decode(batch: $0, contextLength: 1500) }, form)
      check("decode context", lengths.map { .decode(batch: 2, contextLength: $0) }, form)
      check("prefill batch", sizes.map { .prefill(batch: $0, inputLength: 200) }, form)
      check("prefill length", lengths.map { .prefill(batch: 2, inputLength: $0) }, form)
      check("prefix", lengths.map { .prefill(batch: 1, inputLength: 100, prefix: $0) }, form)
    }
    #expect(
      evaluator.memory(.decode(batch: 3, contextLength: 900)).totalBytes
        >= evaluator.memory(.decode(batch: 2, contextLength: 900)).totalBytes, "seed \(seed)")
  }

  /// Bytes at a nearer level are never fewer than at a farther one: nothing skips a level.
  @Test(arguments: seeds)
  func trafficGrowsTowardsTheCores(seed: UInt64) throws {
    let evaluator = try evaluator(seed)
    for work in [Workload.prefill(batch: 1, inputLength: 4096), .decode(batch: 16, contextLength: 4096)] {
      for op in evaluator.analyze(work).operators {
        let total = op.traffic.total
        #expect(total[1] >= total[0] * (1 - 1e-12), "seed \(seed): \(op.call.kind)")
        #expect(total[2] >= total[1] * (1 - 1e-12), "seed \(seed): \(op.call.kind)")
      }
    }
  }

  /// Every expert's weights stay in memory, a token uses k of them.
  @Test(arguments: seeds)
  func activeNeverExceedsTotal(seed: UInt64) throws {
    let count = RandomSpecs.model(seed).parameters
    #expect(count.active <= count.total && count.active > 0, "seed \(seed)")
    #expect(count.total == count.total.rounded(), "seed \(seed)")
  }
}

@Suite struct DegenerateTests {
  let h100 = KnownModels.h100

  @Test func splittingWithOneSplitIsFlash() throws {
    let evaluator = try Evaluator(
      model: KnownModels.llama3_8b, profile: h100, precision: PrecisionPlan(uniform: .bf16))
    var flash = Workload.decode(batch: 4, contextLength: 63)
    flash.attention = .flash
    var split = flash
    split.attention = .flashDecoding
    #expect(evaluator.totals(flash) == evaluator.totals(split))
  }

  /// Eight key/value heads leave most of 132 cores idle until the keys are split: then far memory is what binds.
  @Test(arguments: [1024, 4096, 65_536]) func splittingFillsTheDevice(context: Double) throws {
    let evaluator = try Evaluator(
      model: KnownModels.llama3_8b, profile: h100, precision: PrecisionPlan(uniform: .bf16))
    var work = Workload.decode(batch: 1, contextLength: context)
    work.attention = .flash
    let whole = evaluator.totals(work)
    work.attention = .flashDecoding
    let split = evaluator.totals(work)
    #expect(split.seconds < whole.seconds)
    let floor = split.traffic.total[0] / h100.levels[0].bytesPerSecond
    #expect(split.seconds < floor * 1.01)
  }

  /// All keys in one block: K and V are read once, as in a single pass.
  @Test func blockOfAllKeysReadsThemOnce() throws {
    let study = AttentionStudy(batch: 1, heads: 1, length: 64, headDim: 64)
    let passes = study.flash(sramBytes: 1e9)
    #expect(passes[0].readBytes == 3 * study.thinBytes)
    let evaluator = try Evaluator(
      model: KnownModels.llama3_8b, profile: h100, precision: PrecisionPlan(uniform: .bf16))
    let op = try #require(
      evaluator.analyze(.prefill(batch: 1, inputLength: 8)).operators.first { $0.call.kind == .attention })
    // 32 layers, q and o of 4,096, k and v of 1,024 each, 8 tokens, 2 bytes: the same at every level.
    let bytes = Double(32 * 8 * 2 * (2 * 4096 + 2 * 1024))
    for level in 0..<3 { #expect(op.traffic.total[level] == bytes) }
  }
}

extension Workload {
  /// The same with latent attention in that form.
  func latent(_ form: LatentForm?) -> Workload {
    var work = self
    work.latent = form
    return work
  }
}
