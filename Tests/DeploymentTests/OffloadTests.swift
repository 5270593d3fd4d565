import CostModel
import Deployment
import Specs
import Testing

/// Layers on a host or another device beside one: where bytes lie and what crosses, worked out by hand.
@Suite struct OffloadTests {
  private static let plan = {
    var plan = PrecisionPlan(uniform: .bf16)
    plan.weights = NumberFormat(name: "q4_k") ?? .bf16
    return plan
  }()

  private func offloaded(
    _ placement: Placement, beside host: String = "ryzen-7950x"
  ) throws -> OffloadedModel {
    let device = try Catalogue.hardware("rtx-4090")
    return try OffloadedModel(
      try Catalogue.model("llama-3-70b"), on: device, beside: try Catalogue.hardware(host),
      over: try #require(device.fabric.first { $0.name == "pcie" }), precision: Self.plan,
      placement: placement)
  }

  /// Llama 3 70B in 4 bits (144 bytes for 256 weights): a layer has 855,638,016 weights and two norms; a step reads them
  /// once on either side, with 4,097 tokens' keys and values of 8 heads of 128, and one row of 8,192 crosses each way.
  @Test func bytesOfAStep() throws {
    let pass = try offloaded(Placement(deviceLayers: 40)).pass(.decode(batch: 1, contextLength: 4096))
    let layer = 855_638_016.0 * 144 / 256
    let cache = 4097.0 * 2 * 8 * 128 * 2
    let device = try #require(pass.parts.first { $0.side == .device })
    #expect(abs(device.weightsBytes / (40 * layer) - 1) < 1e-3)
    #expect(device.cacheBytes == 40 * cache)
    #expect(abs(device.farBytes / (40 * (layer + cache)) - 1) < 0.01)
    let host = try #require(pass.parts.first { $0.side == .host })
    let head = 8192 * 128_256 * 2.0
    #expect(abs(host.farBytes / (40 * (layer + cache) + head) - 1) < 0.01)
    #expect(pass.busBytes == 2 * 8192 * 2)
    #expect(pass.crossings == 2)
  }

  /// The more layers the device has, the sooner a token is there, from all on the host to all on the device.
  @Test func moreLayersAreFaster() throws {
    let step = Workload.decode(batch: 1, contextLength: 4096)
    let seconds = try stride(from: 0, through: 81, by: 9).map {
      try offloaded(Placement(deviceLayers: $0)).pass(step).seconds
    }
    for (slow, fast) in zip(seconds, seconds.dropFirst()) { #expect(fast < slow) }
    let model = try Catalogue.model("llama-3-70b")
    let host = try Evaluator(
      model: model, profile: try Catalogue.hardware("ryzen-7950x"), precision: Self.plan)
    #expect(abs(seconds[0] / host.totals(step).seconds - 1) < 1e-9)
  }

  /// Two unlike devices are stages of one pipeline: each holds its layers, and no weight crosses, however long the prompt.
  @Test func twoUnlikeDevices() throws {
    let both = try offloaded(Placement(deviceLayers: 40), beside: "rtx-3090")
    let pass = both.pass(.prefill(batch: 1, inputLength: 4096))
    #expect(pass.fits)
    #expect(pass.parts.allSatisfy { $0.streamedBytes == 0 })
    #expect(pass.busBytes == 4096 * 8192 * 2 + 8192 * 2)
    #expect(pass.seconds(on: .host) > pass.seconds(on: .device))
  }
}
