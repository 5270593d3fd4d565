import Basics
import CostModel

/// Models that nobody built, of every mechanism.
public enum RandomSpecs {
  public static func model(_ seed: UInt64, chunks: Bool = false) -> ModelSpec {
    var random = SplitMix64(seed: seed)
    func pick<T>(_ values: [T]) -> T { values[Int.random(in: 0..<values.count, using: &random)] }
    func layer() -> LayerSpec {
      let mixer: MixerSpec
      switch Int.random(in: 0..<8, using: &random) {
      case 0:
        mixer = .latent(
          LatentSpec(
            heads: pick([4, 16, 128]), queryRank: pick([nil, 96, 1536]), cacheRank: pick([64, 512]),
            nopeDim: 128,
            rotaryDim: 64, valueDim: 128,
            indexer: pick([nil, IndexerSpec(heads: 8, headDim: 128, topK: pick([64, 2048]))])))
      case 1:
        mixer = .stateSpace(
          StateSpaceSpec(
            version: pick([.mamba(stepRank: 48), .mamba2(headDim: 64, groups: 2, chunk: 256)]),
            inner: pick([512, 4096]), state: pick([16, 128])))
      case 2:
        mixer = pick([
          .delta(DeltaSpec(keyHeads: 4, valueHeads: pick([4, 8]), keyDim: 64, valueDim: pick([64, 128]))),
          .lightning(LightningSpec(heads: pick([4, 8]), headDim: 64, queryKeyNorm: pick([true, false]))),
        ])
      default:
        let group = pick([1, 2, 8])
        let stored = pick([1, 2, 8])
        var spec = AttentionSpec(
          heads: stored * group, keyValueHeads: stored, headDim: pick([32, 64, 128]),
          span: pick(
            [.full, .full, .sliding(window: pick([1, 64, 1000, 4096]))]
              + (chunks ? [.chunked(size: 512)] : [])),
          position: pick([.rotary(RotarySpec(partialFactor: pick([1, 0.5]))), .alibi, .none]),
          bias: pick([true, false]))
        spec.queryKeyNorm = pick([.none, .perHead, .full])
        spec.sinks = pick([true, false])
        spec.logitSoftcap = pick([true, false])
        spec.outputGate = pick([true, false])
        mixer = .attention(spec)
      }
      let dense = DenseSpec(
        intermediate: pick([96, 1024, 14_336]), gated: pick([true, false]), bias: pick([true, false]),
        activation: pick(Activation.allCases))
      let feedForward: FeedForwardSpec
      switch Int.random(in: 0..<3, using: &random) {
      case 0:
        let experts = pick([2, 8, 256])
        var spec = MixtureSpec(
          experts: experts, topK: pick([1, 2]), expert: dense, shared: pick([nil, dense]),
          sharedGate: pick([true, false]), routerBias: pick([true, false]))
        spec.capacityFactor = pick([nil, 1.25])
        if spec.capacityFactor == nil { spec.idle = pick([0, 0, 4]) }
        feedForward = .mixture(spec)
      case 1 where mixer != .none: feedForward = .none
      default: feedForward = .dense(dense)
      }
      return LayerSpec(
        mixer: mixer, feedForward: feedForward, norm: pick([.rms, .layer]),
        norms: pick([.pre, .post, .sandwich]))
    }
    let kinds = (0..<Int.random(in: 1...3, using: &random)).map {
      LayerKind(name: "kind \($0)", layer: layer())
    }
    let layers = Int.random(in: 1...12, using: &random)
    var model = ModelSpec(
      name: "random \(seed)", hidden: pick([64, 1024, 4096, 6144]), vocabulary: pick([1000, 128_256]),
      kinds: kinds,
      pattern: (0..<layers).map { _ in Int.random(in: 0..<kinds.count, using: &random) },
      tiedEmbeddings: pick([true, false]), embeddingPosition: pick([.none, .learned(length: 8192)]))
    if pick([true, false, false, false]) {
      model.layerEmbedding = LayerEmbeddingSpec(width: 32, vocabulary: 1000, layers: layers)
      model.alternating = pick([nil, AlternatingSpec(streams: pick([2, 4]), lowRank: pick([nil, 16]))])
    }
    return model
  }

  public static func precision(_ seed: UInt64) -> PrecisionPlan {
    var random = SplitMix64(seed: seed ^ 0xABCD)
    var plan = PrecisionPlan(uniform: .bf16)
    let formats: [NumberFormat] = [
      .bf16, .fp8, .fp8Block, .int8, .int4(group: 128, zeroPoint: true), .mxfp4, .nvfp4, .gguf(.q4_k),
    ]
    plan.weights = formats[Int.random(in: 0..<formats.count, using: &random)]
    plan.experts = formats[Int.random(in: 0..<formats.count, using: &random)]
    plan.operand = Bool.random(using: &random) ? .fp8 : .bf16
    plan.kvCache = Bool.random(using: &random) ? .fp8 : .bf16
    return plan
  }
}
