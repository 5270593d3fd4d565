import CostModel
import RandomModels
import Testing

/// What no implementation beats, by hand.
@Suite struct BoundTests {
  /// 1 TB/s below far memory, 10 below the cache, 100 TFLOP/s in 16 bits, 10 MB of cache.
  static func device(
    cache: Confidence? = nil, special: Double? = nil, int8: Double? = nil
  ) -> HardwareProfile {
    var profile = HardwareProfile(
      name: "device",
      levels: [
        MemoryLevel(name: "hbm", capacityBytes: 1e11, bytesPerSecond: 1e12),
        MemoryLevel(name: "l2", capacityBytes: 1e7, bytesPerSecond: 1e13, confidence: cache),
      ], peaks: [Peak(.bf16, flopsPerSecond: 1e14)] + (int8.map { [Peak(.int8, flopsPerSecond: $0)] } ?? []),
      vectorFLOPsPerSecond: 1e13, cores: 100)
    profile.clockHertz = 1e9
    profile.specialFunctionsPerClock = special
    return profile
  }

  func floor(
    _ kind: OperatorKind, _ shape: Shape, _ formats: CallFormats = CallFormats(uniform: .bf16),
    _ setting: Setting = .cold, on profile: HardwareProfile = device()
  ) throws -> Floor {
    try Machine(profile).floor(
      of: Call(kind, at: .outer, layers: 1, formats: formats, shape: shape), setting)
  }

  func near(_ value: Double, _ wanted: Double) -> Bool { abs(value - wanted) <= 1e-12 * abs(wanted) }

  /// 8 × 4,096 × 4,096 in 16 bits: weights of 33.6 MB and rows of 65.5 KB in and out.
  @Test func productsReadTheirWeightsOnce() throws {
    let shape = Shape.product(ProductCall(rows: 8, outputs: 4096, inputs: 4096))
    let cold = try floor(.downProjection, shape)
    let (weights, rows) = (2.0 * 4096 * 4096, 2.0 * 8 * 4096)
    #expect(near(cold.seconds, (weights + 2 * rows) / 1e12) && cold.by == .far)
    #expect(near(cold.resident, (weights + 2 * rows - 1e7) / 1e12))
    // In a pass, rows were just written and the result will be read: neither leaves the cache.
    let pass = try floor(.downProjection, shape, CallFormats(uniform: .bf16), .pass)
    #expect(near(pass.seconds, weights / 1e12))
    let large = try floor(.downProjection, .product(ProductCall(rows: 1e6, outputs: 4096, inputs: 4096)))
    #expect(near(large.seconds, 2 * 1e6 * 4096 * 4096 / 1e14) && large.by == .compute)
  }

  /// Rows beyond the cache cross far memory, and those alone.
  @Test func onlyWhatDoesNotFitLeavesTheCache() throws {
    let shape = Shape.rows(RowsCall(.add, rows: 1000, readWidth: 8000, writeWidth: 4000, flopsPerElement: 1))
    let pass = try floor(.mixerResidual, shape, CallFormats(uniform: .bf16), .pass)
    #expect(near(pass.seconds, (16e6 - 1e7) / 1e12))
  }

  /// Far memory's bytes pass the cache too, which is a roof only where its rate is proven.
  @Test func aNearLevelBindsWhereItIsProven() throws {
    let shape = Shape.rows(RowsCall(.add, rows: 100, readWidth: 8000, writeWidth: 4000, flopsPerElement: 1))
    let bytes = 2.0 * 100 * 12_000
    for (confidence, proven) in [(nil, false), (.low, false), (.medium, true), (.high, true)]
      as [(Confidence?, Bool)]
    {
      let pass = try floor(
        .mixerResidual, shape, CallFormats(uniform: .bf16), .pass, on: Self.device(cache: confidence))
      #expect(near(pass.seconds, proven ? bytes / 1e13 : 400_000 / 1e13), "\(String(describing: confidence))")
      #expect(pass.by == (proven ? .memory(level: 1) : .vector))
    }
  }

  /// 16 exponentials a clock and core: heads of 8 need longer for them than for their products.
  @Test func exponentialsBindNarrowHeads() throws {
    func attention(_ width: Double, _ special: Double?) throws -> Floor {
      try floor(
        .attention,
        .attention(
          AttentionCall(
            sequences: 1, queries: 4096, prefix: 0, heads: 100, storedHeads: 100, keyWidth: width,
            valueWidth: width)), on: Self.device(special: special))
    }
    let pairs = 100.0 * 4096 * 4097 / 2
    let narrow = try attention(8, 16)
    #expect(near(narrow.seconds, pairs / (16 * 100 * 1e9)) && narrow.by == .exponential)
    #expect(try attention(8, nil).by != .exponential)
    #expect(try attention(128, 16).by == .compute)
  }

  /// One draw may send every token to the same experts; a forecast expects more of them.
  @Test func expertsAreTheFewestThatRoutingAllows() throws {
    func experts(_ tokens: Double, distinct: Double, capacity: Double? = nil) throws -> Floor {
      try floor(
        .experts,
        .experts(
          ExpertsCall(
            tokens: tokens, experts: 64, topK: 4, distinct: distinct, capacity: capacity, hidden: 1024,
            expert: DenseSpec(intermediate: 512))))
    }
    let weights = 3.0 * 1024 * 512 * 2
    #expect(near(try experts(8, distinct: 25).seconds, (4 * weights + 4 * 8 * 1024) / 1e12))
    #expect(try experts(8, distinct: 25) == (try experts(8, distinct: 64)))
    // Four full buffers of 10 rows are all that 8,000 tokens may have to compute.
    let capped = try experts(8000, distinct: 64, capacity: 10)
    #expect(near(capped.roofs[Bound.compute.index], 40 * weights / 1e14))
  }

  /// llama.cpp's blocks are multiplied as 8-bit integers where there is a unit, never expanded.
  @Test func blocksAreMultipliedAsIntegers() throws {
    let shape = Shape.product(ProductCall(rows: 1e6, outputs: 4096, inputs: 4096))
    let plan = PrecisionPlan(weights: .gguf(.q4_0), base: .bf16)
    for (int8, peak) in [(nil, 1e14), (4e14, 4e14)] as [(Double?, Double)] {
      let evaluator = try Evaluator(
        model: KnownModels.llama3_8b, profile: Self.device(int8: int8), precision: plan)
      let op = try #require(
        evaluator.analyze(.prefill(batch: 64, inputLength: 2048)).operators.first {
          $0.call.kind == .downProjection
        })
      #expect(near(op.floor.roofs[0], op.matmulFLOPs / peak))
      #expect(op.work.vectorFLOPs == 0)
      #expect(
        near(
          try floor(.downProjection, shape, op.call.formats, on: Self.device(int8: int8)).roofs[0],
          2 * 1e6 * 4096 * 4096 / peak))
    }
  }

  /// Narrow inputs need a unit; without one weights alone are narrow, and nothing is quantized on the way.
  @Test(arguments: [NumberFormat.fp8, .nvfp4, .int8]) func withoutAUnitWeightsAloneAreNarrow(
    format: NumberFormat
  ) throws {
    var plan = PrecisionPlan(weights: format, base: .bf16)
    plan.operand = format
    let evaluator = try Evaluator(model: KnownModels.llama3_8b, profile: Self.device(), precision: plan)
    let operators = evaluator.analyze(.prefill(batch: 1, inputLength: 64)).operators
    #expect(evaluator.expandsWeights && !operators.contains { $0.call.kind.category == "quantization" })
    let op = try #require(operators.first { $0.call.kind == .downProjection })
    #expect(op.call.formats.compute == .bf16 && op.call.formats.stored == format)
  }

  /// E[max(0, X − c)] of every token's draw, summed as it is defined.
  @Test(arguments: [(1.0, 8, 1, 1.0), (3, 8, 2, 1.25), (10, 4, 1, 0.5), (200, 16, 2, 1.1), (5000, 64, 8, 1)])
  func droppedShareIsTheBinomials(tokens: Double, experts: Int, topK: Int, factor: Double) {
    var spec = MixtureSpec(experts: experts, topK: topK, expert: DenseSpec(intermediate: 64))
    spec.capacityFactor = factor
    let load = ExpertLoad(spec, load: .balanced, tokens: tokens)
    let (n, p) = (Int(tokens), Double(topK) / Double(experts))
    let capacity = (factor * tokens * p).rounded(.up)
    // Chances by Pascal's triangle: no factorials.
    var chances = [1.0]
    for _ in 0..<n {
      var next = [Double](repeating: 0, count: chances.count + 1)
      for (k, chance) in chances.enumerated() {
        next[k] += chance * (1 - p)
        next[k + 1] += chance * p
      }
      chances = next
    }
    let excess = chances.enumerated().reduce(0) { $0 + max(0, Double($1.offset) - capacity) * $1.element }
    #expect(abs(load.dropped - excess / (tokens * p)) < 1e-9)
    #expect(load.dropped <= 1 && load.distinct == Double(experts) && load.fewest == Double(topK))
  }
}

/// Relations between bounds, times and what is asked.
@Suite struct BoundPropertyTests {
  static let seeds: [UInt64] = Array(1...60)

  func evaluator(_ seed: UInt64, _ profile: HardwareProfile = KnownModels.h100) throws -> Evaluator {
    try Evaluator(
      model: RandomSpecs.model(seed), profile: profile, precision: RandomSpecs.precision(seed))
  }

  static let works: [Workload] = [
    .prefill(batch: 2, inputLength: 700), .prefill(batch: 1, inputLength: 33, prefix: 40_000),
    .decode(batch: 5, contextLength: 3000), .decode(batch: 200, contextLength: 100),
  ]

  /// A prompt behind cached tokens takes longer the longer either is; of one token it is a decode step.
  @Test(arguments: seeds) func prefillIsMonotoneAndEndsInADecodeStep(seed: UInt64) throws {
    let evaluator = try evaluator(seed)
    let prefixes = [0.0, 1, 100, 1000, 7777, 65_536]
    let lengths = [1.0, 2, 3, 8, 16, 31, 64, 65, 100, 127, 128, 129, 200, 256, 500, 1000, 4096]
    var before: [Double] = []
    for prefix in prefixes {
      var times: [Double] = []
      for length in lengths {
        let totals = evaluator.totals(.prefill(batch: 1, inputLength: length, prefix: prefix))
        for (name, least) in [("length", times.last), ("prefix", before.isEmpty ? nil : before[times.count])]
        {
          #expect(
            (least ?? 0) <= totals.seconds * (1 + 1e-12),
            "seed \(seed): time falls over \(name) at \(length) behind \(prefix)")
        }
        times.append(totals.seconds)
      }
      before = times
      #expect(
        evaluator.totals(.decode(batch: 1, contextLength: prefix))
          == evaluator.totals(.prefill(batch: 1, inputLength: 1, prefix: prefix)), "seed \(seed)")
    }
  }

  /// One more roof makes nothing faster, neither what is expected nor at best.
  @Test(arguments: seeds) func anotherRoofNeverHelps(seed: UInt64) throws {
    var exponentials = KnownModels.h100
    (exponentials.clockHertz, exponentials.specialFunctionsPerClock) = (1.83e9, 2)
    var proven = KnownModels.h100
    proven.levels[1].confidence = .high
    let plain = try evaluator(seed)
    for other in [try evaluator(seed, exponentials), try evaluator(seed, proven)] {
      for work in Self.works {
        let (a, b) = (plain.totals(work), other.totals(work))
        #expect(a.seconds <= b.seconds && a.kernelFloor <= b.kernelFloor, "seed \(seed)")
        #expect(a.floor.seconds <= b.floor.seconds, "seed \(seed)")
      }
    }
  }

  @Test(arguments: seeds) func boundsAreNeverAboveTimes(seed: UInt64) throws {
    let evaluator = try evaluator(seed)
    for work in Self.works {
      let analysis = evaluator.analyze(work)
      for op in analysis.operators {
        #expect(op.floor.seconds <= op.seconds && op.floor.resident <= op.floor.seconds, "seed \(seed)")
      }
      let totals = analysis.totals
      #expect(totals.floor.seconds <= totals.kernelFloor * (1 + 1e-12), "seed \(seed)")
      #expect(totals.kernelFloor <= totals.seconds * (1 + 1e-12), "seed \(seed)")
    }
  }

  /// Splits join only where there is more than one: a full device has none.
  @Test func fullCoresSplitNoKeys() throws {
    let evaluator = try Evaluator(
      model: KnownModels.llama3_8b, profile: KnownModels.h100, precision: PrecisionPlan(uniform: .bf16))
    func joins(_ batch: Double) -> Bool {
      evaluator.analyze(.decode(batch: batch, contextLength: 8192)).operators.contains {
        $0.call.kind == .attentionReduction
      }
    }
    // 8 key/value heads a sequence over 132 cores.
    #expect(joins(16) && !joins(17))
  }
}
