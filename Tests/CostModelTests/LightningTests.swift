import CostModel
import Testing

/// Linear attention with a fixed decay, whole gates of delta layers, heads' gates on latents, experts that do nothing.
@Suite struct LightningTests {
  private func analysis(_ layer: LayerSpec, _ work: Workload) throws -> Analysis {
    let model = ModelSpec(
      name: "x", hidden: 64, vocabulary: 300, kinds: [LayerKind(name: "decoder", layer: layer)],
      pattern: [0, 0])
    return try Evaluator(model: model, profile: KnownModels.h100, precision: .init(uniform: .bf16)).analyze(
      work)
  }

  private func layer(_ mixer: MixerSpec) -> LayerSpec {
    LayerSpec(mixer: mixer, feedForward: FeedForwardSpec.none)
  }

  private func call(_ name: String, _ layer: LayerSpec, _ work: Workload) throws -> PricedOperator {
    try #require(try analysis(layer, work).operators.first { $0.call.kind.name == name })
  }

  @Test func state() throws {
    let layer = layer(.lightning(LightningSpec(heads: 4, headDim: 16)))
    #expect(layer.mixer.traits.stateElements == 4 * 16 * 16)
    // A step decays, adds k·v and reads: 5 an element; the state is read and written in fp32, q, k, v and the output pass.
    let step = try call("state_scan", layer, .decode(batch: 3, contextLength: 100))
    #expect(step.work.matmulFLOPs == 0 && step.work.vectorFLOPs == 3 * 5 * 1024)
    #expect(step.work.traffic.total[0] == 3 * (2 * 1024 * 4 + 4 * 64 * 2))
    // Blocks of 256: within each q·kᵀ and its product with v over the pairs it allows, between them states.
    let prompt = try call("state_scan", layer, .prefill(batch: 1, inputLength: 600))
    let pairs: Double = 2 * (256 * 257 / 2) + 88 * 89 / 2
    #expect(prompt.work.matmulFLOPs == pairs * 4 * 64 + 600 * 4 * 1024)
    let input = try call("state_in_projection", layer, .decode(batch: 1, contextLength: 0))
    #expect(input.work.matmulFLOPs == 2 * 64 * 4 * 64)
    #expect(input.work.vectorFLOPs == 3 * 64 * Activation.silu.flops)
  }

  @Test func wholeGates() throws {
    func spec(_ rank: Int?) -> DeltaSpec {
      DeltaSpec(keyHeads: 4, valueHeads: 4, keyDim: 16, valueDim: 16, channelRank: rank)
    }
    let work = Workload.decode(batch: 1, contextLength: 0)
    func width(_ rank: Int?) throws -> Double {
      try call("state_in_projection", layer(.delta(spec(rank))), work).work.matmulFLOPs / (2 * 64)
    }
    // q, k, v, a rate a head, and decay and gate: whole, of rank 8, or a decay a head.
    #expect(try width(0) == 3 * 64 + 4 + 64 + 64)
    #expect(try width(8) == 3 * 64 + 4 + 8 + 8)
    #expect(try width(nil) == 3 * 64 + 4 + 4 + 64)
    #expect(
      try analysis(layer(.delta(spec(0))), work).operators
        .allSatisfy { $0.call.kind.name != "state_step_expansion" })
  }

  @Test func gatedLatents() throws {
    var spec = LatentSpec(heads: 4, queryRank: nil, cacheRank: 32, nopeDim: 16, rotaryDim: 8, valueDim: 16)
    let work = Workload.decode(batch: 1, contextLength: 0)
    let plain = try call("latent_down_projection", layer(.latent(spec)), work).work.matmulFLOPs
    spec.headGate = true
    #expect(
      try call("latent_down_projection", layer(.latent(spec)), work).work.matmulFLOPs == plain + 2 * 64 * 4)
  }

  /// 8 experts and 4 that do nothing, 3 chosen: two thirds of the choices are computed.
  @Test func idleExperts() throws {
    var spec = MixtureSpec(experts: 8, topK: 3, expert: DenseSpec(intermediate: 20), routerBias: true)
    spec.idle = 4
    let layer = LayerSpec(mixer: MixerSpec.none, feedForward: .mixture(spec))
    let work = Workload.decode(batch: 6, contextLength: 0)
    let experts = try call("experts", layer, work)
    #expect(experts.work.matmulFLOPs == 2 * 6 * 2 * 3 * 20 * 64)
    let router = try call("router", layer, work)
    #expect(router.work.matmulFLOPs == 2 * 6 * 64 * 12)
    guard case .experts(let shape) = experts.call.shape else { return #expect(Bool(false)) }
    #expect(abs(shape.distinct - 8 * (1 - (0.75 * 0.75 * 0.75) * (0.75 * 0.75 * 0.75))) < 1e-12)
    let model = ModelSpec(
      name: "x", hidden: 64, vocabulary: 300, kinds: [LayerKind(name: "decoder", layer: layer)], pattern: [0])
    #expect(model.parameters.router == 12 * 64 + 12)
    #expect(model.parameters.total - model.parameters.active == 6 * 3 * 20 * 64)
    #expect(ExpertLoad(spec, load: .balanced, tokens: 6).fewest == 0)
    // A skewed router sends the same share away.
    let skewed = try Evaluator(
      model: model, profile: KnownModels.h100, precision: .init(uniform: .bf16), router: .zipf(exponent: 1))
    let op = try #require(skewed.analyze(work).operators.first { $0.call.kind == .experts })
    #expect(op.work.matmulFLOPs == experts.work.matmulFLOPs)
  }
}
