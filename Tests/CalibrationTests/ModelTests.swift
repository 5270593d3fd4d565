import CostModel
import Specs
import Testing

@testable import Calibration

/// What the kernels' formulas say of the world, at parameters of any calibration.
@Suite struct ModelTests {
  static func device() throws -> DeviceQuantities {
    try #require(DeviceQuantities(Catalogue.hardware("h100-sxm")))
  }

  static func group(_ kernel: KernelClass, _ format: NumberFormat = .bf16, cache: NumberFormat? = nil)
    -> RunGroup
  {
    RunGroup(
      kernel, Framework("f"), version: "1", format: RunFormat(format),
      cache: cache.map { RunFormat($0) } ?? .silent)
  }

  /// By usual parameters, some of them changed.
  static func seconds<Model: KernelModel>(
    _ model: Model.Type, _ group: RunGroup, _ shape: RunShape,
    _ change: (inout Model.Parameters) -> Void = { _ in }
  ) throws -> Double {
    var parameters = Model.Parameters()
    change(&parameters)
    return model.seconds(parameters, [shape], for: group, on: try device())[0]
  }

  static func product(_ m: Double, _ n: Double, _ k: Double) -> RunShape { FitTests.product(m, n, k) }

  static func attention(
    _ sequences: Double, keys: Double, heads: Double, stored: Double, queries: Double = 1
  ) -> RunShape {
    RunShape(
      .attention(
        AttentionCall(
          sequences: sequences, queries: queries, prefix: keys - queries, heads: heads, storedHeads: stored,
          keyWidth: 128, valueWidth: 128)))
  }

  static func shape(_ kernel: KernelClass) -> RunShape {
    var shape = kernel.emptyShape
    switch kernel {
    case .gemm: return product(33, 4096, 4096)
    case .attentionPrefill, .latentPrefill: return attention(3, keys: 700, heads: 32, stored: 8, queries: 700)
    case .attentionDecode, .latentDecode:
      shape = attention(3, keys: 700, heads: 32, stored: 8)
      shape.attention.window = 512
    case .mixture:
      shape.experts = ExpertsCall(
        tokens: 17, experts: 8, topK: 2, distinct: 0, hidden: 4096, expert: DenseSpec(intermediate: 14_336))
    case .batchedProduct:
      shape.product = ProductCall(rows: 33, outputs: 64, inputs: 128, copies: 12)
    case .rmsNorm, .siluMul, .rope, .residualAdd, .quantizeFP8, .softmax, .layerNorm, .elementwise:
      shape.rows.rows = 33
      shape.rows.width = 4096
    case .allReduce, .allGather, .reduceScatter, .allToAll: return RunShape(messageBytes: 1e6, ranks: 4)
    case .forwardPass:
      shape.pass = WholePass(passes: 3, tokens: 17, weights: 8e9, weightBytes: 16e9, keys: 700)
    }
    return shape
  }

  /// Usual values lie inside their bounds, and every time is positive and finite, at both ends of them too.
  @Test(arguments: KernelClass.allCases)
  func timesArePositiveWithinBounds(kernel: KernelClass) throws {
    let group = Self.group(kernel, cache: .fp8)
    for parameter in group.parameters {
      #expect(parameter.low < parameter.high, "\(parameter.name)")
      #expect(parameter.low <= parameter.initial && parameter.initial <= parameter.high, "\(parameter.name)")
      if parameter.name.hasSuffix("efficiency") { #expect(parameter.high <= 1) }
    }
    for path in [\Parameter.low, \.initial, \.high] {
      let time = KernelModels.model(for: group).seconds(
        group.parameters.map { $0[keyPath: path] }, [Self.shape(kernel)], for: group, on: try Self.device())[
          0]
      #expect(time > 0 && time.isFinite, "\(kernel) \(time)")
    }
  }

  /// Every dimension of a class is read, ordered by and told apart by: what one run has and another has not gives them
  /// different keys, and far places.
  @Test(arguments: KernelClass.allCases)
  func dimensionsTellRunsApart(kernel: KernelClass) throws {
    let group = Self.group(kernel)
    let shape = Self.shape(kernel)
    for dimension in Dimension.all(of: kernel) {
      var other = shape
      other[keyPath: dimension.path] =
        shape[keyPath: dimension.path] == 0 ? 1 : shape[keyPath: dimension.path] * 2
      let (a, b) = (
        Run(gpu: "g", group: group, shape: shape, seconds: 1),
        Run(gpu: "g", group: group, shape: other, seconds: 1)
      )
      #expect(a.orderKey != b.orderKey, "\(dimension.column)")
      #expect(
        (a.family != b.family) == dimension.isFamily || dimension.column == .queries, "\(dimension.column)")
      let distance = ShapePlace(shape, of: kernel).distance(to: ShapePlace(other, of: kernel))
      #expect(dimension.nearness == nil || distance > 0.1, "\(dimension.column)")
    }
    #expect(Set(Dimension.all(of: kernel).map(\.column)).count == Dimension.all(of: kernel).count)
  }

  /// 132 tiles of 128 × 256 fill a device of 132 cores; a row more starts another row of tiles.
  @Test func anotherWaveOfTilesCosts() throws {
    func seconds(_ m: Double) throws -> Double {
      try Self.seconds(MatrixProductModel.self, Self.group(.gemm), Self.product(m, 12 * 256, 8192)) {
        $0.tile.waveShare = 1
        $0.splitSeconds = 3e-5
      }
    }
    let over = try seconds(11 * 128 + 1) / seconds(11 * 128)
    #expect(over > 1.15 && over < 2, "\(over)")
  }

  /// One row and long inputs make too few tiles for the cores: parts of the inputs fill them.
  @Test func splitInputsFillTheCores() throws {
    func seconds(_ joining: Double) throws -> Double {
      try Self.seconds(MatrixProductModel.self, Self.group(.gemm), Self.product(1, 1024, 16_384)) {
        $0.splitSeconds = joining
      }
    }
    #expect(try seconds(3e-5) / seconds(1e-7) > 1.3)
    // Narrow formats never split, and quantize first.
    #expect(!Self.group(.gemm, .fp8).parameters.map(\.name).contains("split_seconds"))
  }

  /// 2 × 132 blocks are on their cores at once, however few rows there are; one more waits for a second wave.
  @Test func rowsComeInWavesOfBlocks() throws {
    func seconds(_ rows: Double) throws -> Double {
      let call = RowsCall(.norm, rows: rows, readWidth: 8192, writeWidth: 8192, flopsPerElement: 4)
      return try Self.seconds(RowwiseModel.self, Self.group(.rmsNorm, .fp16), RunShape(.rows(call))) {
        $0.waveShare = 1
        $0.cachedBytesPerClock = 64
      }
    }
    let (one, full, over) = (try seconds(1), try seconds(264), try seconds(265))
    #expect(full / one < 1.15 && over / full > 1.5, "\(one) \(full) \(over)")
  }

  /// A kernel that never splits walks a single long cache on one core.
  @Test func unsplitDecodeWaitsForItsLongestRun() throws {
    func seconds(_ sequences: Double, joining: Double) throws -> Double {
      try Self.seconds(
        DecodeModel.self, Self.group(.attentionDecode, cache: .bf16),
        Self.attention(sequences, keys: 65_536, heads: 1, stored: 1)
      ) {
        $0.joinSeconds = joining
        $0.coreBytesPerClock = 16
      }
    }
    let never = try seconds(1, joining: 2e-2)
    let run = 65_536.0 * 2 * 128 * 2
    #expect(abs(never / (run / (16 * (try Self.device().clock))) - 1) < 0.25, "\(never)")
    #expect(try never / seconds(1, joining: 1e-6) > 10)
    // Twice the sequences on idle cores take no longer.
    #expect(try seconds(2, joining: 2e-2) / never < 1.05)
  }

  /// Measured again and again, a cache that fits the shared level comes from there, one of many times its size from far
  /// memory, as in a pass.
  @Test func repeatedDecodeFindsItsCacheNearby() throws {
    let device = try #require(DeviceQuantities(try Catalogue.hardware("l40s")))
    var parameters = DecodeModel.Parameters()
    (parameters.coreBytesPerClock, parameters.launchSeconds) = (20, 1e-6)
    let model = DecodeModel(parameters, for: Self.group(.attentionDecode, cache: .bf16), on: device)
    func ratio(keys: Double) -> Double {
      let shape = Self.attention(8, keys: keys, heads: 32, stored: 8)
      return model.seconds(shape) / model.seconds(shape.attention)
    }
    // 32 MiB of the level's 96 MB, then 2 GiB; L40S's cores pull eight times what its memory gives.
    #expect(ratio(keys: 1024) < 0.7, "\(ratio(keys: 1024))")
    #expect(ratio(keys: 65_536) > 0.999 && ratio(keys: 65_536) <= 1)
  }

  /// Grouped heads of several sequences and cached heads come out of order; a kernel that sorts them out adds its time.
  @Test func groupedOutputsArePutInOrder() throws {
    func cost(batch: Double, heads: Double, stored: Double) throws -> Double {
      func seconds(_ regrouping: Double) throws -> Double {
        try Self.seconds(
          DecodeModel.self, Self.group(.attentionDecode, cache: .bf16),
          Self.attention(batch, keys: 1024, heads: heads, stored: stored)
        ) { $0.regroupSeconds = regrouping }
      }
      return try seconds(2e-5) - seconds(1e-8)
    }
    #expect(abs(try cost(batch: 4, heads: 32, stored: 8) - 1.999e-5) < 1e-9)
    for (batch, heads, stored) in [(1.0, 32.0, 8.0), (4, 32, 32), (4, 32, 1)] {
      #expect(try cost(batch: batch, heads: heads, stored: stored) == 0, "\(batch) \(heads) \(stored)")
    }
  }

  /// 32 tokens of 8 experts each out of 256: dealt in turn they touch them all, chosen at random
  /// 1 − (1 − 8/256)³² of them.
  @Test func dealtTokensTouchMoreExperts() throws {
    var shape = RunShape(
      .experts(
        ExpertsCall(
          tokens: 32, experts: 256, topK: 8, distinct: 0, hidden: 6144, expert: DenseSpec(intermediate: 2048))
      ))
    func seconds() throws -> Double {
      try Self.seconds(MixtureModel.self, Self.group(.mixture), shape) { $0.launchSeconds = 1e-6 }
    }
    let random = try seconds()
    shape.dealt = true
    #expect(abs(try random / seconds() / 0.638 - 1) < 0.02)
  }

  /// The data sheet's peak of each format, however it is spelled.
  @Test(arguments: [
    ("bfloat16", 989.4e12), ("float16", 989.4e12), ("fp8", 1978.9e12), ("fp8_block", 1978.9e12),
    ("float32", 66.9e12), ("int8", 1978.9e12), ("nvfp4", 1978.9e12),
  ])
  func peaksAreThoseOfTheFormat(format: String, peak: Double) throws {
    #expect(abs(try Self.device().peak(RunFormat(spelled: format).number) / peak - 1) < 1e-12)
  }

  /// A device of the same cores and clock with more bandwidth changes only what waits for far memory.
  @Test func moreBandwidthHelpsOnlyBytes() throws {
    let h100 = try Self.device()
    let h200 = try #require(DeviceQuantities(Catalogue.hardware("h200-sxm")))
    func ratio(_ shape: RunShape) -> Double {
      func seconds(_ device: DeviceQuantities) -> Double {
        MatrixProductModel(.init(), for: Self.group(.gemm), on: device).seconds(shape)
      }
      return seconds(h100) / seconds(h200)
    }
    #expect(abs(ratio(Self.product(16_384, 16_384, 8192)) - 1) < 0.02)
    let gain = ratio(Self.product(8, 65_536, 16_384))
    #expect(gain > 1.3 && gain < h200.farBandwidth / h100.farBandwidth + 0.01, "\(gain)")
  }
}
