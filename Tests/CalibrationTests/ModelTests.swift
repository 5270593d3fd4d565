import CostModel
import Specs
import Testing

@testable import Calibration

/// What the kernels' formulas say of the world, at parameters of any calibration.
@Suite struct ModelTests {
  static func device() throws -> DeviceQuantities {
    try #require(DeviceQuantities(Catalogue.hardware("h100-sxm")))
  }

  static func model(_ kernel: Kernel, dtype: String = "bfloat16", cache: String = "") -> any KernelModel {
    KernelModels.model(
      for: RunGroup(kernel: kernel, framework: "f", version: "1", dtype: dtype, cacheDtype: cache))
  }

  /// Usual parameters, some of them replaced.
  static func usual(_ model: any KernelModel, _ changed: [String: Double] = [:]) -> [Double] {
    model.parameters.map { changed[$0.name] ?? $0.initial }
  }

  static func seconds(
    _ model: any KernelModel, _ shape: KernelShape, _ changed: [String: Double] = [:]
  ) throws -> Double {
    model.seconds(usual(model, changed), [shape], on: try device())[0]
  }

  static func product(_ m: Double, _ n: Double, _ k: Double) -> KernelShape {
    var shape = KernelShape()
    (shape.m, shape.n, shape.k) = (m, n, k)
    return shape
  }

  /// Usual values lie inside their bounds, and every time is positive and finite, at both ends of them too.
  @Test(arguments: Kernel.allCases)
  func timesArePositiveWithinBounds(kernel: Kernel) throws {
    let model = Self.model(kernel, cache: "fp8")
    for parameter in model.parameters {
      #expect(parameter.low < parameter.high, "\(parameter.name)")
      #expect(parameter.low <= parameter.initial && parameter.initial <= parameter.high, "\(parameter.name)")
      if parameter.name.hasSuffix("efficiency") { #expect(parameter.high <= 1) }
    }
    var shape = KernelShape()
    (shape.m, shape.n, shape.k) = (33, 4096, 4096)
    (shape.batch, shape.queries, shape.keys, shape.heads, shape.keyValueHeads) = (3, 700, 700, 32, 8)
    (shape.headDim, shape.experts, shape.topK, shape.hidden, shape.intermediate) = (128, 8, 2, 4096, 14_336)
    (shape.tokens, shape.ranks, shape.messageBytes, shape.window) = (17, 4, 1e6, 512)
    (shape.weights, shape.weightBytes) = (8e9, 16e9)
    for values in [
      model.parameters.map(\.low), model.parameters.map(\.initial), model.parameters.map(\.high),
    ] {
      let time = model.seconds(values, [shape], on: try Self.device())[0]
      #expect(time > 0 && time.isFinite, "\(kernel) \(time)")
    }
  }

  /// 132 tiles of 128 × 256 fill a device of 132 cores; a row more starts another row of tiles.
  @Test func anotherWaveOfTilesCosts() throws {
    let model = Self.model(.gemm)
    let changed = ["wave_share": 1.0, "split_seconds": 3e-5]
    let full = try Self.seconds(model, Self.product(11 * 128, 12 * 256, 8192), changed)
    let over = try Self.seconds(model, Self.product(11 * 128 + 1, 12 * 256, 8192), changed)
    #expect(over / full > 1.15 && over / full < 2, "\(over / full)")
  }

  /// One row and long inputs make too few tiles for the cores: parts of the inputs fill them.
  @Test func splitInputsFillTheCores() throws {
    let model = Self.model(.gemm)
    let shape = Self.product(1, 1024, 16_384)
    let split = try Self.seconds(model, shape, ["split_seconds": 1e-7])
    let whole = try Self.seconds(model, shape, ["split_seconds": 3e-5])
    #expect(whole / split > 1.3, "\(whole / split)")
    // Narrow formats never split, and quantise first.
    #expect(!Self.model(.gemm, dtype: "fp8").parameters.map(\.name).contains("split_seconds"))
  }

  /// 2 × 132 blocks are on their cores at once, however few rows there are; one more waits for a second wave.
  @Test func rowsComeInWavesOfBlocks() throws {
    let model = Self.model(.rmsNorm, dtype: "float16")
    let changed = ["wave_share": 1.0, "cached_bytes_per_clock": 64]
    let one = try Self.seconds(model, Self.product(1, 0, 8192), changed)
    let full = try Self.seconds(model, Self.product(264, 0, 8192), changed)
    let over = try Self.seconds(model, Self.product(265, 0, 8192), changed)
    #expect(full / one < 1.15 && over / full > 1.5, "\(one) \(full) \(over)")
  }

  /// A kernel that never splits walks a single long cache on one core.
  @Test func unsplitDecodeWaitsForItsLongestRun() throws {
    let model = Self.model(.attentionDecode, cache: "bfloat16")
    var shape = KernelShape()
    (shape.batch, shape.keys, shape.heads, shape.keyValueHeads, shape.headDim) = (1, 65_536, 1, 1, 128)
    let never = try Self.seconds(model, shape, ["join_seconds": 2e-2, "core_bytes_per_clock": 16])
    let device = try Self.device()
    let run = 65_536.0 * 2 * 128 * 2
    #expect(abs(never / (run / (16 * device.clock)) - 1) < 0.25, "\(never)")
    let split = try Self.seconds(model, shape, ["join_seconds": 1e-6, "core_bytes_per_clock": 16])
    #expect(never / split > 10, "\(never / split)")
    // Twice the sequences on idle cores take no longer.
    var two = shape
    two.batch = 2
    #expect(
      try Self.seconds(model, two, ["join_seconds": 2e-2, "core_bytes_per_clock": 16]) / never < 1.05)
  }

  /// Grouped heads of several sequences and cached heads come out of order; a kernel that sorts them out adds its time.
  @Test func groupedOutputsArePutInOrder() throws {
    let model = Self.model(.attentionDecode, cache: "bfloat16")
    func cost(batch: Double, heads: Double, stored: Double) throws -> Double {
      var shape = KernelShape()
      (shape.batch, shape.keys, shape.heads, shape.keyValueHeads, shape.headDim) = (
        batch, 1024, heads, stored, 128
      )
      return try Self.seconds(model, shape, ["regroup_seconds": 2e-5])
        - Self.seconds(model, shape, ["regroup_seconds": 1e-8])
    }
    #expect(abs(try cost(batch: 4, heads: 32, stored: 8) - 1.999e-5) < 1e-9)
    for (batch, heads, stored) in [(1.0, 32.0, 8.0), (4, 32, 32), (4, 32, 1)] {
      #expect(try cost(batch: batch, heads: heads, stored: stored) == 0, "\(batch) \(heads) \(stored)")
    }
  }

  /// 32 tokens of 8 experts each out of 256: dealt in turn they touch them all, chosen at random
  /// 1 − (1 − 8/256)³² of them.
  @Test func dealtTokensTouchMoreExperts() throws {
    let model = Self.model(.mixture)
    var shape = KernelShape()
    (shape.experts, shape.topK, shape.hidden, shape.intermediate, shape.tokens) = (256, 8, 6144, 2048, 32)
    let random = try Self.seconds(model, shape, ["launch_seconds": 1e-6])
    shape.dealt = true
    let dealt = try Self.seconds(model, shape, ["launch_seconds": 1e-6])
    #expect(abs(random / dealt / 0.638 - 1) < 0.02, "\(random / dealt)")
  }

  /// The data sheet's peak of each format, however it is spelled.
  @Test(arguments: [
    ("bfloat16", 989.4e12), ("float16", 989.4e12), ("fp8", 1978.9e12), ("fp8_block", 1978.9e12),
    ("float32", 66.9e12), ("int8", 1978.9e12), ("nvfp4", 1978.9e12),
  ])
  func peaksAreThoseOfTheFormat(dtype: String, peak: Double) throws {
    #expect(abs(try Self.device().peak(dtype) / peak - 1) < 1e-12)
  }

  /// A device of the same cores and clock with more bandwidth changes only what waits for far memory.
  @Test func moreBandwidthHelpsOnlyBytes() throws {
    let model = Self.model(.gemm)
    let h100 = try Self.device()
    let h200 = try #require(DeviceQuantities(Catalogue.hardware("h200-sxm")))
    let values = Self.usual(model)
    func ratio(_ shape: KernelShape) -> Double {
      model.seconds(values, [shape], on: h100)[0] / model.seconds(values, [shape], on: h200)[0]
    }
    #expect(abs(ratio(Self.product(16_384, 16_384, 8192)) - 1) < 0.02)
    let gain = ratio(Self.product(8, 65_536, 16_384))
    #expect(gain > 1.3 && gain < h200.farBandwidth / h100.farBandwidth + 0.01, "\(gain)")
  }
}
