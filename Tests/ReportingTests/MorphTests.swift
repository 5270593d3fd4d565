import Basics
import CostModel
import Specs
import Testing

@testable import Reporting

@Suite struct MorphTests {
  /// Pairs of catalogue models that a seed picks.
  static let pairs: [(String, String)] = {
    var random = SplitMix64(seed: 21)
    return (0..<12).map { _ in (random.pick(Catalogue.modelNames), random.pick(Catalogue.modelNames)) }
      + [("gpt-3-175b", "llama-3-70b"), ("llama-3-70b", "mixtral-8x7b"), ("mistral-7b", "mistral-7b")]
  }()

  private func evaluators(_ pair: (String, String)) throws -> (Evaluator, Evaluator) {
    let device = try Catalogue.hardware("h100-sxm")
    func evaluator(_ name: String) throws -> Evaluator {
      try Evaluator(model: Catalogue.model(name), profile: device, precision: PrecisionPlan(uniform: .bf16))
    }
    return (try evaluator(pair.0), try evaluator(pair.1))
  }

  /// The first model's figures and the shares, added in order, are the second model's to the last digit.
  @Test(arguments: pairs)
  func sharesAddUp(pair: (String, String)) throws {
    let (a, b) = try evaluators(pair)
    let decode = Workload.decode(batch: 4, contextLength: 1000)
    let shares = MechanismShares(
      from: a, to: b, prefill: .prefill(batch: 1, inputLength: 500), decode: decode)
    let sum = shares.shares.reduce(shares.from.lanes) { $0 + $1.figures.lanes }
    #expect(sum == shares.to.lanes, "\(pair)")
    #expect(shares.to.parameters == b.model.parameters.total, "\(pair)")
    #expect(shares.to.decodeBytes == b.totals(decode).traffic.total[0], "\(pair)")
    #expect(abs(shares.from.decodeSeconds / a.totals(decode).seconds - 1) < 1e-13, "\(pair)")
  }

  /// Turned round, every share changes its sign: no order is preferred.
  @Test func turnedRoundTheSharesAreOpposite() throws {
    let (a, b) = try evaluators(("llama-3-70b", "gpt-3-175b"))
    let (prefill, decode) = (
      Workload.prefill(batch: 1, inputLength: 500), Workload.decode(batch: 4, contextLength: 9)
    )
    let there = MechanismShares(from: a, to: b, prefill: prefill, decode: decode)
    let back = MechanismShares(from: b, to: a, prefill: prefill, decode: decode)
    #expect(there.shares.map(\.mechanism) == back.shares.map(\.mechanism))
    for (one, other) in zip(there.shares, back.shares) {
      let size = abs(there.to.parameters - there.from.parameters)
      #expect(abs(one.figures.parameters + other.figures.parameters) <= 2 + 1e-9 * size, "\(one.mechanism)")
    }
  }
}
