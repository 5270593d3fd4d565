import CostModel
import Specs
import Testing

@testable import Kernels

/// A clock is heard only where it is steady.
@Suite struct NoiseTests {
  /// Repeats as multiples of what is predicted.
  static func run(_ ratios: [Double], error: Double = 0) throws -> Bench.Run {
    let kernel = GemmKernel(m: 8, n: 8, k: 8)
    let predicted = try #require(
      KernelPrediction(kernel, on: HardwareProfileFixture.slowCompute, warm: true)
    ).seconds
    return Bench.Run(
      kernel: kernel, threads: 1, warm: try #require(Sample(ratios.map { $0 * predicted })), coldSeconds: 1,
      error: error, checked: true, farBytesPerSecond: 1, bytes: [])
  }

  static func time(_ run: Bench.Run, _ noise: Noise) throws -> Crosscheck.Time {
    try #require(
      Crosscheck.time(run, on: HardwareProfileFixture.slowCompute, datasheet: nil, noise: noise))
  }

  static let quiet = Noise(compute: 1.05, memory: 1.1, farBytesPerSecond: 40e9, load: 0)
  static let loud = Noise(compute: 1.05, memory: 2, farBytesPerSecond: 40e9, load: 8)

  @Test func whatIsOffDisagreesOnlyWhereTheMachineIsQuiet() throws {
    let slow = try Self.run([10, 10.1, 10.2])
    let judged = try Self.time(slow, Self.quiet)
    #expect(judged.disagrees && Crosscheck.verdict([], [judged]) == .disagree)
    let heard = try Self.time(slow, Self.loud)
    #expect(!heard.disagrees && !heard.judged && Crosscheck.verdict([], [heard]) == .notJudged)
    let exact = try Self.time(try Self.run([1, 1.01, 1.02]), Self.quiet)
    #expect(exact.judged && Crosscheck.verdict([], [exact]) == .agree)
  }

  @Test func repeatsFarApartAreNotJudged() throws {
    let time = try Self.time(try Self.run([10, 20, 30]), Self.quiet)
    #expect(!time.judged && !time.disagrees && time.flags == [.unsteady(Crosscheck.mostSpread)])
  }

  @Test func aWrongResultIsWrongHoweverLoudItIs() throws {
    let time = try Self.time(try Self.run([1], error: 0.1), Self.loud)
    #expect(time.disagrees && Crosscheck.verdict([], [time]) == .disagree)
  }

  /// Memory that gave 40 GB/s before and 60 after was not steady, however close each one's repeats lay.
  @Test func whatChangedInBetweenIsLoud() {
    var after = Self.quiet
    after.farBytesPerSecond = 60e9
    let both = Self.quiet.louder(of: after)
    #expect(both.isTooLoud && both.memory == 1.5 && both.farBytesPerSecond == 60e9)
  }
}
