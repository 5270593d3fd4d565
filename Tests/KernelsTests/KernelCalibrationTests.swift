import CostModel
import Kernels
import Specs
import Testing

@Suite struct KernelCalibrationTests {
  /// Where the core and memory both count, so that their shares can be told apart.
  private static var profile: HardwareProfile {
    var profile = HardwareProfileFixture.slowCompute
    profile.levels[0].bytesPerSecond = 1
    return profile
  }

  /// As slow as half of the core's rate and a quarter of the bandwidth make it.
  private static func seconds(_ ideal: KernelPrediction) -> Double {
    ideal.coreSeconds / 0.5 + ideal.memorySeconds / 0.25
  }

  private static func run(_ m: Int, _ n: Int, _ k: Int) throws -> (
    kernel: any Kernel, seconds: Double, profile: HardwareProfile
  ) {
    let kernel = GemmKernel(m: m, n: n, k: k)
    let ideal = try #require(KernelPrediction(kernel, on: profile, warm: true))
    return (kernel, seconds(ideal), profile)
  }

  @Test func sharesAreFoundAndCarryOverToOtherShapes() throws {
    let runs = try [(8, 64, 64), (64, 32, 96), (16, 128, 32), (96, 96, 16)].map(Self.run)
    let calibration = KernelCalibration(runs)
    let other = try #require(KernelPrediction(GemmKernel(m: 40, n: 80, k: 50), on: Self.profile, warm: true))
    let got = try #require(calibration.seconds("gemm", other))
    #expect(abs(got / Self.seconds(other) - 1) < 0.03)
  }

  @Test func tooFewRunsSayNothing() throws {
    let runs = try [Self.run(8, 8, 8), Self.run(16, 8, 8)]
    #expect(KernelCalibration(runs).shares.isEmpty)
  }

  @Test func shapesToCalibrateWithAreNotThoseThatAreJudged() throws {
    let judged = try ["llama-3-8b", "mistral-7b", "gpt-2"].flatMap {
      Grid.layer(try Catalogue.model($0), tokens: 128, context: 2048).map { "\($0.name) \($0.shape)" }
    }
    #expect(Set(judged).isDisjoint(with: Grid.calibration.map { "\($0.name) \($0.shape)" }))
    let named = Set(Grid.calibration.map(\.name))
    #expect(named.isSuperset(of: ["gemm", "gemv", "attention-flash", "decode", "layer", "layer-decode"]))
  }

  /// Fits need so many of a class and format at least, whatever their parameters.
  @Test func theGridHasEnoughOfEveryClass() {
    let classes = Dictionary(grouping: Grid.runs) { "\($0.measured.kernel) \($0.formats.stored.name)" }
    #expect(classes.keys.contains("moe fp32") && classes.keys.contains("residual_add fp32"))
    #expect(classes.allSatisfy { $0.value.count >= 12 }, "\(classes.mapValues(\.count))")
    #expect(classes["attention_decode fp32"]?.count ?? 0 >= 34 && classes["moe fp32"]?.count ?? 0 >= 14)
  }
}
