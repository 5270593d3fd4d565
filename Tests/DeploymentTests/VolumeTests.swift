import Basics
import CostModel
import Deployment
import RandomModels
import Specs
import Testing

/// What messages of a pass carry, beside figures worked out by hand and over random splits.
@Suite struct VolumeTests {
  private func deployed(
    _ name: String, _ device: String = "h100-sxm", devices: Int? = nil, _ change: (inout Split) -> Void
  ) throws -> DeployedModel {
    let profile = try Catalogue.hardware(device)
    var split = Split()
    change(&split)
    return try DeployedModel(
      try Catalogue.model(name), on: profile, precision: PrecisionPlan(uniform: .bf16), split: split,
      cluster: Cluster(devices: devices ?? split.devices, of: profile), links: try Catalogue.links())
  }

  /// Bytes that a rank of the first stage sends in operators of a kind.
  private func sent(_ deployed: DeployedModel, _ kind: OperatorKind, _ pass: Workload) -> Double {
    deployed.stages[0].analyze(pass, by: deployed.stages[0].evaluator.roofline).operators
      .filter { $0.call.kind == kind }.reduce(0) { $0 + $1.sentBytes }
  }

  /// Llama 3 8B, 131,072 tokens over four ranks that share the sequence: each exchange moves 2 · 8 · 128 · 2 · s/4 bytes
  /// (134 MB), three of them a layer, whatever their form (arXiv:2310.01889).
  @Test(arguments: [ContextForm.ring, .allGather])
  func contextRanksTellEachOtherKeys(form: ContextForm) throws {
    let split = try deployed("llama-3-8b") { ($0.context, $0.contextForm) = (4, form) }
    let bytes = sent(split, .contextGather, .prefill(batch: 1, inputLength: 131_072))
    #expect(bytes == 32 * 3 * 134_217_728)
  }

  /// Heads dealt out (arXiv:2309.14509): queries and outputs of 32 heads, keys and values of 8, of a quarter of the tokens,
  /// three quarters of which leave their rank.
  @Test func headsDealtOut() throws {
    let split = try deployed("llama-3-8b") { ($0.context, $0.contextForm) = (4, .allToAll) }
    let bytes = sent(split, .contextGather, .prefill(batch: 1, inputLength: 8192))
    #expect(bytes == 32 * 2048 * (2 * 4096 + 2 * 1024) * 2 * 3 / 4)
  }

  /// A boundary between stages carries tokens × hidden × 2 bytes (Megatron-LM, arXiv:2104.04473).
  @Test func stagesSendTheResidualStream() throws {
    let split = try deployed("llama-3-70b") { $0.pipeline = 4 }
    #expect(sent(split, .stageSend, .prefill(batch: 2, inputLength: 1024)) == 2048 * 8192 * 2)
  }

  /// DeepSeek V3 over two nodes of eight: a prompt's token leaves its node in a copy of h · (1 + 4/128) bytes, less those whose
  /// four of eight groups are all at home (one in seventy) or whose experts are (0.963 of all), 29.15 MB of 4,096 tokens, and comes back in 16
  /// bits; single tokens go eight times, half of which stay at home.
  @Test func tokensTravelToExperts() throws {
    let split = try deployed("deepseek-v3") { ($0.data, $0.expert) = (16, 16) }
    let layers = 58.0
    let prompt = Workload.prefill(batch: 16, inputLength: 4096)
    let dispatch = sent(split, .expertDispatch, prompt) / layers
    #expect(abs(dispatch / 29.15e6 - 1) < 0.001, "\(dispatch)")
    let ratio = sent(split, .expertCombine, prompt) / layers / dispatch
    #expect(abs(ratio - 2 / (1 + 4.0 / 128)) < 1e-12)
    let step = Workload.decode(batch: 16 * 128, contextLength: 1024)
    let single = sent(split, .expertDispatch, step) / layers
    #expect(abs(single / (7.57e6 / 2) - 1) < 0.002, "\(single)")
  }

  /// Computing hides messages up to the stated share, never more than there is of either, and what links do stays.
  @Test(arguments: [0.0, 0.3, 1.0])
  func overlapIsAStatedShare(share: Double) throws {
    let pass = Workload.prefill(batch: 1, inputLength: 8192)
    let plain = try deployed("llama-3-70b") { $0.tensor = 8 }
    let other = try deployed("llama-3-70b") { ($0.tensor, $0.overlap) = (8, share) }
    let (before, after) = (plain.totals(pass), other.totals(pass))
    #expect(after.sentBytes == before.sentBytes)
    #expect(after.floor.roofs[Bound.link.index] == before.floor.roofs[Bound.link.index])
    let messages = before.secondsByBound[Bound.link.index]
    #expect(after.seconds <= before.seconds && after.seconds >= before.seconds - share * messages)
    if share > 0 { #expect(after.seconds < before.seconds) } else { #expect(after == before) }
  }

  /// Over PCIe without peer access messages bind the pass, and its bound says so.
  @Test func theLinkBinds() throws {
    let split = try deployed("llama-3-8b", "rtx-4090") { $0.tensor = 8 }
    let totals = split.totals(.prefill(batch: 8, inputLength: 4096))
    #expect(totals.bound == .link)
    #expect(totals.floor.by == .link)
  }

  /// Any split of any model, sequences shared and experts dealt out at random: with one rank of each it is the device; no
  /// rank sends where one stands alone; sums by roofline are those of the operators; all ranks together hold the whole.
  @Test func randomSplits() throws {
    let profile = try Catalogue.hardware("h100-sxm")
    var generator = SplitMix64(seed: 230)
    var tried = 0
    while tried < 60 {
      let model = RandomSpecs.model(generator.next())
      var split = Split()
      split.tensor = 1 << (generator.next() % 3)
      split.context = 1 << (generator.next() % 3)
      split.data = 1 << (generator.next() % 3)
      split.pipeline = Int(generator.next() % 3) + 1
      split.expert = 1 << (generator.next() % 5)
      split.attentionData = 1 << (generator.next() % 3)
      split.contextForm = ContextForm.allCases[Int(generator.next() % 3)]
      if (try? split.check(for: model)) == nil { continue }
      tried += 1
      let plan = PrecisionPlan(uniform: .bf16)
      let deployed = try DeployedModel(
        model, on: profile, precision: plan, split: split,
        cluster: Cluster(devices: split.devices, of: profile), links: try Catalogue.links())
      let alone = try Evaluator(model: model, profile: profile, precision: plan)
      for pass in [
        Workload.prefill(batch: 64, inputLength: 1024), .decode(batch: 64, contextLength: 2048),
      ] {
        var flops = 0.0
        for stage in deployed.stages {
          let totals = stage.totals(pass)
          let sums = stage.analyze(pass, by: stage.evaluator.roofline)
          #expect(abs(sums.totals.seconds / totals.seconds - 1) < 1e-12)
          #expect(abs(sums.totals.sentBytes - totals.sentBytes) <= 1e-9 * totals.sentBytes)
          #expect(totals.sentBytes.isFinite && totals.sentBytes >= 0)
          if split.devices == 1 { #expect(totals == alone.totals(pass)) }
          flops += totals.matmulFLOPs * Double(stage.count * split.devices / split.pipeline)
        }
        #expect(flops >= alone.totals(pass).matmulFLOPs * (1 - 1e-9), "\(split)")
        let held = deployed.stages.reduce(0) {
          $0 + $1.evaluator.model.weightBytes($1.evaluator.precision)
            * Double($1.count * split.devices / split.pipeline)
        }
        #expect(held >= model.weightBytes(plan) * (1 - 1e-9), "\(split)")
      }
    }
  }
}
