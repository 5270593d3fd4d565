import Calibration
import CostModel
import RandomModels
import Specs
import Testing

/// A mechanism that does nothing costs nothing: operator by operator the same as without it, the mechanism's own
/// left out, whatever the spec, under the roofline and under fitted prices.
@Suite struct DegenerateTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    /// The mechanism where it does nothing, and the layer without it; nil where a layer cannot have it.
    var layers: @Sendable (LayerSpec) -> (with: LayerSpec, without: LayerSpec)?
    var own: Set<OperatorKind> = []
    var router = RouterLoad.balanced

    var testDescription: String { name }
  }

  static let cases = [
    Case(name: "window as long as the sequence", layers: span(.sliding(window: 5_001))),
    Case(name: "window beyond the sequence", layers: span(.sliding(window: 1_000_000))),
    Case(name: "one chunk holds the sequence", layers: span(.chunked(size: 5_001))),
    Case(
      name: "picks every key", layers: picking(5_001),
      own: [.indexProjection, .indexKeyProjection, .indexCacheWrite, .indexScores]),
    Case(
      name: "picks more keys than there are", layers: picking(1_000_000),
      own: [.indexProjection, .indexKeyProjection, .indexCacheWrite, .indexScores]),
    Case(name: "one expert that every token takes", layers: oneExpert, own: [.router]),
    Case(name: "one expert, skewed", layers: oneExpert, own: [.router], router: .zipf(exponent: 1)),
  ]

  static func attention(
    _ change: @escaping @Sendable (AttentionSpec) -> (AttentionSpec, AttentionSpec)
  ) -> @Sendable (LayerSpec) -> (with: LayerSpec, without: LayerSpec)? {
    { layer in
      guard case .attention(let spec) = layer.mixer else { return nil }
      var (with, without) = (layer, layer)
      let (a, b) = change(spec)
      (with.mixer, without.mixer) = (.attention(a), .attention(b))
      return (with, without)
    }
  }

  static func span(_ span: AttentionSpan) -> @Sendable (LayerSpec) -> (with: LayerSpec, without: LayerSpec)? {
    attention { spec in
      var (with, without) = (spec, spec)
      (with.span, without.span) = (span, .full)
      return (with, without)
    }
  }

  static func picking(_ count: Int) -> @Sendable (LayerSpec) -> (with: LayerSpec, without: LayerSpec)? {
    { layer in
      guard case .latent(let spec) = layer.mixer else { return nil }
      var (with, without) = (spec, spec)
      with.indexer = IndexerSpec(heads: 8, headDim: 128, topK: count)
      without.indexer = nil
      var (a, b) = (layer, layer)
      (a.mixer, b.mixer) = (.latent(with), .latent(without))
      return (a, b)
    }
  }

  @Sendable static func oneExpert(_ layer: LayerSpec) -> (with: LayerSpec, without: LayerSpec)? {
    guard case .mixture(let spec) = layer.feedForward else { return nil }
    var (with, without) = (layer, layer)
    with.feedForward = .mixture(MixtureSpec(experts: 1, topK: 1, expert: spec.expert))
    without.feedForward = .dense(spec.expert)
    return (with, without)
  }

  static let works: [Workload] = [
    .prefill(batch: 1, inputLength: 1), .prefill(batch: 2, inputLength: 1000),
    .prefill(batch: 1, inputLength: 5001), .prefill(batch: 1, inputLength: 10, prefix: 777),
    .decode(batch: 1, contextLength: 0), .decode(batch: 9, contextLength: 3000),
    .decode(batch: 300, contextLength: 5000),
  ]

  /// H100's fits where the device has the precision's kernels.
  static func evaluators(
    _ model: ModelSpec, _ precision: PrecisionPlan, router: RouterLoad = .balanced
  ) throws -> (evaluator: Evaluator, fitted: FittedPricing) {
    let profile = try Catalogue.hardware("h100-sxm")
    let evaluator = try Evaluator(model: model, profile: profile, precision: precision, router: router)
    let predictor = try #require(Predictor(try shipped.get(), on: profile))
    return (evaluator, FittedPricing(predictor, framework: .vllm, for: evaluator))
  }

  static let shipped = Result { try Calibrations.find("h100-sxm") }

  @Test(arguments: cases)
  func doesNothing(_ test: Case) throws {
    var (tried, fits) = (0, 0)
    for seed in UInt64(1)...40 {
      var (with, without) = (RandomSpecs.model(seed), RandomSpecs.model(seed))
      for index in with.kinds.indices {
        guard let layers = test.layers(with.kinds[index].layer) else { continue }
        with.kinds[index].layer = layers.with
        without.kinds[index].layer = layers.without
        tried += 1
      }
      var precision = RandomSpecs.precision(seed)
      // A lone expert is stored as experts are.
      precision.experts = precision.weights
      let (one, oneFitted) = try Self.evaluators(with, precision, router: test.router)
      let (other, otherFitted) = try Self.evaluators(without, precision)
      for work in Self.works {
        func check(_ a: Analysis, _ b: Analysis, _ pricing: String) {
          let kept = a.operators.filter { !test.own.contains($0.call.kind) }
          #expect(kept.map(\.call.kind) == b.operators.map(\.call.kind), "seed \(seed) \(work)")
          for (x, y) in zip(kept, b.operators) {
            #expect(x.work == y.work && x.time == y.time, "seed \(seed), \(pricing), \(work): \(x.call.kind)")
          }
        }
        check(one.analyze(work), other.analyze(work), "roofline")
        let fitted = one.analyze(work, by: oneFitted)
        check(fitted, other.analyze(work, by: otherFitted), "fitted")
        fits += fitted.operators.count { $0.time.fit != nil }
      }
    }
    #expect(tried > 5 && fits > 1000)
  }

  /// What a pass is called changes nothing.
  @Test func oneQueryBehindAPrefixIsADecodeStep() throws {
    for seed in UInt64(1)...40 {
      let (evaluator, fitted) = try Self.evaluators(RandomSpecs.model(seed), RandomSpecs.precision(seed))
      for length in [0.0, 1, 70, 3000, 131_072] {
        let prefill = Workload.prefill(batch: 3, inputLength: 1, prefix: length)
        let decode = Workload.decode(batch: 3, contextLength: length)
        #expect(evaluator.totals(prefill) == evaluator.totals(decode), "seed \(seed)")
        #expect(evaluator.totals(prefill, by: fitted) == evaluator.totals(decode, by: fitted), "seed \(seed)")
        #expect(evaluator.memory(prefill) == evaluator.memory(decode), "seed \(seed)")
      }
    }
  }

  /// One KV head a head: latent attention with its keys expanded is multi-head attention of the same widths.
  @Test func expandedLatentAttentionIsMultiHead() throws {
    var latent = RandomSpecs.model(1)
    var plain = latent
    let spec = LatentSpec(
      heads: 16, queryRank: 96, cacheRank: 64, nopeDim: 128, rotaryDim: 64, valueDim: 128)
    latent.kinds[0].layer.mixer = .latent(spec)
    plain.kinds[0].layer.mixer = .attention(
      AttentionSpec(heads: 16, keyValueHeads: 16, headDim: 192, valueHeadDim: 128))
    (latent.pattern, plain.pattern) = ([0], [0])
    for var work in Self.works {
      work.latent = .naive
      let plan = PrecisionPlan(uniform: .bf16)
      let (one, oneFitted) = try Self.evaluators(latent, plan)
      let (other, otherFitted) = try Self.evaluators(plain, plan)
      for (a, b) in [
        (one.analyze(work), other.analyze(work)),
        (one.analyze(work, by: oneFitted), other.analyze(work, by: otherFitted)),
      ] {
        let (x, y) = (try attention(a), try attention(b))
        // What the expanded form computed just before, plain attention has in its cache: only the floors may differ.
        #expect(
          x.work.matmulFLOPs == y.work.matmulFLOPs && x.work.vectorFLOPs == y.work.vectorFLOPs
            && x.work.traffic == y.work.traffic && x.work.occupancy == y.work.occupancy, "\(work)")
        #expect(x.seconds == y.seconds && x.low == y.low, "\(work)")
      }
    }
  }

  private func attention(_ analysis: Analysis) throws -> PricedOperator {
    try #require(analysis.operators.first { $0.call.kind == .attention })
  }

  /// DeepSeek-V3.2 picks 2,048 keys: over a prompt of as many tokens its attention is V3's (once 1.81 s for 10.1 ms).
  @Test func sparseAttentionOverAShortPromptIsDense() throws {
    let plan = PrecisionPlan(uniform: .bf16)
    func attention(_ name: String, _ length: Double) throws -> PricedOperator {
      let (evaluator, _) = try Self.evaluators(try Catalogue.model(name), plan)
      return try self.attention(evaluator.analyze(.prefill(batch: 1, inputLength: length)))
    }
    let (sparse, dense) = (try attention("deepseek-v3.2", 2048), try attention("deepseek-v3", 2048))
    #expect(sparse.work == dense.work && sparse.time == dense.time)
    // One token more is no cliff.
    #expect(try attention("deepseek-v3.2", 2049).seconds < 1.2 * sparse.seconds)
  }
}
