import CostModel
import RandomModels
import Testing

/// Keeps every tensor.
struct TensorList: TensorSink {
  var tensors: [Tensor] = []

  mutating func add(_ tensor: Tensor) { tensors.append(tensor) }

  static func of(_ model: ModelSpec) -> [Tensor] {
    var list = TensorList()
    model.tensors(into: &list)
    return list.tensors
  }
}

/// One list of tensors is what parameters, bytes and products all mean.
@Suite struct TensorTests {
  @Test(arguments: 0..<150 as Range<UInt64>)
  func everyElementIsCountedOnce(seed: UInt64) {
    let model = RandomSpecs.model(seed)
    let tensors = TensorList.of(model)
    let count = model.parameters
    #expect(count.total == tensors.reduce(0) { $0 + $1.storedElements })
    #expect(count.active == tensors.reduce(0) { $0 + $1.activeElements })
    for component in Tensor.Component.allCases {
      let own = tensors.filter { $0.component == component }
      #expect(count[component] == own.reduce(0.0) { $0 + $1.storedElements })
    }
    #expect(model.weightBytes(PrecisionPlan(uniform: .bf16)) == 2 * count.total)
    let names = tensors.map { "\($0.layerKind ?? -1) \($0.name)" }
    #expect(Set(names).count == names.count)
  }

  /// A token's products are the stored matrices that it uses: what is multiplied is what is counted.
  @Test(arguments: 0..<150 as Range<UInt64>)
  func aTokenMultipliesWhatIsStored(seed: UInt64) throws {
    var model = RandomSpecs.model(seed)
    for index in model.kinds.indices {
      guard case .mixture(var spec) = model.kinds[index].layer.feedForward else { continue }
      spec.capacityFactor = nil
      // The router's kernel makes the shared expert's gate too.
      if spec.shared == nil { spec.sharedGate = false }
      model.kinds[index].layer.feedForward = .mixture(spec)
    }
    let evaluator = try Evaluator(
      model: model, profile: KnownModels.h100, precision: .init(uniform: .bf16))
    let pass = evaluator.analyze(.decode(batch: 1, contextLength: 0))
    let multiplied = pass.operators.reduce(0) { sum, priced in
      switch priced.call.kind {
      // A layer's weights for its streams are made twice of one matrix.
      case .attention, .indexScores, .stateScan, .streamCorrectionWeights: sum
      default: sum + priced.matmulFLOPs / 2
      }
    }
    let matrices = TensorList.of(model).filter { tensor in
      switch tensor.storage {
      case .weights, .experts, .lmHead: true
      case .embedding: model.tiedEmbeddings && tensor.member == "embed_tokens"
      case .small: tensor.columns == Double(model.hidden)
      case .tower: false
      }
    }
    // Shares of choices need not be whole.
    let stored = matrices.reduce(0) { $0 + $1.activeElements }
    #expect(abs(multiplied / stored - 1) < 1e-12)
  }

  /// Names, shapes and splits of one layer, as the released checkpoint has them.
  @Test func llama3() {
    let listed = TensorList.of(KnownModels.llama3_70b).map {
      "\($0.name) \(Int($0.rows))×\(Int($0.columns ?? 1)) \($0.split)"
    }
    #expect(
      listed == [
        "model.embed_tokens.weight 128256×8192 outputs",
        "model.layers.{layer}.input_layernorm.weight 8192×1 replicated",
        "model.layers.{layer}.post_attention_layernorm.weight 8192×1 replicated",
        "model.layers.{layer}.self_attn.q_proj.weight 8192×8192 outputs",
        "model.layers.{layer}.self_attn.k_proj.weight 1024×8192 keyValueHeads(8)",
        "model.layers.{layer}.self_attn.v_proj.weight 1024×8192 keyValueHeads(8)",
        "model.layers.{layer}.self_attn.o_proj.weight 8192×8192 inputs",
        "model.layers.{layer}.mlp.gate_proj.weight 28672×8192 outputs",
        "model.layers.{layer}.mlp.up_proj.weight 28672×8192 outputs",
        "model.layers.{layer}.mlp.down_proj.weight 8192×28672 inputs",
        "model.norm.weight 8192×1 replicated", "lm_head.weight 128256×8192 outputs",
      ])
  }

  @Test func routedExpertsAreCopies() throws {
    let tensors = TensorList.of(KnownModels.mixtral)
    let down = try #require(tensors.first { $0.name.hasSuffix("experts.{expert}.down_proj.weight") })
    #expect(down.elements == Double(4096 * 14_336))
    #expect(down.storedElements == 32 * 8 * down.elements && down.activeElements == 32 * 2 * down.elements)
    #expect(tensors.filter { $0.routed != nil }.allSatisfy { $0.storage == .experts })
  }

  /// Each class of tensor goes by its own format.
  @Test func aPlanStoresEachClass() {
    var plan = PrecisionPlan(weights: .fp8, base: .bf16)
    (plan.experts, plan.small, plan.lmHead) = (.mxfp4, .fp32, .fp16)
    let bytes = KnownModels.mixtral.weightBytes(plan)
    let products = Double(32 * (2 * 4096 * 4096 + 2 * 4096 * 1024))
    let experts = Double(32 * 8 * 3 * 4096 * 14_336)
    let small = Double(65 * 4096 + 32 * 8 * 4096)
    #expect(bytes == products + experts * 17 / 32 + small * 4 + 2 * 2 * 32_000 * 4096)
  }
}
