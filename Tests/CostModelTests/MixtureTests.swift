import Basics
import CostModel
import RandomModels
import Testing

@Suite struct MixtureTests {
  @Test func expectedDistinctExperts() {
    #expect(MixtureSpec.expectedDistinct(experts: 256, topK: 8, tokens: 1) == 8)
    #expect(MixtureSpec.expectedDistinct(experts: 8, topK: 2, tokens: 1) == 2)
    let touched = MixtureSpec.expectedDistinct(experts: 256, topK: 8, tokens: 32)
    #expect(touched.rounded() == 163)
    #expect(MixtureSpec.expectedDistinct(experts: 8, topK: 8, tokens: 5) == 8)
  }

  /// Drawn by a router that picks k different experts: the closed form is its mean.
  @Test func expectationAgreesWithDraws() {
    var random = SplitMix64(seed: 7)
    let experts = 64, topK = 6, tokens = 20, rounds = 3000
    var sum = 0
    for _ in 0..<rounds {
      var touched = Set<Int>()
      for _ in 0..<tokens { touched.formUnion((0..<experts).shuffled(using: &random).prefix(topK)) }
      sum += touched.count
    }
    let mean = Double(sum) / Double(rounds)
    let formula = MixtureSpec.expectedDistinct(experts: 64, topK: 6, tokens: 20)
    #expect(abs(mean / formula - 1) < 0.005)
  }

  @Test(arguments: [0.0, 0.3, 1, 2], [(8, 2), (256, 8), (16, 1), (4, 4)])
  func sharesAreProbabilities(exponent: Double, shape: (Int, Int)) {
    let shares = RouterLoad.zipf(exponent: exponent).shares(experts: shape.0, topK: shape.1)
    #expect(abs(shares.reduce(0, +) - Double(shape.1)) < 1e-9)
    #expect(shares.allSatisfy { $0 > 0 && $0 <= 1 })
    #expect(zip(shares, shares.dropFirst()).allSatisfy { $0 >= $1 })
    if exponent == 0 { #expect(shares.allSatisfy { abs($0 - Double(shape.1) / Double(shape.0)) < 1e-9 }) }
  }

  @Test func measuredSharesKeepTheirProportions() {
    let shares = RouterLoad.measured([30, 10, 10, 10]).shares(experts: 4, topK: 1)
    let sixth: Double = 1.0 / 6.0
    #expect(shares == [0.5, sixth, sixth, sixth])
    // One expert that everybody chose: its share stops at 1, the rest is the others'.
    let capped = RouterLoad.measured([1000, 1, 1, 2]).shares(experts: 4, topK: 2)
    #expect(abs(capped[0] - 1) < 1e-12 && abs(capped.reduce(0, +) - 2) < 1e-9)
  }

  @Test func skewTouchesFewerAndHeatsOne() throws {
    let spec = MixtureSpec(experts: 8, topK: 2, expert: DenseSpec(intermediate: 64))
    let even = ExpertLoad(spec, load: .balanced, tokens: 8)
    let skewed = ExpertLoad(spec, load: .zipf(exponent: 1), tokens: 8)
    #expect(even.hottestOverMean == 1 && skewed.hottestOverMean > 2)
    #expect(skewed.distinct < even.distinct)
    #expect(ExpertLoad.rankImbalance(spec, load: .balanced, ranks: 4) == 1)
    #expect(
      ExpertLoad.rankImbalance(spec, load: .zipf(exponent: 1), ranks: 4)
        >= ExpertLoad.rankImbalance(spec, load: .zipf(exponent: 1), ranks: 4, balancedPlacement: true))
  }

  /// With c·mean rows a buffer, an even load drops what fluctuates above; a huge factor drops nothing.
  @Test func capacityDropsTheExcess() {
    var spec = MixtureSpec(experts: 64, topK: 2, expert: DenseSpec(intermediate: 64))
    spec.capacityFactor = 1
    let tight = ExpertLoad(spec, load: .balanced, tokens: 1024).dropped
    // Mean 32, deviation √(32·31/32) = 5.57: E[max(0, x)] = 0.3989·5.57 = 2.22 of 32.
    #expect(abs(tight - 0.0694) < 0.001)
    spec.capacityFactor = 4
    #expect(ExpertLoad(spec, load: .balanced, tokens: 1024).dropped < 1e-6)
  }

  /// Mixtral 8x7B against the dense model of its active size on an H100.
  @Test func mixtralCrossover() throws {
    let evaluator = try Evaluator(
      model: KnownModels.mixtral, profile: KnownModels.h100, precision: PrecisionPlan(uniform: .bf16))
    let twin = try #require(KnownModels.mixtral.denseTwin)
    let router: Double = 32 * 4096 * 8
    #expect(twin.parameters.total == KnownModels.mixtral.parameters.active - router)
    let crossing = try #require(ExpertCrossover(evaluator, contextLength: 2048))
    #expect(crossing.dearerFrom == 2)
    #expect(crossing.allTouchedFrom == 17)
    #expect(crossing.worstRatio > 2.5 && crossing.worstRatio < 4)
    let even = try #require(crossing.evenAgainFrom)
    // Where 2T/8 rows of an expert meet the ridge point of 295 FLOP/B: about T = 1,180.
    #expect(even > 590 && even < 2400)
  }
}
