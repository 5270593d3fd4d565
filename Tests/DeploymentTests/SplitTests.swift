import Basics
import CostModel
import Deployment
import RandomModels
import Specs
import Testing

/// A model dealt out is the whole model, what is replicated counted.
@Suite struct SplitTests {
  let device: HardwareProfile

  init() throws { device = try Catalogue.hardware("h100-sxm") }

  private func deployed(_ model: ModelSpec, _ split: Split) throws -> DeployedModel {
    try DeployedModel(
      model, on: device, precision: PrecisionPlan(uniform: .bf16), split: split,
      cluster: Cluster(devices: split.devices, of: device), links: try Catalogue.links())
  }

  /// Nothing is multiplied that no integer holds.
  @Test(arguments: [
    (0, 1, 1, 1), (1, -3, 1, 1), (1, 1, Int.max, 1), (1, 1, 1, Int.max),
    (1_000_000, 1_000_000, 1_000_000, 1_000_000),
  ])
  func widthsThatAreNone(tensor: Int, pipeline: Int, context: Int, data: Int) throws {
    var split = Split()
    (split.tensor, split.pipeline, split.context, split.data) = (tensor, pipeline, context, data)
    let model = try Catalogue.model("gpt-3-175b")
    #expect(throws: SplitError.self) { try split.check(for: model) }
  }

  static let passes = [
    Workload.prefill(batch: 8, inputLength: 1024), .decode(batch: 64, contextLength: 4096),
  ]

  /// Everything 1 is the single device, to the last digit.
  @Test(arguments: ["llama-3-70b", "mixtral-8x7b", "gpt-3-175b", "deepseek-v3"])
  func oneRankIsTheDevice(name: String) throws {
    let model = try Catalogue.model(name)
    let alone = try Evaluator(model: model, profile: device, precision: PrecisionPlan(uniform: .bf16))
    let other = try deployed(model, Split())
    for pass in Self.passes {
      #expect(other.totals(pass) == alone.totals(pass))
      #expect(other.memory(pass) == alone.memory(pass))
    }
  }

  /// Over eight tensor ranks weights and FLOPs add up to the whole with little replicated; heads' caches exactly, a latent
  /// on every rank.
  @Test(arguments: ["llama-3-70b", "mixtral-8x7b", "gpt-3-175b", "deepseek-v3"])
  func eightRanksAddUp(name: String) throws {
    let model = try Catalogue.model(name)
    var split = Split()
    split.tensor = 8
    let alone = try deployed(model, Split())
    let dealt = try deployed(model, split)
    for pass in Self.passes {
      let (one, all) = (alone.memory(pass), dealt.memory(pass))
      let weights = 8 * all.weightsBytes / one.weightsBytes
      #expect((1...1.15).contains(weights), "\(weights)")
      let flops = 8 * dealt.totals(pass).matmulFLOPs / alone.totals(pass).matmulFLOPs
      #expect((1...1.2).contains(flops), "\(flops)")
      #expect(8 * all.cacheBytes / one.cacheBytes == (name == "deepseek-v3" ? 8 : 1))
    }
  }

  /// Llama 3 70B over eight ranks, 4,096 tokens: two all-reduces of 67.1 MB a layer, 235 MB sent (Megatron-LM).
  @Test func messagesOfATensorSplit() throws {
    let model = try Catalogue.model("llama-3-70b")
    var split = Split()
    split.tensor = 8
    let stage = try deployed(model, split).stages[0]
    let analysis = stage.analyze(.prefill(batch: 1, inputLength: 4096), by: stage.evaluator.roofline)
    let sent = analysis.operators.filter { [.mixerAllReduce, .feedForwardAllReduce].contains($0.call.kind) }
      .reduce(0) { $0 + $1.sentBytes }
    let buffer = 4096.0 * 8192 * 2
    #expect(sent == 80 * 2 * 2 * buffer * 7 / 8)
    #expect(analysis.totals.sentBytes == analysis.operators.reduce(0) { $0 + $1.sentBytes })
    let seconds = analysis.operators.reduce(0) { $0 + $1.seconds }
    #expect(abs(seconds / analysis.totals.seconds - 1) < 1e-9)
  }

  /// A norm over all heads (OLMo 2) waits for the sums of squares of other ranks' queries and keys: 8 bytes a token and layer.
  /// One of each head (Qwen 3) does not.
  @Test(arguments: [("olmo-2-13b", 1.0), ("qwen3-32b", 0)])
  func normsOverAllHeads(name: String, each: Double) throws {
    let model = try Catalogue.model(name)
    var split = Split()
    split.tensor = 4
    let stage = try deployed(model, split).stages[0]
    let analysis = stage.analyze(.decode(batch: 16, contextLength: 100), by: stage.evaluator.roofline)
    let sent = analysis.operators.filter { $0.call.kind == .queryKeyNormReduce }.reduce(0) {
      $0 + $1.sentBytes
    }
    #expect(sent == each * Double(model.layerCount) * 2 * (16 * 8) * 3 / 4)
  }

  /// Any split of any model: no rank holds more than the whole, all together no less, layers stand once.
  @Test func randomSplits() throws {
    var generator = SplitMix64(seed: 23)
    for _ in 0..<60 {
      let model = RandomSpecs.model(generator.next())
      var split = Split()
      split.tensor = 1 << (generator.next() % 4)
      split.pipeline = Int(generator.next() % 4) + 1
      split.data = Int(generator.next() % 3) + 1
      if (try? split.check(for: model)) == nil { continue }
      let (one, all) = (try deployed(model, Split()), try deployed(model, split))
      let stages = all.stages.map { (count: $0.count, layers: $0.count * $0.layers.count) }
      #expect(stages.map(\.count).reduce(0, +) == split.pipeline)
      #expect(stages.map(\.layers).reduce(0, +) == model.layerCount)
      let pass = Workload.decode(batch: Double(6 * split.data), contextLength: 512)
      let whole = one.stages[0].evaluator
      var weights = 0.0
      var flops = 0.0
      for stage in all.stages {
        let ranks = Double(stage.count * split.tensor)
        weights += ranks * stage.evaluator.memory(stage.work.of(pass)).weightsBytes
        flops += ranks * Double(split.data) * stage.totals(pass).matmulFLOPs
      }
      #expect(weights >= whole.memory(pass).weightsBytes * (1 - 1e-12))
      #expect(flops >= whole.totals(pass).matmulFLOPs * (1 - 1e-12))
      #expect(all.totals(pass).matmulFLOPs <= whole.totals(pass).matmulFLOPs * (1 + 1e-12))
    }
  }

  /// Experts over ranks with batches of their own: each computes its share of all tokens.
  @Test func expertsOverReplicas() throws {
    let model = try Catalogue.model("mixtral-8x7b")
    var split = Split()
    (split.data, split.expert) = (8, 8)
    let (one, all) = (try deployed(model, Split()), try deployed(model, split))
    let pass = Workload.prefill(batch: 8, inputLength: 2048)
    func experts(_ deployed: DeployedModel) -> PricedOperator? {
      let stage = deployed.stages[0]
      return stage.analyze(pass, by: stage.evaluator.roofline).operators.first { $0.call.kind == .experts }
    }
    let (whole, own) = (try #require(experts(one)), try #require(experts(all)))
    #expect(abs(8 * own.matmulFLOPs / whole.matmulFLOPs - 1) < 1e-9)
    let kinds = all.stages[0].analyze(pass, by: all.stages[0].evaluator.roofline).operators.map(\.call.kind)
    #expect(kinds.contains(.expertDispatch) && kinds.contains(.expertCombine))
  }

  /// What cannot be dealt out is refused with the nearest that can.
  @Test func impossibleSplits() throws {
    let model = try Catalogue.model("mixtral-8x7b")
    func accepted(_ change: (inout Split) -> Void) -> String? {
      var split = Split()
      change(&split)
      do throws(SplitError) { try split.check(for: model) } catch { return error.accepted }
      return nil
    }
    #expect(accepted { $0.tensor = 64 } == "--tp 32")
    #expect(accepted { $0.pipeline = 33 } == "--pp 32")
    #expect(accepted { ($0.tensor, $0.expert) = (4, 3) } == "--ep 2")
    #expect(accepted { ($0.data, $0.expert) = (16, 16) } == "--ep 8")
    #expect(accepted { ($0.tensor, $0.attentionData) = (8, 3) } == "--attention-dp 2")
    #expect(accepted { ($0.tensor, $0.expert) = (8, 8) } == nil)
  }

  /// GPT-3 in 16 bits does not fit one H100; the smallest number holds it, one fewer does not.
  @Test func smallestNumbers() throws {
    let plan = PrecisionPlan(uniform: .fp16)
    let model = try Catalogue.model("gpt-3-175b")
    let pass = Workload.decode(batch: 1, contextLength: 2047)
    let choice = try #require(
      SplitChoice.smallest(
        for: model, on: device, precision: plan, links: try Catalogue.links(), passes: [pass]))
    #expect(choice.best.split.devices == 5)
    #expect(choice.best.memory(pass).fits)
    #expect(
      SplitChoice.best(
        of: Cluster(devices: 4, of: device), for: model, on: device, precision: plan,
        links: try Catalogue.links(), passes: [pass]
      )
        == nil)
  }
}
