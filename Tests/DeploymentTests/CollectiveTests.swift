import Basics
import CostModel
import Deployment
import Specs
import Testing

/// What ranks send, and how long that takes beside what was measured and published.
@Suite struct CollectiveTests {
  private static func times(_ device: String, ranks: Double, near: Double) throws -> CollectiveTimes {
    try #require(
      CollectiveTimes(
        RankGroup(ranks: ranks, near: near), over: try Catalogue.hardware(device).fabric,
        by: try Catalogue.links()))
  }

  /// Thakur et al. 2005; nccl-tests, PERFORMANCE.md.
  @Test func bytesOfARing() {
    #expect(Collective.allReduce.sent(800, ranks: 8) == 1400)
    #expect(Collective.allGather.sent(800, ranks: 8) == 700)
    #expect(Collective.reduceScatter.sent(800, ranks: 4) == 600)
    #expect(Collective.allToAll.sent(800, ranks: 2) == 400)
    #expect(Collective.sendReceive.sent(800, ranks: 2) == 800)
    for operation in Collective.allCases { #expect(operation.sent(800, ranks: 1) == 0) }
  }

  /// Device, ranks, ranks of a node, operation, bytes, microseconds as published: stas00/ml-engineering (B200), NCCL's own
  /// tests on H100 (8 GPUs: 470 GB/s of bus bandwidth at 1 GiB, in the switch).
  @Test(arguments: [
    ("b200", 8.0, 8.0, Collective.allReduce, 1_073_741_824.0, 2577.0, 0.1),
    ("b200", 32, 8, .allReduce, 4_294_967_296, 22053, 0.05),
    ("h100-sxm", 8, 8, .allReduce, 1_073_741_824, 4001, 0.1),
    ("h100-sxm", 80, 8, .allToAll, 1_073_741_824, 21160, 0.05),
  ])
  func publishedTimes(
    device: String, ranks: Double, near: Double, operation: Collective, bytes: Double, microseconds: Double,
    tolerance: Double
  ) throws {
    let seconds = try Self.times(device, ranks: ranks, near: near).seconds(operation, bytes: bytes)
    #expect(abs(seconds * 1e6 / microseconds - 1) < tolerance, "\(seconds * 1e6)")
  }

  /// Nothing beats the wire, more bytes never take less except where a library changes its protocol, one rank is silent.
  @Test(arguments: ["h100-sxm", "a100-sxm-80gb", "b200"])
  func shapesOfTheLaw(device: String) throws {
    for operation in Collective.allCases {
      for (ranks, near) in [(2.0, 8.0), (8, 8), (64, 8)] {
        let times = try Self.times(device, ranks: ranks, near: near)
        var last = 0.0
        for exponent in 0..<32 {
          let bytes = Double(1 << exponent)
          let seconds = times.seconds(operation, bytes: bytes)
          #expect(seconds >= times.floor(operation, bytes: bytes))
          #expect(seconds > last * 0.7)
          last = seconds
        }
      }
      #expect(try Self.times(device, ranks: 1, near: 8).seconds(operation, bytes: 1e9) == 0)
    }
  }

  /// An all-to-all does not gain by hierarchy: what leaves a node leaves it through one's own port.
  @Test func exchangesBetweenNodesAreSlow() throws {
    let times = try Self.times("h100-sxm", ranks: 80, near: 8)
    #expect(times.seconds(.allToAll, bytes: 1e9) > 4 * times.seconds(.allGather, bytes: 1e9))
  }

  /// Eight of 256 experts over two, four and eight nodes (DeepSeek-V3).
  @Test(arguments: [(1.0, 1.0), (2, 1.9926), (4, 3.61), (8, 5.29)])
  func nodesReached(nodes: Double, expected: Double) {
    let reached = ExpertTimes.reached(parts: nodes, experts: 256, chosen: 8)
    #expect(abs(reached - expected) < 0.01)
  }

  /// Where a token may use four of eight groups, it reaches four of eight nodes at most, one of one, and drawing sets one by
  /// one says the same.
  @Test(arguments: [2.0, 4, 8, 16])
  func nodesReachedWithinALimit(nodes: Double) {
    let limit = GroupLimit(groups: 8, perToken: 4)
    let reached = ExpertTimes.reached(parts: nodes, experts: 64, chosen: 6, limit: limit)
    var generator = SplitMix64(seed: 8)
    var sum = 0
    let draws = 20_000
    for _ in 0..<draws {
      let groups = (0..<8).shuffled(using: &generator).prefix(4)
      let experts = groups.flatMap { group in (0..<8).map { 8 * group + $0 } }.shuffled(using: &generator)
      sum += Set(experts.prefix(6).map { $0 * Int(nodes) / 64 }).count
    }
    #expect(abs(reached / (Double(sum) / Double(draws)) - 1) < 0.01, "\(reached)")
    #expect(reached < ExpertTimes.reached(parts: nodes, experts: 64, chosen: 6))
  }

  /// A combine in 16 bits takes twice a dispatch in 8; few tokens are cheaper one by one, many are not.
  @Test func expertsAreReachedBothWays() throws {
    let profile = try Catalogue.hardware("h100-sxm")
    let times = try #require(
      ExpertTimes(RankGroup(ranks: 16, near: 8), over: profile.fabric, by: try Catalogue.links()))
    func seconds(_ way: ExpertTimes.Way, _ kernel: ExpertTimes.Kernel, _ tokens: Double) -> Double {
      times.seconds(
        way, kernel, tokens: tokens, rowBytes: way == .combine ? 14336 : 7392, experts: 256, chosen: 8)
    }
    let many = seconds(.combine, .normal(cores: 20), 16384) / seconds(.dispatch, .normal(cores: 20), 16384)
    #expect((1.8...2.6).contains(many))
    #expect(seconds(.dispatch, .lowLatency, 8) < seconds(.dispatch, .normal(cores: 20), 8))
    #expect(seconds(.dispatch, .lowLatency, 8192) > seconds(.dispatch, .normal(cores: 20), 8192))
  }
}
